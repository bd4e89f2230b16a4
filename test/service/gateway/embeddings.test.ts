import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { Agent } from "undici";
import { startGateway, testProfile } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;
let closeEngine: () => Promise<void>;
let leases = 0;

afterEach(async () => {
  await bench.close();
  await closeEngine();
  expect(leases).toBe(0);
});

const time = "2026-01-01T00:00:00.000Z";
const profile = testProfile({ id: "profile_bert", model: "some/bert", engine: "mlx-openai-server" });
const facts = { contextLength: 512, vocabularySize: 100, architecture: "bert", capabilities: ["embeddings"] as const };
const model = { id: "some/bert", demo: false, complete: true, addedAt: time, facts };

/** The gateway before an engine that answers whatever `answer` says. */
async function start(answer: (response: ServerResponse) => void): Promise<void> {
  const engine = createServer((request, response) => void request.resume().on("end", () => answer(response)));
  await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  closeEngine = async () => {
    await dispatcher.destroy();
    engine.closeAllConnections();
    await new Promise((resolve) => engine.close(resolve));
  };
  bench = await startGateway({
    change: {
      profiles: { all: () => [profile], resolve: () => ({ profile, revision: "main", by: "model" }) },
      models: { all: () => [model], find: () => model },
      pool: {
        isServing: () => false,
        loaded: () => [],
        ensureReady: () => {
          leases += 1;
          return Promise.resolve({
            ...{ serverId: "server_1", url, dispatcher, headers: {}, engine: "mlx-openai-server" as const },
            noteTokens: () => undefined,
            noteLife: () => undefined,
            release: () => void (leases -= 1),
          });
        },
      },
    },
  });
}

function post(input: unknown, signal?: AbortSignal, name = "some/bert"): Promise<Response> {
  const body = JSON.stringify({ model: name, input });
  const headers = { "content-type": "application/json" };
  return fetch(`${bench.url}/embeddings`, { method: "POST", headers, body, ...(signal ? { signal } : {}) });
}

const entry = (embedding: unknown, index?: number) => ({ object: "embedding", embedding, index });

test("vectors go by their index, and what the engine counted is told and recorded", async () => {
  const data = [entry([3, 4], 1), entry([1, 2], 0)];
  await start((response) => response.end(JSON.stringify({ data, usage: { prompt_tokens: 7 } })));
  expect(await (await post(["a", "b"])).json()).toMatchObject({
    data: [
      { index: 0, embedding: [1, 2] },
      { index: 1, embedding: [3, 4] },
    ],
    usage: { prompt_tokens: 7, total_tokens: 7 },
  });
  expect(await bench.row()).toMatchObject({
    path: "/v1/embeddings",
    status: 200,
    inputTokens: 7,
    serverId: "server_1",
  });
});

test("who answers is named in the head, where another name was asked", async () => {
  await start((response) => response.end(JSON.stringify({ data: [entry([1], 0)] })));
  const named = async (name: string) => (await post("a", undefined, name)).headers.get("x-mlx-manager-model");
  expect([await named("text-embedding-3-small"), await named("some/bert")]).toEqual(["some/bert", null]);
});

test.each([
  ["one vector too few", JSON.stringify({ data: [entry([1], 0)] })],
  ["one vector twice", JSON.stringify({ data: [entry([1], 0), entry([2], 0)] })],
  ["vectors of different lengths", JSON.stringify({ data: [entry([1], 0), entry([1, 2], 1)] })],
  ["a vector that is not of numbers", JSON.stringify({ data: [entry([1], 0), entry([null], 1)] })],
  ["an empty vector", JSON.stringify({ data: [entry([], 0), entry([], 1)] })],
  ["something that is no JSON", "<html>"],
  ["nothing", "null"],
])("an engine that answers %s has failed, and the row says so", async (_, text) => {
  await start((response) => response.end(text));
  const response = await post(["a", "b"]);
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: "engine_failed", source: "engine" } });
  expect(await bench.row()).toMatchObject({ status: 502, errorCode: "engine_failed" });
});

test("an engine's refusal keeps its words; one that hangs up has failed", async () => {
  await start((response) => response.writeHead(400).end('{"error": {"message": "input is too long"}}'));
  expect(await (await post("a")).json()).toMatchObject({ error: { message: expect.stringContaining("too long") } });
  await Promise.all([bench.close(), closeEngine()]);
  await start((response) => response.destroy());
  expect((await post("a")).status).toBe(502);
});

test("a client that leaves ends the engine's work", async () => {
  let noteClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (noteClosed = resolve));
  const controller = new AbortController();
  await start((response) => {
    response.on("close", noteClosed);
    controller.abort();
  });
  await expect(post("a", controller.signal)).rejects.toThrow();
  await closed;
  expect(await bench.row()).toMatchObject({ clientLeft: true, status: 499 });
});
