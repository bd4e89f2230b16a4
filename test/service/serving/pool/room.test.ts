import { afterEach, describe, expect, test } from "@jest/globals";
import { createWorld, inState, memoryOf, never } from "./pool-world.ts";
import type { WorldOptions } from "./pool-world.ts";

const gigabyte = 1e9;
let world: ReturnType<typeof createWorld>;
const open = (options?: WorldOptions) => (world = createWorld(options));
const lease = (target: ReturnType<typeof world.add>, client = "") =>
  world.pool.ensureReady({ ...target, client }, never);
const use = async (target: ReturnType<typeof world.add>) => (await lease(target)).release();
const running = () => world.pool.loaded().flatMap(({ model, state }) => (state === "ready" ? [model] : []));
afterEach(() => world.end());

describe("a load", () => {
  test("is refused with the numbers where nothing that may go makes room for it", async () => {
    open();
    const pinned = world.add("pinned", 7 * gigabyte, { lifecycle: { pinned: true } });
    await use(pinned);
    const refused = await lease(world.add("large", 6 * gigabyte)).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "insufficient_memory",
      message:
        "own/large needs 6.0 GB of memory, and 5.0 GB of 12.0 GB can be had. Stop own/pinned (7.0 GB), or choose a smaller model.",
      details: {
        ...{ neededBytes: 6 * gigabyte, limitBytes: 12 * gigabyte, roomBytes: 5 * gigabyte },
        ...{ stop: [{ profile: "own/pinned", model: "own/pinned", bytes: 7 * gigabyte }] },
        forecast: { source: "predicted", weights: 6 * gigabyte, kv: 0, overhead: 0 },
      },
    });
    await expect(
      world.pool.start(world.add("larger", 13 * gigabyte).profile, "main", { wait: false, signal: never }),
    ).rejects.toMatchObject({ code: "insufficient_memory", message: expect.stringContaining("shorter context") });
    expect(world.pool.list({ limit: 9 }).items.map(({ model }) => model)).toEqual(["own/pinned"]);
  });

  test("takes the room of the least recently used server, whose row says for whom", async () => {
    open();
    const a = world.add("a", 5 * gigabyte);
    const b = world.add("b", 5 * gigabyte);
    const c = world.add("c", 5 * gigabyte);
    await use(a);
    await use(b);
    await use(a);
    await use(c);
    expect(running()).toEqual(["own/a", "own/c"]);
    const evicted = world.pool.list({ limit: 9, running: false }).items;
    expect(evicted).toMatchObject([
      {
        model: "own/b",
        state: "evicted",
        endedBecause: "Unloaded to make room for own/c.",
        lastError: null,
        reservedBytes: 0,
      },
    ]);
    expect(world.pool.loaded().map(({ reservedBytes }) => reservedBytes)).toEqual([5 * gigabyte, 5 * gigabyte]);
  });

  test("waits for the room of a server that works, and never cuts it off", async () => {
    open();
    const a = world.add("a", 8 * gigabyte);
    const b = world.add("b", 8 * gigabyte);
    const working = await lease(a);
    const phases: string[] = [];
    const waiting = world.pool.ensureReady(b, never, ({ phase }) => phases.push(phase));
    await world.event(inState("queued", ({ model }) => model === "own/b"));
    expect(world.pool.loaded()).toMatchObject([
      { model: "own/a", state: "ready", inFlight: 1 },
      { model: "own/b", state: "queued", waiting: 1, reservedBytes: 0 },
    ]);
    working.release();
    await waiting;
    expect(running()).toEqual(["own/b"]);
    expect([phases[0], phases.includes("loading")]).toEqual(["queued", true]);
  });

  test("by a profile with a pin keeps its place, and gives it back when the pin is taken away", async () => {
    open();
    const [a, b] = [world.add("a", 8 * gigabyte, { lifecycle: { pinned: true } }), world.add("b", 8 * gigabyte)];
    await use(a);
    expect(world.pool.loaded()[0]).toMatchObject({ pinned: true });
    await expect(use(b)).rejects.toMatchObject({ code: "insufficient_memory" });
    world.events.publish("profile.changed", { ...a.profile, lifecycle: {}, batching: { on: true, reason: null } });
    await use(b);
    expect(running()).toEqual(["own/b"]);
  });

  test("counts what other programs hold where the machine tells it", async () => {
    const memory = { ...memoryOf(3 * gigabyte), method: "MemAvailable" };
    open({ replace: { machine: { memory: () => memory } } });
    await expect(lease(world.add("a", 4 * gigabyte))).rejects.toMatchObject({
      code: "insufficient_memory",
      details: { roomBytes: 3 * gigabyte },
    });
  });
});

