import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { Ollama } from "ollama";
import { Agent } from "undici";
import { OllamaEmbedAnswer } from "../../../service/src/contract/ollama.ts";
import type { EndpointInput } from "../../../service/src/gateway/answer.ts";
import { answerEmbed, answerEmbeddings } from "../../../service/src/gateway/ollama/embeddings.ts";
import type { OllamaDependencies } from "../../../service/src/gateway/index.ts";
import { createLineWriter } from "../../../service/src/gateway/ollama/writer.ts";
import { chatShape } from "../../../service/src/gateway/ollama/answer-shapes.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import { isAppError } from "../../../service/src/platform/errors.ts";
import { testProfile } from "./gateway-bench.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The two routes before an engine that makes a vector of two numbers of each text. */
async function startRoutes(): Promise<Ollama> {
  const engine = createServer(async (request, response) => {
    const { input } = JSON.parse((await request.toArray()).join("")) as { input: string[] };
    const data = input.map((text, index) => ({ object: "embedding", index, embedding: [text.length, index] }));
    response.end(JSON.stringify({ data, usage: { prompt_tokens: 5 } }));
  });
  const url = await listen(engine);
  const dispatcher = new Agent();
  closing.push(() => dispatcher.destroy());
  const profile = testProfile({ model: "some/bert", engine: "mlx-openai-server" });
  const facts = {
    contextLength: 512,
    vocabularySize: 100,
    architecture: "bert",
    capabilities: ["embeddings"] as const,
  };
  const lease = {
    ...{ serverId: "server_1", url, dispatcher, headers: {}, engine: "mlx-openai-server" },
    ...{ noteTokens: () => undefined, noteLife: () => undefined, release: () => undefined },
  };
  const dependencies = {
    clock: systemClock,
    engines: { environment: () => ({}) },
    models: { find: () => ({ id: "some/bert", facts }) },
    pool: { loaded: () => [], isServing: () => false, ensureReady: () => Promise.resolve(lease) },
    profiles: { resolve: () => ({ profile, revision: "main", by: "model" }) },
    settings: { values: () => ({ stallDeadlineSeconds: 300 }) },
  } as unknown as OllamaDependencies;
  const track = {
    understood: () => undefined,
    resolved: () => undefined,
    leased: () => undefined,
    see: () => undefined,
  };
  const routes = createServer(async (request, response) => {
    const body: unknown = JSON.parse((await request.toArray()).join(""));
    const input = { body, track, asker: { client: "", isBackground: false }, signal: new AbortController().signal };
    const answer = request.url === "/api/embed" ? answerEmbed : answerEmbeddings;
    await answer(dependencies, input as unknown as EndpointInput, response).catch((error: unknown) => {
      response.writeHead(isAppError(error) ? error.status : 500, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: String(error) }));
    });
  });
  return new Ollama({ host: await listen(routes) });
}

test("the official client gets vectors in both of Ollama's shapes", async () => {
  const client = await startRoutes();
  const many = await client.embed({ model: "some/bert", input: ["ab", "abc"] });
  expect(OllamaEmbedAnswer.parse(many)).toMatchObject({
    ...{ model: "some/bert", prompt_eval_count: 5 },
    embeddings: [
      [2, 0],
      [3, 1],
    ],
  });
  expect((await client.embed({ model: "some/bert", input: "a", dimensions: 2 })).embeddings).toEqual([[1, 0]]);
  expect(await client.embeddings({ model: "some/bert", prompt: "abcd" })).toEqual({ embedding: [4, 0] });
  expect((await client.embed({ model: "some/bert", input: [] })).embeddings).toEqual([]);
  const other = client.embed({ model: "some/bert", input: "a", dimensions: 3 });
  await expect(other).rejects.toMatchObject({ status_code: 400, error: expect.stringContaining('"dimensions"') });
});

test("waiting is told by what JSON allows before the next line, so that strict clients read on", () => {
  const counts = () => ({
    ...{ total_duration: 1, load_duration: 1, prompt_eval_count: 1 },
    ...{ prompt_eval_duration: 1, eval_count: 1, eval_duration: 1 },
  });
  const writer = createLineWriter({ model: "a/b", shape: chatShape, clock: systemClock, counts });
  const lines = [
    writer.heartbeat,
    writer.heartbeat,
    writer.write([{ type: "progress", phase: "loading", done: 1, total: 2 }]),
    writer.write([
      { type: "block-start", index: 0, kind: "text" },
      { type: "block-delta", index: 0, text: "Hi\n" },
    ]),
    writer.heartbeat,
    writer.write([
      { type: "block-end", index: 0 },
      { type: "finish", reason: "length" },
    ]),
  ];
  const read = lines
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(read).toMatchObject([
    { message: { content: "Hi\n" }, done: false },
    { done: true, done_reason: "length" },
  ]);
});
