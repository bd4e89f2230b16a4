import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import type { Profile } from "../../service/src/contract/profiles.ts";
import { fakeEngineCommand } from "../tools/fake-engines.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { readEventStream } from "../tools/event-source.ts";
import { serviceApi } from "../tools/service-api.ts";

const busy = "own/busy";
const other = "own/other";
const quick = "own/quick";
let home: string;
let service: TestService;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-full-"));
  await writeCachedModel(join(home, "hub"), busy, { tokens: 100_000, tokenDelayMs: 20 });
  await writeCachedModel(join(home, "hub"), other, { text: "Here." });
  await writeCachedModel(join(home, "hub"), quick, { text: "Quick itself." });
  service = await startTestService({ home });
});
afterEach(async () => {
  await service.close();
  await rm(home, { recursive: true, force: true });
});

const body = (model: string, stream = false) =>
  JSON.stringify({ model, stream, messages: [{ role: "user", content: "Hi" }] });

function post(model: string, headers: Record<string, string> = {}, stream = false, signal: AbortSignal | null = null) {
  const method = "POST";
  const all = { "content-type": "application/json", ...headers };
  return fetch(`${service.address}/v1/chat/completions`, { method, headers: all, body: body(model, stream), signal });
}

/** Begins an answer that goes on until it is left. */
async function occupy(model: string): Promise<() => void> {
  const leave = new AbortController();
  const events = readEventStream(await post(model, {}, true, leave.signal));
  for (let next = await events.next(); !JSON.stringify(next.value).includes('"content":" t');)
    next = await events.next();
  return () => leave.abort();
}

const profileOf = async (model: string): Promise<Profile> => {
  const { items } = await serviceApi(service.address).get<{ items: Profile[] }>("/api/profiles?limit=200");
  const found = items.find((profile) => profile.model === model);
  if (!found) throw new Error(`There is no profile of ${model}.`);
  return found;
};
const change = async (model: string, patch: object) =>
  await service.call("PATCH", `/api/profiles/${(await profileOf(model)).id}`, patch);
const servers = () => service.service.pool.loaded();

describe("a full house", () => {
  test("turns requests away as OpenAI does, with the time to come back, whole and streamed", async () => {
    await service.call("PATCH", "/api/settings", { queueLimitPerModel: 1 });
    await change(busy, { limits: { concurrency: 1 } });
    const leave = await occupy(busy);
    const waiting = new AbortController();
    const queued = post(busy, {}, true, waiting.signal);
    // The client of a stream is told that it waits.
    expect((await queued).status).toBe(200);
    for (const stream of [false, true]) {
      const refused = await post(busy, {}, stream);
      expect([refused.status, Number(refused.headers.get("retry-after"))]).toEqual([429, expect.any(Number)]);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      expect(await refused.json()).toMatchObject({
        error: { code: "queue_full", type: "rate_limit_error", source: "gateway" },
      });
    }
    expect(servers()).toMatchObject([{ model: busy, inFlight: 1, waiting: 1 }]);
    waiting.abort();
    leave();
  });

  test("says what is too large for it in the caller's protocol, and makes no row for it", async () => {
    await service.call("PATCH", "/api/settings", { memoryLimitBytes: 1_000_000 });
    const refused = await post(other);
    expect(refused.status).toBe(507);
    expect(await refused.json()).toMatchObject({
      error: { code: "insufficient_memory", message: expect.stringContaining("Choose a smaller model") },
    });
    const load = await service.call("POST", `/api/models/${other}/load`);
    expect(load).toMatchObject({ status: 507, body: { error: { details: { limitBytes: 1_000_000 } } } });
    expect((await service.call("GET", "/api/servers")).body).toMatchObject({ items: [] });
  });
});

describe("a request in the background", () => {
  const background = { "x-mlx-manager-background": "true" };
  const answeredBy = async (headers: Record<string, string>) => {
    const answer = (await (await post(quick, headers)).json()) as ChatCompletion;
    return answer.choices[0]?.message.content;
  };

  test("is answered by a model that is loaded, if the setting says so", async () => {
    await post(other);
    await service.call("PATCH", "/api/settings", { mapBackgroundRequests: true });
    expect(await answeredBy(background)).toBe("Here.");
    expect(servers().map(({ model }) => model)).toEqual([other]);
    expect(await answeredBy({})).toBe("Quick itself.");
    // Its own model is loaded now.
    expect(await answeredBy(background)).toBe("Quick itself.");
  });

  test("is answered by its own model otherwise", async () => {
    await post(other);
    expect(await answeredBy(background)).toBe("Quick itself.");
    expect(servers().map(({ model }) => model)).toEqual([other, quick]);
  });
});

describe("a profile that starts with the service", () => {
  test("does, and one that does not fit is left out without harm", async () => {
    const needs = await service.call("POST", `/api/models/${other}/load?wait=true`);
    const { reservedBytes } = needs.body as { reservedBytes: number };
    await change(other, { lifecycle: { autoStart: true, pinned: true } });
    await change(busy, { lifecycle: { autoStart: true } });
    await service.call("PATCH", "/api/settings", { memoryLimitBytes: Math.floor(reservedBytes * 1.5) });
    await service.close();
    service = await startTestService({ home, compose: { parts: { engineCommand: fakeEngineCommand } } });
    await serviceApi(service.address).until("servers", ({ snapshot, event }) => {
      const seen = [...(snapshot?.servers ?? []), ...(event?.type === "server.changed" ? [event.data] : [])];
      return seen.find(({ model, state }) => model === other && state === "ready");
    });
    expect(servers()).toMatchObject([{ model: other, pinned: true, expiresAt: null, reservedBytes }]);
    expect((await post(other)).status).toBe(200);
    expect((await post(busy)).status).toBe(507);
  });
});