describe("a request", () => {
  test("that comes while its model is unloaded waits, and gets a new server", async () => {
    open({ flags: { ignoreSigterm: true, ignoreStop: true }, settings: { stopGraceSeconds: 0.2 } });
    const a = world.add("a", 8 * gigabyte);
    const b = world.add("b", 8 * gigabyte);
    await use(a);
    const swapped = lease(b);
    await world.event(inState("stopping"));
    const phases: string[] = [];
    const again = world.pool.ensureReady(a, never, ({ phase }) => phases.push(phase));
    (await swapped).release();
    (await again).release();
    expect(phases).toContain("loading");
    expect(running()).toEqual(["own/a"]);
    const states = world.pool.list({ limit: 9 }).items.map(({ model, state }) => `${model} ${state}`);
    expect(states).toEqual(["own/a ready", "own/b evicted", "own/a evicted"]);
  });

  test("learns why its model could not be loaded, also when it waited for the room first", async () => {
    open();
    const a = world.add("a", 8 * gigabyte);
    const b = world.add("b", 8 * gigabyte);
    const held = await lease(a);
    world.world.flags["crashAtStart"] = "bad weights";
    const waiting = Promise.allSettled([lease(b), lease(b)]);
    await world.event(inState("queued", ({ model, waiting: count }) => model === "own/b" && count === 2));
    held.release();
    for (const outcome of await waiting)
      expect(outcome).toMatchObject({
        reason: { code: "engine_failed", details: { engineCode: "model_load_failed" } },
      });
    delete world.world.flags["crashAtStart"];
    await use(a);
    expect(running()).toEqual(["own/a"]);
  });

  test("that nobody waits for any more leaves its place in the queue, and what it wanted is given up", async () => {
    open();
    const a = world.add("a", 8 * gigabyte);
    const held = await lease(a);
    const leaving = new AbortController();
    const waiting = world.pool.ensureReady(world.add("b", 8 * gigabyte), leaving.signal);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    expect(world.pool.loaded()).toMatchObject([{ inFlight: 1 }, { waiting: 0 }]);
    held.release();
    await world.pool.stop("b");
    expect(running()).toEqual(["own/a"]);
  });

  test("is answered anew when its server was lost before it had a place there", async () => {
    open();
    const a = world.add("a", 1);
    await use(a);
    const [{ pid = null } = {}] = world.pool.loaded();
    process.kill(pid ?? 0, "SIGKILL");
    await world.event(inState("restarting"));
    const next = await lease(a);
    expect(world.pool.get(next.serverId)).toMatchObject({ state: "ready", restarts: 1, inFlight: 1 });
  });
});

