import { afterEach, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { request } from "undici";
import type { Server } from "../../../../service/src/contract/servers.ts";
import { groupMembers } from "../../../../service/src/serving/pool/units/process/process-group.ts";
import { createWorld, inState, never, statesOf } from "./pool-world.ts";
import type { WorldOptions } from "./pool-world.ts";

let world: ReturnType<typeof createWorld>;
const open = (options?: WorldOptions) => (world = createWorld(options));
const quick = { healthCheckIntervalSeconds: 0.1, probeDeadlineSeconds: 0.3 };
afterEach(() => world.end());

describe("a server in use", () => {
  test("that is killed mid-stream says why, and the next request works", async () => {
    const once = join(open().folder, "once");
    Object.assign(world.world.flags, { crashAfterTokens: 3, tokens: 1000, faultsOnce: once });
    const lease = await world.pool.ensureReady(world.target, never);
    const response = await request(`${lease.url}/v1/chat/completions`, {
      ...{ method: "POST", dispatcher: lease.dispatcher },
      headers: { ...lease.headers, "content-type": "application/json" },
      body: JSON.stringify({ messages: [], stream: true }),
    });
    await response.body.text().catch((error: unknown) => error);
    lease.release();
    const next = await world.pool.ensureReady(world.target, never);
    expect(next.serverId).toBe(lease.serverId);
    expect(next.url).not.toBe(lease.url);
    const restarting = await world.event(inState("restarting"));
    expect(restarting.data).toMatchObject({
      ...{ restarts: 1, healthStatus: "unhealthy" },
      lastError: { code: "engine_failed", details: { signal: "SIGKILL" } },
    });
    expect(world.pool.get(lease.serverId)).toMatchObject({ state: "ready", restarts: 1, healthStatus: "healthy" });
    expect(world.pool.get(lease.serverId).lastError?.message).toContain("SIGKILL");
  });

  test("that hangs later is found by its missing token, and restarted with the reason", async () => {
    const once = join(open({ settings: quick }).folder, "once");
    Object.assign(world.world.flags, { hangAfter: 1, faultsOnce: once });
    const lease = await world.pool.ensureReady(world.target, never);
    lease.release();
    const { pid } = world.pool.get(lease.serverId);
    await world.event(inState("ready", ({ restarts }) => restarts === 1));
    expect(groupMembers(pid ?? 0)).toEqual([]);
    expect(statesOf(world.history)).toEqual([
      "queued",
      "starting",
      "warming",
      "ready",
      "unhealthy",
      "restarting",
      "queued",
      "starting",
      "warming",
      "ready",
    ]);
    const { lastError } = world.pool.get(lease.serverId);
    expect(lastError).toMatchObject({ code: "engine_timeout", message: expect.stringContaining("no token") });
  });

  test("that hangs is not restarted while a request in it shows life", async () => {
    open({ settings: { ...quick, stallDeadlineSeconds: 600 }, flags: { hangAfter: 1 } });
    const lease = await world.pool.ensureReady(world.target, never);
    await world.event(({ type, data }) => type === "server.changed" && (data as Server).failureCount > 2);
    expect(world.pool.get(lease.serverId)).toMatchObject({ state: "ready", healthStatus: "unknown" });
    lease.noteLife();
    lease.release();
    await world.event(inState("restarting"));
  });

  test("that keeps dying is left alone after five restarts, with a clear reason", async () => {
    // Each run lasts for its first token only.
    const restartLimits = { restarts: 5, windowMs: 600_000, firstDelayMs: 1, longestDelayMs: 4 };
    open({ flags: { hangAfter: 1 }, settings: { ...quick, probeDeadlineSeconds: 0.1 }, replace: { restartLimits } });
    const lease = await world.pool.ensureReady(world.target, never);
    lease.release();
    const failed = await world.event(inState("failed"));
    expect(failed.data).toMatchObject({
      ...{ restarts: 5, pid: null },
      lastError: { code: "engine_failed", message: expect.stringContaining("not restarted any more") },
    });
  });

  test("counts tokens, and a check writes when it looked", async () => {
    open({ settings: quick, flags: { hangAfter: 2 } });
    const lease = await world.pool.ensureReady(world.target, never);
    lease.noteTokens(50, 2);
    lease.noteTokens(1, 0);
    expect(world.pool.get(lease.serverId)).toMatchObject({ totalTokens: 51, tokensPerSecond: 25 });
    lease.release();
    const failing = await world.event(
      ({ type, data }) => type === "server.changed" && (data as Server).failureCount === 1,
    );
    const { readyAt, lastCheckedAt } = failing.data as Server;
    expect(Date.parse(lastCheckedAt ?? "")).toBeGreaterThan(Date.parse(readyAt ?? ""));
    expect(world.database.prepare("SELECT total_tokens, failure_count FROM running_instances").get()).toEqual({
      total_tokens: 51,
      failure_count: 1,
    });
    await world.pool.stop("p1");
    expect(world.pool.get(lease.serverId)).toMatchObject({ totalTokens: 51, healthStatus: "unknown" });
  });

  test("its memory and CPU come as samples", async () => {
    open();
    const lease = await world.pool.ensureReady(world.target, never);
    const sample = await world.event(({ type }) => type === "server.memory");
    expect(sample.data).toMatchObject({ id: lease.serverId, memory: { footprintBytes: 100_000_000, method: "rss" } });
    expect(world.pool.get(lease.serverId).memory?.engine?.peakBytes).toBe(2000);
  });
});
