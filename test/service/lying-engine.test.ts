import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Server } from "../../service/src/contract/servers.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { serviceApi } from "../tools/service-api.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";

const id = "own/liar";
let running: { service: TestService; home: string } | null = null;
afterEach(async () => {
  await running?.service.close();
  if (running) await rm(running.home, { recursive: true, force: true });
  running = null;
});

/** A service whose one model is served by an engine with these faults. */
async function serviceWith(flags: Record<string, unknown>, settings: Record<string, unknown>): Promise<TestService> {
  const home = await mkdtemp(join(tmpdir(), "mlx-manager-liar-"));
  await writeCachedModel(join(home, "hub"), id, flags);
  const service = await startTestService({ home, engine: "fake" });
  running = { service, home };
  await serviceApi(service.address).send("PATCH", "/api/settings", settings);
  return service;
}

const ask = { model: id, messages: [{ role: "user", content: "Hello" }] };

/** Every state the server was in, up to the first that `isLast` accepts. */
async function statesUntil({ address }: TestService, isLast: (server: Server) => boolean): Promise<Server[]> {
  const seen: Server[] = [];
  await serviceApi(address).until("servers", ({ snapshot, event }) => {
    seen.push(...(snapshot?.servers ?? []), ...(event?.type === "server.changed" ? [event.data] : []));
    return seen.find(isLast);
  });
  return seen;
}

describe("an engine that lies about itself", () => {
  test("answers /health but never a token: it is never shown as ready", async () => {
    const service = await serviceWith({ neverReady: true }, { probeDeadlineSeconds: 1, startDeadlineSeconds: 5 });
    const seen = statesUntil(service, ({ state }) => state === "failed");
    const answer = service.call("POST", "/v1/chat/completions", ask);
    expect((await seen).map(({ state }) => state)).not.toContain("ready");
    expect(await answer).toMatchObject({ status: 504, body: { error: { code: "engine_timeout" } } });
  });

  test("hangs later while /health stays fine: it is found out, restarted with the reason shown, and answers again", async () => {
    const home = await mkdtemp(join(tmpdir(), "mlx-manager-once-"));
    const flags = { hangAfter: 2, faultsOnce: join(home, "once") };
    const service = await serviceWith(flags, { probeDeadlineSeconds: 1, healthCheckIntervalSeconds: 1 });
    expect(await service.call("POST", "/v1/chat/completions", ask)).toMatchObject({ status: 200 });
    const seen = await statesUntil(service, ({ state, restarts }) => state === "ready" && restarts === 1);
    const reason = seen.find(({ lastError }) => lastError !== null)?.lastError;
    expect(seen.map(({ healthStatus }) => healthStatus)).toContain("unhealthy");
    expect(reason?.code).toBe("engine_timeout");
    expect(await service.call("POST", "/v1/chat/completions", ask)).toMatchObject({ status: 200 });
    await rm(home, { recursive: true, force: true });
  });

  test("its port, asked without its token, answers 401", async () => {
    const service = await serviceWith({}, {});
    await service.call("POST", "/v1/chat/completions", ask);
    const [server] = service.service.pool.loaded();
    const direct = await fetch(`http://127.0.0.1:${server?.port}/v1/chat/completions`, { method: "POST", body: "{}" });
    expect(direct.status).toBe(401);
  });
});