describe("settings of the pool", () => {
  test("idleUnloadSeconds unloads what nobody asks, but nothing with a pin", async () => {
    open({ settings: { idleUnloadSeconds: 0.1 } });
    await use(world.add("a", 1, { lifecycle: { pinned: true } }));
    await use(world.add("b", 1));
    const { data } = await world.event(inState("evicted"));
    expect(data).toMatchObject({ model: "own/b", lastError: null });
    expect(running()).toEqual(["own/a"]);
  });

  test("maxModels bounds the models at once, whatever memory there is", async () => {
    open({ settings: { maxModels: 1 } });
    const [a, b] = [world.add("a", 1), world.add("b", 1, { lifecycle: { pinned: true } })];
    await use(a);
    await use(b);
    expect(running()).toEqual(["own/b"]);
    await expect(use(a)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("maxModels") });
  });

  test("memoryLimitBytes bounds them further, and those that are over it go at once", async () => {
    open();
    const a = world.add("a", 5 * gigabyte);
    const b = world.add("b", 5 * gigabyte);
    await use(a);
    await use(b);
    world.set({ memoryLimitBytes: 6 * gigabyte });
    await world.event(inState("evicted"));
    expect(running()).toEqual(["own/b"]);
    expect(world.pool.list({ limit: 1, running: false }).items[0]?.endedBecause).toBe(
      "Unloaded to keep within the limits.",
    );
    await expect(lease(world.add("c", 7 * gigabyte))).rejects.toMatchObject({ code: "insufficient_memory" });
  });

  test("queueLimit and queueLimitPerModel refuse what comes on top, with the time to come back", async () => {
    open({ settings: { queueLimit: 2, queueLimitPerModel: 1 } });
    const limits = { limits: { concurrency: 1 } };
    const a = world.add("a", 1, limits);
    const b = world.add("b", 1, limits);
    const c = world.add("c", 1, limits);
    const held = await Promise.all([lease(a), lease(b)]);
    const waiting = [lease(a), lease(b)];
    const full = { code: "queue_full", details: { retryAfterSeconds: expect.any(Number) } };
    await expect(lease(a)).rejects.toMatchObject({ ...full, message: expect.stringMatching(/^1 requests/) });
    await expect(lease(c)).rejects.toMatchObject({ ...full, message: expect.stringMatching(/^2 requests/) });
    for (const one of held) one.release();
    for (const one of await Promise.all(waiting)) one.release();
    await use(c);
  });

  test("queueDeadlineSeconds ends the wait for a place with a clear error", async () => {
    open({ settings: { queueDeadlineSeconds: 0.1 } });
    const a = world.add("a", 1, { limits: { concurrency: 1 } });
    const held = await lease(a);
    await expect(lease(a)).rejects.toMatchObject({ code: "engine_timeout", details: { source: "gateway" } });
    held.release();
    await use(a);
  });

  test("swapAfterRequests gives a model that waits its turn although the other is asked on", async () => {
    open({ settings: { swapAfterRequests: 2, swapAfterSeconds: 3600 } });
    const a = world.add("a", 8 * gigabyte);
    const b = world.add("b", 8 * gigabyte);
    const order: string[] = [];
    const ask = (target: typeof a, name: string) => lease(target).then((one) => (order.push(name), one));
    const first = await ask(a, "a1");
    const swapped = ask(b, "b1");
    const more = await Promise.all([ask(a, "a2"), ask(a, "a3")]);
    const late = ask(a, "a4");
    for (const one of [first, ...more]) one.release();
    (await swapped).release();
    (await late).release();
    expect(order).toEqual(["a1", "a2", "a3", "b1", "a4"]);
  });

  test("swapAfterSeconds gives it the turn after a while", async () => {
    open({ settings: { swapAfterRequests: 1000, swapAfterSeconds: 0 } });
    const a = world.add("a", 8 * gigabyte);
    const b = world.add("b", 8 * gigabyte);
    const order: string[] = [];
    const first = await lease(a);
    const swapped = lease(b).then((one) => (order.push("b"), one));
    const late = lease(a).then((one) => (order.push("a"), one));
    first.release();
    (await swapped).release();
    (await late).release();
    expect(order).toEqual(["b", "a"]);
  });
});

describe("what a profile says", () => {
  test("lifecycle.ttlSeconds goes before idleUnloadSeconds; a server in use has no end in sight", async () => {
    open({ settings: { idleUnloadSeconds: 3600 } });
    const a = world.add("a", 1);
    const short = world.add("b", 1, { lifecycle: { ttlSeconds: 0.1 } });
    const never = world.add("c", 1, { lifecycle: { ttlSeconds: 0 } });
    const held = await lease(a);
    expect(world.pool.loaded()[0]?.expiresAt).toBeNull();
    held.release();
    expect(Date.parse(world.pool.loaded()[0]?.expiresAt ?? "")).toBeGreaterThan(Date.now());
    await use(never);
    await use(short);
    const { data } = await world.event(inState("evicted"));
    expect(data).toMatchObject({
      model: "own/b",
      endedBecause: expect.stringMatching(/^Unloaded after .* without a request/),
    });
    expect(world.pool.loaded().find(({ model }) => model === "own/c")?.expiresAt).toBeNull();
  });

  test("limits.concurrency bounds the requests at once, and clients that wait take turns", async () => {
    open();
    const a = world.add("a", 1, { limits: { concurrency: 1 } });
    const first = await lease(a, "busy");
    const order: string[] = [];
    const ask = (client: string) => lease(a, client).then((one) => (order.push(client), one.release()));
    const all = [ask("busy"), ask("busy"), ask("busy"), ask("other")];
    expect(world.pool.loaded()).toMatchObject([{ inFlight: 1, waiting: 4 }]);
    first.release();
    await Promise.all(all);
    expect(order).toEqual(["busy", "other", "busy", "busy"]);
  });

  test("lifecycle.autoStart starts it with the service, as far as there is room", async () => {
    open();
    const lifecycle = { autoStart: true };
    world.add("a", 8 * gigabyte, { lifecycle });
    world.add("b", 8 * gigabyte, { lifecycle: { ...lifecycle, pinned: true } });
    world.add("c", 1);
    await world.pool.preload();
    await world.event(inState("ready"));
    expect(running()).toEqual(["own/b"]);
    expect(world.lines.join()).toContain("a profile could not be started with the service");
  });
});
