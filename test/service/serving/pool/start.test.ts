import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { isAlive } from "../../../../service/src/platform/process/identity.ts";
import type { Lease } from "../../../../service/src/serving/pool/index.ts";
import { createWorld, inState, never, statesOf } from "./pool-world.ts";
import type { WorldOptions } from "./pool-world.ts";

let world: ReturnType<typeof createWorld>;
const open = (options?: WorldOptions) => (world = createWorld(options));
afterEach(() => world.end());

describe("a start", () => {
  test("is ready when a token has come back, and gives a lease that answers", async () => {
    open();
    const lease = await world.pool.ensureReady(world.target, never);
    const { statusCode, body } = await chat(lease);
    expect([statusCode, await body.text()]).toEqual([200, expect.stringContaining("Hello from the fake engine.")]);
    expect(statesOf(world.history)).toEqual(["queued", "starting", "warming", "ready"]);
    expect(world.pool.get(lease.serverId)).toMatchObject({
      ...{ state: "ready", healthStatus: "healthy", profile: "a/b", revision: "abc123", inFlight: 1, failureCount: 0 },
    });
    expect([lease.contextLength, lease.vocabularySize, lease.model]).toEqual([2048, 1024, "a/b"]);
    expect([...world.held]).toEqual(["a/b@abc123", "mlx-lm"]);
    lease.release();
    lease.release();
    expect(world.pool.get(lease.serverId).inFlight).toBe(0);
  });

  test("keeps its token out of rows, events, logs and the process list, and the port is useless without it", async () => {
    open();
    const lease = await world.pool.ensureReady(world.target, never);
    const token = lease.headers["x-mlx-manager-token"] ?? "";
    const { pid } = world.pool.get(lease.serverId);
    const rows = JSON.stringify(world.database.prepare("SELECT * FROM running_instances").all());
    const commandLine = execFileSync("ps", ["-ww", "-o", "args=", "-p", String(pid)], { encoding: "utf8" });
    for (const text of [rows, JSON.stringify(world.history), world.lines.join("\n"), commandLine]) {
      expect(text).not.toContain(token);
    }
    expect(rows).toMatch(/"token_hash":"[0-9a-f]{64}"/);
    for (const headers of [{} as Record<string, string>, { "x-mlx-manager-token": "wrong" }]) {
      expect((await chat({ ...lease, headers })).statusCode).toBe(401);
    }
  });

  test("happens once, however many ask at the same time, and tells each how it goes", async () => {
    const record = join(open().folder, "record");
    Object.assign(world.world.flags, { record, startDelayMs: 100, loadingSteps: 4 });
    const phases: string[][] = [[], [], []];
    const leases = await Promise.all(
      phases.map((seen) => world.pool.ensureReady(world.target, never, ({ phase }) => seen.push(phase))),
    );
    expect(new Set(leases.map(({ serverId }) => serverId)).size).toBe(1);
    expect(starts(record)).toHaveLength(1);
    for (const seen of phases) {
      expect(seen[0]).toMatch(/queued|starting/);
      expect(seen).toEqual(expect.arrayContaining(["loading", "warming"]));
    }
    expect(world.pool.get(leases[0]?.serverId ?? "").inFlight).toBe(3);
  });

  test("that fails gives every waiter the same reason, without local paths, and leaves nothing", async () => {
    open({ flags: { crashAtStart: "no weights in /home/somebody/models/x/y.safetensors" } });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => world.pool.ensureReady(world.target, never)));
    const reasons = outcomes.map((outcome) => (outcome.status === "rejected" ? (outcome.reason as Error) : null));
    for (const reason of reasons) {
      expect(reason).toMatchObject({ code: "engine_failed", details: { engineCode: "model_load_failed" } });
      expect(JSON.stringify(reason)).toContain("RuntimeError: no weights in …/y.safetensors");
      expect(JSON.stringify(reason)).not.toContain("/home/");
    }
    const [server] = world.pool.list({ limit: 1 }).items;
    expect(server).toMatchObject({ state: "failed", pid: null, lastError: { code: "engine_failed" } });
    expect(server?.stderrTail.join()).toContain("RuntimeError");
    await world.pool.stop("p1");
    expect([world.pool.loaded(), [...world.held]]).toEqual([[], []]);
  });

  test("of an engine that leaves without a word says how it ended", async () => {
    open({ flags: { exitAtStart: true, exitCode: 7 } });
    await expect(world.pool.ensureReady(world.target, never)).rejects.toMatchObject({
      code: "engine_failed",
      details: { exitCode: 7, signal: null },
    });
  });

  test("of a program that is not there fails with the next step", async () => {
    open({ replace: { command: () => ({ file: "/nowhere/python", args: [] }) } });
    await expect(world.pool.ensureReady(world.target, never)).rejects.toMatchObject({
      code: "engine_failed",
      message: expect.stringContaining("Install it again"),
    });
  });

  test("of a program that does not speak our protocol is ended", async () => {
    const script = `const s = new (require("net").Socket)({ fd: 3 }); s.write('{"type":"listening","port":1}\\n'); setInterval(() => {}, 1000);`;
    open({ replace: { command: () => ({ file: process.execPath, args: ["-e", script] }) } });
    await expect(world.pool.ensureReady(world.target, never)).rejects.toMatchObject({ code: "engine_failed" });
    await world.pool.stop("p1");
    expect(runningPids(world)).toEqual([]);
  });

  test("that answers /health but never a token is never shown as ready", async () => {
    open({ flags: { neverReady: true }, settings: { probeDeadlineSeconds: 0.4 } });
    await expect(world.pool.ensureReady(world.target, never)).rejects.toMatchObject({ code: "engine_timeout" });
    expect(statesOf(world.history)).toEqual(["queued", "starting", "warming", "failed"]);
  });

  test("after a failed one is tried afresh with a row of its own", async () => {
    const once = join(open().folder, "once");
    Object.assign(world.world.flags, { crashAtStart: "first time", faultsOnce: once });
    await expect(world.pool.ensureReady(world.target, never)).rejects.toMatchObject({ code: "engine_failed" });
    const lease = await world.pool.ensureReady(world.target, never);
    expect(world.pool.list({ limit: 9 }).items.map(({ state }) => state)).toEqual(["ready", "failed"]);
    expect(world.pool.list({ limit: 9, running: true }).items.map(({ id }) => id)).toEqual([lease.serverId]);
  });

  test("goes on when one of two waiters leaves", async () => {
    open({ flags: { startDelayMs: 300 } });
    const leaving = new AbortController();
    const left = world.pool.ensureReady(world.target, leaving.signal);
    const stayed = world.pool.ensureReady(world.target, never);
    await world.event(inState("starting"));
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    expect(world.pool.get((await stayed).serverId).state).toBe("ready");
  });

  test("is refused while the service stops", async () => {
    open();
    await world.pool.close(100);
    await expect(world.pool.ensureReady(world.target, never)).rejects.toMatchObject({ code: "service_stopping" });
  });
});

function chat({ url, headers, dispatcher }: Pick<Lease, "url" | "headers" | "dispatcher">) {
  const body = JSON.stringify({ model: "default_model", messages: [{ role: "user", content: "Hi" }] });
  return request(`${url}/v1/chat/completions`, {
    ...{ method: "POST", body, dispatcher },
    headers: { ...headers, "content-type": "application/json" },
  });
}

function starts(record: string): unknown[] {
  const entries = readFileSync(record, "utf8").trim().split("\n");
  return entries.map((line) => JSON.parse(line) as { type: string }).filter(({ type }) => type === "start");
}

/** Processes of any server that still run. */
function runningPids({ history }: ReturnType<typeof createWorld>): number[] {
  const pids = history.flatMap((event) => (event.type === "server.changed" && event.data.pid ? [event.data.pid] : []));
  return [...new Set(pids)].filter(isAlive);
}
