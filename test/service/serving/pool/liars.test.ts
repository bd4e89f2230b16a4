import { afterEach, describe, expect, test } from "@jest/globals";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import type { Server } from "../../../../service/src/contract/servers.ts";
import { isAlive, processStart } from "../../../../service/src/platform/process/identity.ts";
import { markedProcesses } from "../../../../service/src/serving/pool/units/process/escaped-processes.ts";
import type { Lease } from "../../../../service/src/serving/pool/index.ts";
import { groupMembers } from "../../../../service/src/serving/pool/units/process/process-group.ts";
import { createWorld, forecastOf, inState, memoryOf, never } from "./pool-world.ts";
import type { WorldOptions } from "./pool-world.ts";

let world: ReturnType<typeof createWorld>;
const open = (options?: WorldOptions) => (world = createWorld(options));
const start = () => world.pool.ensureReady(world.target, never);
/** Found out at once where something is to be found out. */
const quick = { healthCheckIntervalSeconds: 0.1, probeDeadlineSeconds: 0.3 };
/** Nothing is asked of an engine by itself. */
const slow = { healthCheckIntervalSeconds: 3600 };
afterEach(() => world.end());

describe("an engine that lies", () => {
  test("health without tokens: never ready, failed within the probe's deadline, and the waiter knows why", async () => {
    open({ flags: { neverReady: true }, settings: { probeDeadlineSeconds: 0.3 } });
    await expect(start()).rejects.toMatchObject({
      ...{ code: "engine_timeout" },
      message: expect.stringContaining("no token came back within 0.3 s"),
    });
    const [row] = world.pool.list({ limit: 1 }).items;
    expect(row).toMatchObject({ state: "failed", pid: null, lastError: { code: "engine_timeout" } });
    expect(statesSeen()).not.toContain("ready");
  });

  test("tokens, then silence: condemned after the stall deadline, restarted with the reason, and it answers again", async () => {
    const once = join(open({ settings: { ...quick, stallDeadlineSeconds: 0.5 } }).folder, "once");
    Object.assign(world.world.flags, { silentAfterTokens: 2, tokens: 9, faultsOnce: once });
    const lease = await start();
    const stream = await ask(lease, { stream: true });
    const text = stream.body.text().catch((error: unknown) => error);
    const restarting = await world.event(inState("restarting"));
    expect(restarting.data).toMatchObject({
      ...{ restarts: 1, inFlight: 1, healthStatus: "unhealthy" },
      lastError: { code: "engine_timeout", message: expect.stringContaining("no token came back") },
    });
    await text;
    lease.release();
    const next = await start();
    expect(next.serverId).toBe(lease.serverId);
    expect((await ask(next)).statusCode).toBe(200);
  });

  test.each([
    ["at its start", { exitAtStart: true, exitCode: 0 }],
    ["while it loads", { exitAtStart: true, exitCode: 0, grandchild: true }],
  ])("exit 0 %s is a failure, and says so", async (_title, flags) => {
    open({ flags });
    await expect(start()).rejects.toMatchObject({
      ...{ code: "engine_failed", details: { exitCode: 0, signal: null } },
      message: expect.stringContaining("ended with code 0"),
    });
    expect(world.pool.list({ limit: 1 }).items[0]).toMatchObject({
      state: "failed",
      lastError: { code: "engine_failed" },
    });
  });

  test("exit 0 in the middle of an answer is a failure too, and it is started again", async () => {
    const once = join(open({ settings: slow }).folder, "once");
    Object.assign(world.world.flags, { exitAfterTokens: 2, tokens: 9, faultsOnce: once });
    const lease = await start();
    const stream = await ask(lease, { stream: true });
    await stream.body.text().catch((error: unknown) => error);
    const restarting = await world.event(inState("restarting"));
    expect((restarting.data as Server).lastError).toMatchObject({ details: { exitCode: 0 } });
    lease.release();
    expect((await start()).serverId).toBe(lease.serverId);
  });

  test("a program that leaves the group and holds the pipes is ended with its engine, within the bounds", async () => {
    const record = join(open({ settings: { stopGraceSeconds: 0.3 } }).folder, "record");
    Object.assign(world.world.flags, { escapedGrandchild: true, ignoreSigterm: true, ignoreStop: true, record });
    const { serverId } = await start();
    const escaped = recorded(record, "escaped");
    expect(escaped.every(isAlive)).toBe(true);
    const { pid } = world.pool.get(serverId);
    expect(groupMembers(pid ?? 0)).not.toContain(escaped[0]);
    const before = openPipes();
    await world.pool.stop("p1");
    expect(world.pool.get(serverId)).toMatchObject({ state: "stopped" });
    expect(markedProcesses(serverId)).toEqual([]);
    expect(escaped.map(processStart)).toEqual([null]);
    // Our ends of its pipes are given back, whoever holds the others.
    expect(before - openPipes()).toBeGreaterThanOrEqual(3);
  });

  test("a crash that leaves such a program behind does not leave it, nor wait for it", async () => {
    const record = join(open({ settings: slow }).folder, "record");
    const flags = { escapedGrandchild: true, crashAfterTokens: 1, record, faultsOnce: join(world.folder, "once") };
    Object.assign(world.world.flags, flags);
    const lease = await start();
    const [first] = recorded(record, "escaped");
    await (await ask(lease, { stream: true })).body.text().catch((error: unknown) => error);
    lease.release();
    const next = await start();
    expect(processStart(first ?? 0)).toBeNull();
    // The one of the new engine lives.
    expect(markedProcesses(next.serverId).length).toBeGreaterThan(1);
  });

  test("a traceback from one that lives on is shown at once, and condemns nobody who still gives tokens", async () => {
    open({ flags: { tracebackAfter: 1 }, settings: slow });
    const lease = await start();
    expect((await ask(lease)).statusCode).toBe(200);
    const told = await world.event(inState("ready", ({ lastError }) => lastError !== null));
    expect((told.data as Server).lastError).toMatchObject({
      ...{
        code: "engine_failed",
        details: { stderrTail: expect.arrayContaining(["RuntimeError: the fake engine complains"]) },
      },
      message:
        "The engine reported an error and goes on: RuntimeError: the fake engine complains. See the server's log.",
    });
    expect(world.pool.get(lease.serverId)).toMatchObject({ state: "ready", restarts: 0, healthStatus: "healthy" });
  });

  test("a traceback from one whose generation is dead is found out at once, not at the next check", async () => {
    const once = join(open({ settings: { ...slow, probeDeadlineSeconds: 0.2 } }).folder, "once");
    Object.assign(world.world.flags, { tracebackAfter: 1, hangAfter: 2, faultsOnce: once });
    const lease = await start();
    expect((await ask(lease)).statusCode).toBe(200);
    lease.release();
    const restarting = await world.event(inState("restarting"));
    expect((restarting.data as Server).lastError).toMatchObject({ code: "engine_timeout" });
  });

  test("output without end fills neither the disk nor the memory, and the engine still answers", async () => {
    open({ flags: { floodBytes: 11 * 1024 * 1024 }, settings: slow });
    const lease = await start();
    expect((await ask(lease)).statusCode).toBe(200);
    const lines = world.pool.log(lease.serverId).lines({ tail: 1000, level: "debug", follow: true, signal: never });
    for await (const some of lines) if (some.some(({ text }) => text === "the flood is over")) break;
    expect((await ask(lease)).statusCode).toBe(200);
    const logs = readdirSync(world.folder).filter((name) => name.startsWith("server-"));
    const bytes = logs.reduce((sum, name) => sum + statSync(join(world.folder, name)).size, 0);
    expect(logs.length).toBe(2);
    expect(bytes).toBeLessThan(12 * 1024 * 1024);
  });
});

