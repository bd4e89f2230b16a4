import { rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { RequestDetail, RequestEntry, RequestStats } from "../../service/src/contract/requests.ts";
import { createProgram } from "../../service/src/cli/index.ts";
import { createFakeTerminal, demoQuestions, runCommandLine } from "./cli/command-line.ts";
import { finishedRequest } from "./core/requests/finished-request.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { serviceApi } from "../tools/service-api.ts";

const quick = "own/quick";
const slow = "own/slow";
const steady = "own/steady";
const broken = "own/broken";
let home: string;
let service: TestService;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-log-"));
  await writeCachedModel(join(home, "hub"), quick, { text: "One two three four." });
  await writeCachedModel(join(home, "hub"), steady, { tokens: 20, tokenDelayMs: 20 });
  await writeCachedModel(join(home, "hub"), slow, { tokens: 5000, tokenDelayMs: 20 });
  await writeCachedModel(join(home, "hub"), broken, { crashAfterTokens: 3, tokens: 20 });
  service = await startTestService({ home });
  // The rows of these tests are old, and a change of settings lets the old ones go.
  await service.call("PATCH", "/api/settings", { requestLogDays: 3650 });
}, 60_000);
afterAll(async () => {
  await service.close();
  rmSync(home, { recursive: true, force: true });
});

type Page = { items: RequestEntry[]; nextCursor: string | null };
const page = async (query = ""): Promise<Page> => (await service.call("GET", `/api/requests${query}`)).body;
const chat = (model: string, stream: boolean, signal: AbortSignal | null = null, agent = "tester/1.2 (x)") =>
  fetch(`${service.address}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": agent },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "Hi" }] }),
    signal,
  });
const run = (...words: string[]) => runCommandLine(words, { environment: { MLX_MANAGER_HOME: home } });

describe("every request leaves one row, told to who listens", () => {
  /** The row of the next request that ends. */
  async function rowOf(act: () => Promise<unknown>): Promise<RequestEntry> {
    const known = new Set((await page("?limit=200")).items.map(({ id }) => id));
    const ended = serviceApi(service.address).until("requests", ({ event, snapshot }) => {
      if (snapshot) void act();
      return event?.type === "request.finished" && !known.has(event.data.id) ? event.data : null;
    });
    const told = await ended;
    expect((await page()).items.find(({ id }) => id === told.id)).toEqual(told);
    return told;
  }

  test("one that went well, with the split of its wait and its speed", async () => {
    const row = await rowOf(async () => (await chat(quick, true)).text());
    expect(row).toMatchObject({
      ...{ protocol: "openai", client: "tester", model: quick, status: 200, finishReason: "stop", errorCode: null },
      ...{ clientLeft: false, streamed: true, keyId: null },
    });
    expect(row.loadMs).toBeGreaterThan(0);
    expect((row.queueMs ?? 0) + (row.loadMs ?? 0)).toBeLessThanOrEqual((row.waitMs ?? 0) + 0.001);
    expect(row.firstTokenMs ?? 0).toBeGreaterThan(row.waitMs ?? 0);
    const again = await rowOf(async () => (await chat(quick, false)).text());
    expect(again).toMatchObject({ loadMs: 0, streamed: false });
  });

  test("one for whose model another had to go, with that one's name", async () => {
    await service.call("PATCH", "/api/settings", { maxModels: 1 });
    const row = await rowOf(async () => (await chat("mlx-manager/demo", false)).text());
    await service.call("PATCH", "/api/settings", { maxModels: null });
    expect(row).toMatchObject({ model: "mlx-manager/demo", swapCause: quick });
    expect((await rowOf(async () => (await chat("mlx-manager/demo", false)).text())).swapCause).toBeNull();
  });

  test("one whose tokens came over some time, with their pace", async () => {
    const row = await rowOf(async () => (await chat(steady, true)).text());
    expect(row.tokensPerSecond).toEqual(expect.any(Number));
    expect(row.tokensPerSecond).toBeLessThan(1000);
  });

  test("one that was refused", async () => {
    expect(await rowOf(() => chat("nobody/nothing", false))).toMatchObject({
      ...{ status: 404, errorCode: "model_not_found", errorSource: "gateway", requestedModel: "nobody/nothing" },
      ...{ model: null, queueMs: null, loadMs: null, waitMs: null, firstTokenMs: null },
    });
  });

  test("one whose client left", async () => {
    const leaving = new AbortController();
    const row = await rowOf(async () => {
      const reader = (await chat(slow, true, leaving.signal)).body?.getReader();
      await reader?.read();
      leaving.abort();
    });
    expect(row).toMatchObject({ clientLeft: true, status: 499, errorCode: null, model: slow });
  });

  test("one whose engine failed, in the middle of its answer", async () => {
    const row = await rowOf(async () => (await chat(broken, true)).text());
    expect(row).toMatchObject({ status: 502, errorCode: "engine_failed", errorSource: "engine", model: broken });
  });
});

test("recordBodiesUntil keeps the texts until then, at most a day, without keys, and apart from the rows", async () => {
  const set = (recordBodiesUntil: string | null) => service.call("PATCH", "/api/settings", { recordBodiesUntil });
  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const ask = async (text: string): Promise<RequestDetail> => {
    const response = await fetch(`${service.address}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer sk-this-is-of-the-client-0001" },
      body: JSON.stringify({ model: quick, stream: true, messages: [{ role: "user", content: text }], api_key: "abc" }),
    });
    await response.text();
    return (await service.call("GET", `/api/requests/${response.headers.get("x-request-id")}`)).body;
  };
  expect((await ask("Hi")).bodies).toBeNull();
  expect((await set(inHours(25))).status).toBe(400);
  await set(inHours(23));
  const kept = await ask("My key is sk-proj-abcdefghijklmnopqrstuv, keep it.");
  expect(JSON.parse(kept.bodies?.request ?? "")).toEqual({
    ...{ model: quick, stream: true, api_key: "[hidden]" },
    messages: [{ role: "user", content: "My key is [hidden], keep it." }],
  });
  expect(kept.bodies).toMatchObject({ response: '[{"kind":"text","text":"One two three four."}]', truncated: false });
  expect(JSON.stringify(await page())).not.toContain("keep it");
  await set(inHours(-1));
  expect((await ask("Hi")).bodies).toBeNull();
  await set(null);
});

