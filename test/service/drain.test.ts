import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { readEventStream } from "../tools/event-source.ts";

const model = "own/slow";
let home = "";
let service: TestService;
afterEach(async () => {
  await service.close();
  await rm(home, { recursive: true, force: true });
});

async function startWith(engine: Record<string, unknown>, drainSeconds: number): Promise<void> {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-drain-"));
  await writeCachedModel(join(home, "hub"), model, engine);
  service = await startTestService({ home, engine: "fake" });
  await service.call("PATCH", "/api/settings", { drainSeconds });
}

/** Begins a streamed answer; resolves at its first token, with a promise of everything that follows. */
async function beginAnswer(): Promise<{ rest: Promise<unknown[]>; pid: number }> {
  const response = await fetch(`${service.address}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "Count" }] }),
  });
  const events = readEventStream(response);
  const isToken = (data: unknown) => JSON.stringify(data).includes('"content"');
  for (let next = await events.next(); !next.done && !isToken(next.value.data);) next = await events.next();
  const rest = (async () => {
    const seen: unknown[] = [];
    for await (const { data } of events) if (data !== "") seen.push(data);
    return seen;
  })();
  return { rest, pid: service.service.pool.loaded()[0]?.pid ?? 0 };
}

describe("a stop", () => {
  test("lets a running answer finish, tells newcomers to come back, and leaves no engine", async () => {
    await startWith({ tokens: 40, tokenDelayMs: 20 }, 15);
    const { rest, pid } = await beginAnswer();
    const closed = service.service.close();
    expect((await service.call("GET", "/api/health")).body).toMatchObject({ status: "stopping" });
    expect(await service.call("GET", "/api/models")).toMatchObject({
      status: 503,
      body: { error: { code: "service_stopping" } },
    });
    const refused = await service.call("POST", "/v1/chat/completions", { messages: [] });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: "service_stopping" } } });
    expect((await rest).at(-1)).toBe("[DONE]");
    await closed;
    expect(processStart(pid)).toBeNull();
  });

  test("ends an answer that takes too long with its protocol's error, then the engine", async () => {
    await startWith({ tokens: 100_000, tokenDelayMs: 20 }, 0);
    const { rest, pid } = await beginAnswer();
    await service.service.close();
    const seen = await rest;
    expect(seen).not.toContain("[DONE]");
    expect(seen.at(-1)).toMatchObject({ error: { code: "service_stopping" } });
    expect(processStart(pid)).toBeNull();
  });

  test("does not wait when it is asked a second time", async () => {
    await startWith({ tokens: 100_000, tokenDelayMs: 20, ignoreSigterm: true, ignoreStop: true }, 300);
    const { rest, pid } = await beginAnswer();
    await service.service.close({ hurry: Promise.resolve() });
    expect((await rest).at(-1)).toMatchObject({ error: { code: "service_stopping" } });
    expect(processStart(pid)).toBeNull();
  });
});