describe("a bad request", () => {
  test("condemns no engine, whatever it does to its own connection, and however often", async () => {
    open({ flags: { closeOn: "poison" }, settings: { ...quick, probeDeadlineSeconds: 5 } });
    const lease = await start();
    const seen: string[] = [];
    for (let count = 0; count < 15; count += 1) {
      for (const body of [{ temperature: null }, { messages: "none" }, { messages: [{ content: "poison" }] }]) {
        const answer = await ask(lease, body).then(
          ({ statusCode }) => String(statusCode),
          () => "closed",
        );
        if (!seen.includes(answer)) seen.push(answer);
      }
    }
    lease.release();
    expect(seen).toEqual(["400", "closed"]);
    const from = world.history.length;
    await world.event(({ type, data }) => type === "server.changed" && (data as Server).lastCheckedAt !== null, from);
    expect(world.pool.get(lease.serverId)).toMatchObject({
      ...{ state: "ready", restarts: 0, failureCount: 0, healthStatus: "healthy", lastError: null },
    });
  });
});

describe("an engine that eats memory", () => {
  test("and is silent about it is measured from outside, its children too", async () => {
    open({
      flags: { eatBytes: 200e6, silentMemory: true, footprintBytes: 1000 },
      settings: slow,
      replace: machineWith(500e6),
    });
    const lease = await start();
    await ask(lease);
    const sample = await world.event(
      ({ type, data }) =>
        type === "server.memory" && (data as { memory: { footprintBytes: number } }).memory.footprintBytes > 200e6,
    );
    expect(sample.data).toMatchObject({ memory: { method: expect.stringMatching(/pss|rss|phys_footprint/) } });
    expect(world.pool.get(lease.serverId).state).toBe("ready");
  });

  test("beyond its forecast is shown once, with the numbers, and serves on", async () => {
    const forecast = () => forecastOf(1e9);
    open({
      flags: { footprintBytes: 2e9, memoryIntervalMs: 50 },
      settings: slow,
      replace: { forecast, ...machineWith(8e9) },
    });
    const lease = await start();
    const told = await world.event(({ type }) => type === "server.memory-over-forecast");
    expect(told.data).toEqual({
      id: lease.serverId,
      footprintBytes: 2e9,
      forecastBytes: 1e9,
      capBytes: 1e9 + 512 * 1024 * 1024,
    });
    expect(world.pool.get(lease.serverId).state).toBe("ready");
    expect(await logOf(lease.serverId)).toContain("takes 2.0 GB of memory, 1.0 GB were predicted");
  });

  test("until next to nothing is left is stopped before the machine dies, for good, with the numbers", async () => {
    open({ flags: { footprintBytes: 4e9, memoryIntervalMs: 50 }, settings: slow, replace: machineWith(8e9) });
    const lease = await start();
    leftBytes = 100e6;
    const { pid } = world.pool.get(lease.serverId);
    const failed = await world.event(inState("failed"));
    expect((failed.data as Server).lastError).toMatchObject({
      ...{ code: "insufficient_memory", details: { footprintBytes: 4e9, availableBytes: 100e6 } },
      message: expect.stringMatching(/it took 4\.0 GB, 0\.1 GB were left on the machine/),
    });
    expect(failed.data).toMatchObject({ pid: null, restarts: 0 });
    expect(groupMembers(pid ?? 0)).toEqual([]);
    lease.release();
    leftBytes = 8e9;
    // The next request starts it again: by then it is admission's question.
    expect((await start()).serverId).not.toBe(lease.serverId);
  });
});

let leftBytes = 0;
/** A machine with so much free memory while engines of the pool run; when none does, theirs is back. */
function machineWith(bytes: number): NonNullable<WorldOptions["replace"]> {
  leftBytes = bytes;
  const isRunning = () => world.pool.loaded().some(({ pid }) => pid !== null && processStart(pid) !== null);
  return { machine: { memory: () => memoryOf(leftBytes + (isRunning() ? 0 : 8e9)) } };
}

function ask({ url, headers, dispatcher }: Lease, body: Record<string, unknown> = {}) {
  return request(`${url}/v1/chat/completions`, {
    ...{ method: "POST", dispatcher },
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hi" }], ...body }),
  });
}

function recorded(record: string, type: string): number[] {
  const entries = readFileSync(record, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; pid: number });
  return entries.filter((entry) => entry.type === type).map(({ pid }) => pid);
}

function statesSeen(): string[] {
  return world.history.flatMap((event) => (event.type === "server.changed" ? [event.data.state] : []));
}

async function logOf(id: string): Promise<string> {
  let text = "";
  for await (const chunk of world.pool.log(id).read({ tail: 100, follow: false, signal: never })) text += chunk;
  return text;
}

function openPipes(): number {
  return readdirSync("/proc/self/fd").length;
}
