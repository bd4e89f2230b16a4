import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { OllamaError, ollamaPaths } from "../../../service/src/contract/ollama.ts";
import { ollamaEmbedParameters, ollamaEmbeddingsParameters } from "../../../service/src/gateway/ollama/embeddings.ts";
import {
  checkOllamaParameters,
  ollamaChatParameters,
  ollamaGenerateParameters,
} from "../../../service/src/gateway/ollama/parameters.ts";
import type { Parameter, ParameterTable } from "../../../service/src/gateway/parameters.ts";
import { demo, startOllamaBench } from "./ollama-bench.ts";
import type { OllamaBench } from "./ollama-bench.ts";

const plain = "own/plain";
const messages = [{ role: "user", content: "Hi" }];
let bench: OllamaBench;
beforeAll(async () => {
  bench = await startOllamaBench(
    { [plain]: { text: "One two three." } },
    { environment: { MLX_MANAGER_API_KEY: "master-key-of-the-test" } },
  );
});
afterAll(() => bench.close());

const keyed = { "content-type": "application/json", authorization: "Bearer master-key-of-the-test" };
const chat = (change: object) => bench.post("/api/chat", { model: plain, messages, stream: false, ...change }, keyed);
const errorOf = async (response: Response) => OllamaError.parse(await response.json()).error;

const tables: [string, ParameterTable][] = [
  ["chat", ollamaChatParameters],
  ["generate", ollamaGenerateParameters],
  ["embed", ollamaEmbedParameters],
  ["embeddings", ollamaEmbeddingsParameters],
];
const rows = tables.flatMap(([route, table]) =>
  Object.entries(table).map(([name, parameter]): [string, string, ParameterTable, Parameter] => [
    ...([route, name, table, parameter] as const),
  ]),
);
const requestWith = (name: string, value: unknown): Record<string, unknown> =>
  name.startsWith("options.") ? { options: { [name.slice("options.".length)]: value } } : { [name]: value };

describe("the tables of parameters", () => {
  test.each(rows)("%s: %s is honoured, harmless, or refused by its name", (_route, name, table, parameter) => {
    expect(checkOllamaParameters(requestWith(name, null), table)).toEqual([]);
    if (parameter.support !== "default-only") {
      expect(checkOllamaParameters(requestWith(name, 1), table)).toEqual([]);
      return;
    }
    expect(() => checkOllamaParameters(requestWith(name, [0.123]), table)).toThrow(`"${name}" cannot be honoured`);
  });

  test("what Ollama would do anyway passes, and what nobody knows is named", () => {
    const usual = {
      ...{ repeat_last_n: 64, typical_p: 1, tfs_z: 1, mirostat: 0, penalize_newline: true, num_ctx: 4096 },
      ...{ logits_all: false, vocab_only: false, embedding_only: false },
    };
    const given = { raw: false, suffix: "", template: "", context: [], logprobs: false, top_logprobs: 0 };
    expect(
      checkOllamaParameters({ ...given, options: { ...usual, zeta: 1 }, beta: 2 }, ollamaGenerateParameters),
    ).toEqual(["beta", "options.zeta"]);
  });
});

describe("options", () => {
  const asked = async (options: object): Promise<Record<string, unknown>> => {
    const response = await chat({ options });
    expect(response.status).toBe(200);
    return bench.asked().at(-1) ?? {};
  };

  test("reach the engine under its names, zero included", async () => {
    expect(
      await asked({
        ...{ temperature: 0, top_k: 40, top_p: 0.9, min_p: 0.05, seed: 7, num_predict: 12 },
        ...{ repeat_penalty: 1.1, presence_penalty: 0.5, frequency_penalty: -0.5, num_ctx: 1024 },
      }),
    ).toMatchObject({
      ...{ temperature: 0, top_k: 40, top_p: 0.9, min_p: 0.05, seed: 7, max_tokens: 12 },
      ...{ repetition_penalty: 1.1, presence_penalty: 0.5, frequency_penalty: -0.5 },
    });
  });

  test("say as little as Ollama means: no end, another seed each time, all tokens", async () => {
    const body = await asked({ num_predict: -1, seed: -1, top_k: -1 });
    expect(body["max_tokens"]).toBeGreaterThan(256);
    expect(body).not.toHaveProperty("seed");
    expect(body["top_k"]).toBe(0);
  });

  test("stop ends the answer by its text", async () => {
    const stopped = (await (await chat({ options: { stop: " three" } })).json()) as { message: { content: string } };
    expect(stopped.message.content).toBe("One two");
  });

  test("of a wrong kind are refused by their name", async () => {
    for (const [options, name] of [
      [{ temperature: "hot" }, "options.temperature"],
      [{ mirostat: 2 }, "options.mirostat"],
    ] as const) {
      const response = await chat({ options });
      expect([response.status, await errorOf(response)]).toEqual([400, expect.stringContaining(name)]);
    }
    expect(await errorOf(await chat({ format: "yaml" }))).toContain("format");
  });
});

describe("Ollama's paths", () => {
  test.each([...ollamaPaths])("%s answers errors as a sentence alone, and no other path of ours does", async (path) => {
    const response = await fetch(`${bench.service.address}${path}`, { method: "PATCH" });
    expect(await errorOf(response)).toContain("API key");
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    const own = (await (await fetch(`${bench.service.address}/api/models`)).json()) as { error: { code: string } };
    expect(own.error.code).toBe("unauthorized");
  });

  test("take the key as x-api-key too, and a key for inference neither pulls nor deletes", async () => {
    const { body } = await bench.service.call("POST", "/api/keys", { name: "phone", scope: "inference" }, keyed);
    const { key: secret } = body as { key: string };
    const headers = { "content-type": "application/json", "x-api-key": secret };
    const tags = await fetch(`${bench.service.address}/api/tags`, { headers });
    expect(((await tags.json()) as { models: { name: string }[] }).models.map(({ name }) => name)).toContain(demo);
    expect((await bench.post("/api/generate", { model: plain, prompt: "Hi", stream: false }, headers)).status).toBe(
      200,
    );
    for (const [method, path] of [
      ["POST", "/api/pull"],
      ["DELETE", "/api/delete"],
    ] as const) {
      const withKey = { "content-type": "application/json", authorization: `Bearer ${secret}` };
      const init = { method, headers: withKey, body: JSON.stringify({ model: plain }) };
      expect((await fetch(`${bench.service.address}${path}`, init)).status).toBe(403);
    }
  });

  test("read what curl calls a form as JSON, but not what a browser does", async () => {
    const { authorization } = keyed;
    const form = { "content-type": "application/x-www-form-urlencoded", authorization };
    expect((await bench.post("/api/show", { model: plain }, form)).status).toBe(200);
    const browser = { ...form, origin: bench.service.address };
    expect((await bench.post("/api/show", { model: plain }, browser)).status).toBe(415);
  });

  test("name what was tolerated in the request's row", async () => {
    await chat({ keep_alive: "5m", beta: 1, tools: [{ type: "remote_tool", name: "web" }] });
    const { body } = await bench.service.call("GET", "/api/requests?limit=1", undefined, keyed);
    expect((body as { items: object[] }).items[0]).toMatchObject({
      ...{ protocol: "ollama", path: "/api/chat", requestedModel: plain, status: 200 },
      droppedKeys: ["beta", "tools.remote_tool"],
    });
  });
});
