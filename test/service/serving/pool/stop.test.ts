import { afterEach, describe, expect, test } from "@jest/globals";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { groupMembers } from "../../../../service/src/serving/pool/units/process/process-group.ts";
import { createWorld, inState, memoryOf, never, statesOf } from "./pool-world.ts";
import type { WorldOptions } from "./pool-world.ts";

let world: ReturnType<typeof createWorld>;
const open = (options?: WorldOptions) => (world = createWorld(options));
const start = async () => world.pool.get((await world.pool.ensureReady(world.target, never)).serverId);
afterEach(() => world.end());

describe("a stop", () => {
  test("ends the process, settles the row and gives everything back", async () => {
    open();
    const { id, pid } = await start();
    expect([world.pool.isServing("p1"), world.pool.isServing("p2")]).toEqual([true, false]);
    const [stopped] = await world.pool.stop("p1");
    expect(stopped).toMatchObject({ id, state: "stopped", pid: null, port: null, inFlight: 0, lastError: null });
    expect(groupMembers(pid ?? 0)).toEqual([]);
    expect([[...world.held], world.pool.loaded(), world.pool.isServing("p1")]).toEqual([[], [], false]);
    expect(statesOf(world.history)).toEqual(["queued", "starting", "warming", "ready", "stopping", "stopped"]);
    expect(await world.pool.stop("p1")).toEqual([]);
  });

  test("kills an engine that ignores both the command and SIGTERM, after the grace", async () => {
    open({ flags: { ignoreSigterm: true, ignoreStop: true }, settings: { stopGraceSeconds: 0.2 } });
    const { pid } = await start();
    const [stopped] = await world.pool.stop("p1");
    expect(stopped?.state).toBe("stopped");
    expect(groupMembers(pid ?? 0)).toEqual([]);
  });

  test("takes grandchildren along, also ones that ignore SIGTERM and hold the pipes open", async () => {
    open({ flags: { grandchild: true, ignoreSigterm: true } });
    const { pid } = await start();
    expect(groupMembers(pid ?? 0).length).toBeGreaterThan(1);
    await world.pool.stop("p1");
    expect(groupMembers(pid ?? 0)).toEqual([]);
  });

  test("while it starts ends the start and tells who waited", async () => {
    open({ flags: { startDelayMs: 60_000 } });
    const waiting = world.pool.ensureReady(world.target, never);
    waiting.catch(() => undefined);
    await world.event(inState("starting", ({ port }) => port !== null));
    const [stopped] = await world.pool.stop("p1");
    expect(stopped?.state).toBe("stopped");
    await expect(waiting).rejects.toMatchObject({ code: "engine_failed", message: expect.stringContaining("stopped") });
  });

  test("while the engine is installed ends that wait too", async () => {
    const { promise: asked, resolve: installing } = Promise.withResolvers<AbortSignal>();
    const ensureInstalled = (_id: string, signal: AbortSignal) => {
      installing(signal);
      return new Promise<never>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      );
    };
    open({ replace: { engines: { ensureInstalled, hold: () => () => undefined } } });
    const waiting = world.pool.ensureReady(world.target, never);
    waiting.catch(() => undefined);
    const signal = await asked;
    await world.pool.stop("p1");
    expect(signal.aborted).toBe(true);
    await expect(waiting).rejects.toMatchObject({ code: "engine_failed" });
  });

  test("is waited for by a request that comes meanwhile, which then gets a new server", async () => {
    open({ flags: { ignoreSigterm: true, ignoreStop: true }, settings: { stopGraceSeconds: 0.3 } });
    const first = await start();
    const stopping = world.pool.stop("p1");
    const lease = await world.pool.ensureReady(world.target, never);
    expect((await stopping)[0]).toMatchObject({ id: first.id, state: "stopped" });
    expect(lease.serverId).not.toBe(first.id);
  });

  test("says with its numbers when the memory does not come back", async () => {
    let available = 8e9;
    open({ flags: { footprintBytes: 4e9 }, replace: { machine: { memory: () => memoryOf(available) } } });
    await start();
    await world.event(({ type }) => type === "server.memory");
    await world.pool.stop("p1");
    const told = world.history.find(({ type }) => type === "server.memory-not-returned");
    expect(told?.data).toMatchObject({ footprintBytes: 4e9, availableBeforeBytes: 8e9, availableAfterBytes: 8e9 });

    const from = world.history.length;
    await start();
    await world.event(({ type }) => type === "server.memory", from);
    const stopped = world.pool.stop("p1");
    available = 11.8e9;
    await stopped;
    expect(world.history.filter(({ type }) => type === "server.memory-not-returned")).toHaveLength(1);
  });

  test("restart ends one process and starts another", async () => {
    open();
    const first = await start();
    const second = await world.pool.restart(world.profile, { wait: true, signal: never });
    expect(second.state).toBe("ready");
    expect(second.pid).not.toBe(first.pid);
    expect(world.pool.get(first.id).state).toBe("stopped");
  });

  test("closing the pool ends everything and answers those who wait", async () => {
    open({ flags: { startDelayMs: 60_000 } });
    const waiting = world.pool.ensureReady(world.target, never);
    waiting.catch(() => undefined);
    await world.event(inState("starting", ({ pid }) => pid !== null));
    await world.pool.close(1000);
    await expect(waiting).rejects.toMatchObject({ code: "service_stopping" });
    expect(world.pool.loaded()).toEqual([]);
  });

  test("a log can be followed while its server lives and read afterwards", async () => {
    open({ flags: { crashAtStart: "see the log" } });
    await expect(world.pool.ensureReady(world.target, never)).rejects.toThrow();
    await world.pool.stop("p1");
    const [server] = world.pool.list({ limit: 1 }).items;
    const path = join(world.folder, `server-${server?.id}.log`);
    expect(existsSync(path)).toBe(true);
    let text = "";
    for await (const chunk of world.pool.log(server?.id ?? "").read({ tail: 10, follow: true, signal: never }))
      text += chunk;
    expect(text).toBe(readFileSync(path, "utf8"));
    expect(text).toContain("RuntimeError: see the log");
  });
});