describe("looking at the log", () => {
  const day = (number: number) => `2025-03-0${number}T10:00:00.000Z`;
  beforeAll(() => {
    for (let number = 0; number < 20; number += 1) {
      const startedAt = `2025-03-01T10:00:${String(number).padStart(2, "0")}.000Z`;
      const rest = { firstTokenMs: number + 1, tokensPerSecond: null, client: number < 15 ? "codex" : null };
      service.service.requests.record(finishedRequest({ id: `old_${number}`, startedAt, ...rest }));
    }
    const failed = { status: 502, errorCode: "engine_failed", errorSource: "engine", firstTokenMs: null } as const;
    const formula = { client: "=cmd|x", requestedModel: 'a,"b"' };
    service.service.requests.record(finishedRequest({ id: "bad", startedAt: day(2), ...failed, ...formula }));
  });
  const old = "since=2025-03-01&until=2025-03-03";

  test("is a list, newest first, in pages that lose nothing", async () => {
    const first = await page(`?${old}&limit=8`);
    const second = await page(`?${old}&limit=8&cursor=${first.nextCursor}`);
    const third = await page(`?${old}&limit=8&cursor=${second.nextCursor}`);
    const ids = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id));
    expect([ids.length, new Set(ids).size, ids[0], ids[20], third.nextCursor]).toEqual([21, 21, "bad", "old_0", null]);
  });

  test.each([
    [`${old}&errors=true`, ["bad"]],
    [`${old}&status=502`, ["bad"]],
    [`${old}&client=codex&limit=1`, ["old_14"]],
    [`${old}&protocol=anthropic`, []],
    [`${old}&model=nobody`, []],
    [`${old}&model=a/b&limit=1`, ["bad"]],
    ["since=2025-03-01T10:00:19Z&until=2025-03-01T10:00:19.001Z", ["old_19"]],
    [`${old}&errors=false&limit=1`, ["old_19"]],
  ])("is filtered by %s", async (query, ids) => {
    expect((await page(`?${query}`)).items.map(({ id }) => id)).toEqual(ids);
  });

  test("a wrong filter is refused, and what is not there is not found", async () => {
    for (const query of ["?since=yesterday", "?status=1", "?nope=1", "?cursor=x", "/stats?by=color"])
      expect((await service.call("GET", `/api/requests${query}`)).status).toBe(400);
    expect((await service.call("GET", "/api/requests/req_nothing")).status).toBe(404);
  });

  test("one request is found by its id", async () => {
    const { body } = (await service.call("GET", "/api/requests/bad")) as { body: RequestDetail };
    expect(body).toMatchObject({ id: "bad", errorCode: "engine_failed", bodies: null });
  });

  test("figures are counted by day, client and model, with percentiles of what was measured", async () => {
    const stats = async (by: string) =>
      ((await service.call("GET", `/api/requests/stats?${old}&by=${by}`)).body as RequestStats).groups;
    expect(await stats("day")).toEqual([
      expect.objectContaining({
        ...{ day: "2025-03-01", requests: 20, errors: 0, left: 0, inputTokens: 100, outputTokens: 140 },
        ...{ firstTokenMs: { p50: 10, p95: 19 }, tokensPerSecond: { p50: null, p95: null } },
      }),
      expect.objectContaining({ day: "2025-03-02", requests: 1, errors: 1, firstTokenMs: { p50: null, p95: null } }),
    ]);
    expect((await stats("client,model")).map(({ client, model, requests }) => [client, model, requests])).toEqual([
      ["codex", "a/b", 15],
      [null, "a/b", 5],
      ["=cmd|x", "a/b", 1],
    ]);
    expect(await stats("")).toEqual([expect.objectContaining({ requests: 21, errors: 1 })]);
    expect(await (await service.call("GET", "/api/requests/stats?since=2030-01-01&by=")).body).toMatchObject({
      groups: [],
    });
  });

  test("all of it comes as JSON lines or as CSV that no spreadsheet runs, over many pages", async () => {
    const text = async (query: string) => (await fetch(`${service.address}/api/requests/export?${query}`)).text();
    const lines = (await text(old)).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as RequestEntry).id)).toEqual([
      ...Array.from({ length: 20 }, (_, number) => `old_${number}`),
      "bad",
    ]);
    const csv = (await text(`${old}&format=csv&errors=true`)).split("\r\n");
    expect(csv).toHaveLength(3);
    expect(csv[0]).toMatch(/^id,startedAt,/);
    expect(csv[1]).toContain(`,'=cmd|x,,"a,""b""",a/b,`);
    for (let number = 0; number < 1100; number += 1)
      service.service.requests.record(finishedRequest({ id: `many_${number}`, startedAt: "2024-01-01T00:00:00.000Z" }));
    expect((await text("until=2024-02-01")).trimEnd().split("\n")).toHaveLength(1100);
  });
});

