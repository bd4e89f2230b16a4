import { chmod, mkdtemp, readFile, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { EmbeddingsAnswer } from "../../service/src/contract/embeddings.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { fakeEngines } from "../tools/fake-engines.ts";
import { pythonEnvironment } from "../tools/python-environment.ts";

const model = "test/embedding";
const launcher = fileURLToPath(new URL("../../service/engines/launcher/mlx_openai_server.py", import.meta.url));
const fakePackage = fileURLToPath(new URL("../fakes/mlx-openai-server", import.meta.url));
let home: string;
let service: TestService;
let client: OpenAI;

/** The whole service with our real launcher; of the engine, the two modules that stand in for it. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-embeddings-"));
  const python = join(home, "python");
  const real = (await pythonEnvironment()).python;
  const variables = `PYTHONPATH='${fakePackage}' PYTHONPYCACHEPREFIX='${join(home, "compiled")}'`;
  await writeFile(python, `#!/bin/sh\n${variables} exec '${real}' "$@"\n`);
  await chmod(python, 0o755);
  await addModel();
  const environment = { engine: "mlx-openai-server", version: "1.8.1", lockHash: "fake", python, launcher } as const;
  const engines = { ...fakeEngines(), environment: () => environment, ensureInstalled: async () => environment };
  service = await startTestService({ home, engine: "none", compose: { parts: { engines } } });
  client = new OpenAI({ baseURL: `${service.address}/v1`, apiKey: "none", maxRetries: 0 });
}, 120_000);
afterAll(async () => {
  await service.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** As sentence-transformers leaves one. */
async function addModel(): Promise<void> {
  const cache = join(home, "hub");
  await writeCachedModel(cache, model);
  const repository = join(cache, "models--test--embedding");
  const snapshot = join(repository, "snapshots", await readFile(join(repository, "refs", "main"), "utf8"));
  await rm(join(snapshot, "chat_template.jinja"), { force: true });
  await writeFile(join(snapshot, "tokenizer_config.json"), "{}");
  const config = { model_type: "bert", hidden_size: 32, vocab_size: 1536, max_position_embeddings: 512 };
  await writeFile(join(snapshot, "config.json"), JSON.stringify(config));
  await mkdir(join(snapshot, "1_Pooling"));
  await writeFile(join(snapshot, "1_Pooling", "config.json"), "{}");
}

const post = (change: object) => service.call("POST", "/v1/embeddings", { model, input: "Hello", ...change });

describe("/v1/embeddings", () => {
  test("the official client gets the same vectors as base64, its default, and as numbers, in the texts' order", async () => {
    const input = ["Hello", "there", "Hello"];
    const asBytes = await client.embeddings.create({ model, input });
    const asNumbers = await client.embeddings.create({ model, input, encoding_format: "float" });
    expect(asBytes.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(asNumbers).toMatchObject({ object: "list", model, usage: { prompt_tokens: 0, total_tokens: 0 } });
    for (const [index, { embedding }] of asNumbers.data.entries()) {
      expect(embedding).toHaveLength(8);
      expect(asBytes.data[index]!.embedding.map((value) => value.toFixed(4))).toEqual(
        embedding.map((value) => value.toFixed(4)),
      );
    }
    expect(asNumbers.data[0]!.embedding).toEqual(asNumbers.data[2]!.embedding);
    expect(asNumbers.data[0]!.embedding).not.toEqual(asNumbers.data[1]!.embedding);
  });

  test("a single text, and more texts than the engine is asked at once", async () => {
    EmbeddingsAnswer.parse((await post({ encoding_format: "base64", user: "me" })).body);
    const { body } = await post({ input: Array.from({ length: 150 }, (_, index) => `text ${index}`) });
    const { data } = EmbeddingsAnswer.parse(body);
    expect(data.map(({ index }) => index)).toEqual(Array.from({ length: 150 }, (_, index) => index));
    expect(new Set(data.map(({ embedding }) => JSON.stringify(embedding))).size).toBe(150);
  });

  test.each([
    ["tokens", { input: [1, 2, 3] }, "input"],
    ["lists of tokens", { input: [[1, 2], [3]] }, "input"],
    ["another length than the model's", { dimensions: 4 }, "dimensions"],
  ])("%s cannot be honoured, and the parameter is named", async (_, change, param) => {
    expect(await post(change)).toMatchObject({ status: 400, body: { error: { code: "unsupported", param } } });
  });

  test("the model's own length may be asked for; what is no input is refused", async () => {
    expect(await post({ dimensions: 8 })).toMatchObject({ status: 200 });
    for (const input of ["", [], ["a", ""], [1.5], null, { text: "a" }, Array(2049).fill("a")])
      expect(await post({ input })).toMatchObject({ status: 400, body: { error: { code: "invalid_request" } } });
  });

  test("a model that chats makes none: refused before it is loaded, naming one that does", async () => {
    expect(await post({ model: "mlx-manager/demo" })).toMatchObject({
      status: 400,
      body: { error: { code: "unsupported", message: expect.stringContaining(`Choose ${model} for embeddings`) } },
    });
    expect(await post({ model: "nobody/nothing" })).toMatchObject({ status: 404 });
  });
});