describe("mlx-manager requests", () => {
  test("--follow shows what ends, by the filters, until Ctrl-C", async () => {
    const { streams, until } = createFakeTerminal(300);
    let interrupt: () => void = () => undefined;
    const interrupts = { listen: (handler: () => void) => ((interrupt = handler), () => undefined) };
    const options = { environment: { MLX_MANAGER_HOME: home }, version: "0", serve: () => Promise.resolve(0) };
    const program = createProgram({ ...options, demoQuestions, streams, interrupts });
    const ended = program.run(["requests", "--follow", "--client", "wanted"]);
    const listening = setInterval(() => void chat("nobody/nothing", false, null, "wanted/1"), 100);
    await until("nobody/nothing  wanted  404 model_not_found");
    clearInterval(listening);
    interrupt();
    expect(await ended).toBe(130);
  });

  test("lists, counts, shows one and exports", async () => {
    const list = await run("requests", "--client", "codex", "--limit", "2");
    expect(list.output).toMatch(/^STARTED +MODEL +CLIENT +END .*\n\S+ \S+ +a\/b +codex +stop +5 +7 +2 ms +15 ms/);
    expect(list.errorOutput).toContain("More: add --cursor ");
    const stats = await run(
      "requests",
      "--stats",
      "--by",
      "day,client",
      "--until",
      "2025-03-03",
      "--since",
      "2025-03-01",
    );
    expect(stats.output).toMatch(/2025-03-01 +codex +15 +0 +0 +75 +105 +8 ms +15 ms/);
    expect((await run("requests", "bad")).output).toMatch(/errorCode +engine_failed/);
    const exported = await run("requests", "--export", "jsonl", "--errors", "--until", "2025-03-03");
    expect((JSON.parse(exported.output) as RequestEntry).id).toBe("bad");
    expect((await run("requests", "--json", "--limit", "3")).json()).toEqual(await page("?limit=3"));
    expect((await run("requests", "--stats", "--follow")).code).toBe(2);
  });
});
