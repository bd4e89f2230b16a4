import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { OllamaChatAnswer, OllamaError } from "../../../service/src/contract/ollama.ts";
import { collect, demo, startOllamaBench } from "./ollama-bench.ts";
import type { OllamaBench } from "./ollama-bench.ts";

const plain = "own/plain";
const dying = "own/dying";
const messages = [{ role: "user", content: "Hi" }];
let bench: OllamaBench;
beforeAll(async () => {
  bench = await startOllamaBench({
    [plain]: { text: "Hello there, friend.", reasoning: true },
    [dying]: { tokens: 20, crashAfterTokens: 3 },
  });
  await bench.service.call("POST", "/api/profiles", {
    ...{ slug: "coder", name: "Coder", model: plain },
    sampling: { temperature: 0.3, maxTokens: 64 },
    limits: { contextTokens: 1024 },
  });
});
afterAll(() => bench.close());

describe("the official client", () => {
  test("reads the version, the models with whole details, and one of them, without loading any", async () => {
    expect((await bench.client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
    const { models } = await bench.client.list();
    expect(models.map(({ name }) => name).sort()).toEqual([demo, "coder", dying, plain].sort());
    for (const model of models) {
      expect(model).toMatchObject({ model: model.name, digest: expect.stringMatching(/^[0-9a-f]{40,64}$/) });
      expect(model.size).toBeGreaterThan(0);
      expect(model.details).toEqual({
        ...{ parent_model: "", format: "safetensors", family: "llama", families: ["llama"] },
        ...{ parameter_size: expect.stringMatching(/^\d+\.\d[KMB]$/), quantization_level: expect.any(String) },
      });
    }
    const shown = await bench.client.show({ model: `${demo}:latest` });
    expect(shown).toMatchObject({ parameters: "num_ctx 2048", details: { family: "llama" } });
    expect(shown.model_info).toMatchObject({ "general.architecture": "llama", "llama.context_length": 2048 });
    expect(shown.capabilities).toEqual(expect.arrayContaining(["completion", "tools"]));
    const coder = await bench.client.show({ model: "coder" });
    expect(coder.parameters).toBe("num_ctx 1024\nnum_predict 64\ntemperature 0.3");
    expect(coder.modelfile).toContain(`FROM ${plain}\nPARAMETER num_ctx 1024\n`);
    expect((await bench.client.ps()).models).toEqual([]);
    await expect(bench.client.show({ model: "nobody/nothing" })).rejects.toMatchObject({ status_code: 404 });
  });

  test("chats whole, with thinking, counts and durations", async () => {
    const answer = await bench.client.chat({ model: plain, messages });
    expect(OllamaChatAnswer.parse(answer)).toMatchObject({
      ...{ model: plain, done: true, done_reason: "stop", eval_count: 10 },
      message: { role: "assistant", content: "Hello there, friend.", thinking: "The user wants an answer." },
    });
    expect(answer.prompt_eval_count).toBeGreaterThan(0);
    expect(answer.load_duration + answer.prompt_eval_duration + answer.eval_duration).toBeLessThanOrEqual(
      answer.total_duration + 3,
    );
    expect(answer.total_duration).toBeGreaterThan(1_000_000);
  });

  test("chats streamed: lines of the contract, text and thinking apart, the counts on the last", async () => {
    const lines = await collect(await bench.client.chat({ model: plain, messages, stream: true }));
    for (const line of lines) OllamaChatAnswer.parse(line);
    expect(lines.map(({ message }) => message.content).join("")).toBe("Hello there, friend.");
    expect(lines.map(({ message }) => message.thinking ?? "").join("")).toBe("The user wants an answer.");
    expect(lines.map(({ done }) => done)).toEqual([...lines.slice(1).map(() => false), true]);
    expect(lines.at(-1)).toMatchObject({ done_reason: "stop", eval_count: 10, message: { content: "" } });
    expect(lines[0]).not.toHaveProperty("total_duration");
    expect((await bench.client.ps()).models).toEqual([
      expect.objectContaining({
        name: plain,
        context_length: 2048,
        details: expect.objectContaining({ family: "llama" }),
      }),
    ]);
  });

  test("streams unless it is told not to, as a bare request does, under the type of lines", async () => {
    const response = await bench.post("/api/chat", { model: plain, messages });
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.map((line) => OllamaChatAnswer.parse(JSON.parse(line)).done).at(-1)).toBe(true);
  });

  test("throws what failed: before the answer with its status, in the middle of it with its sentence", async () => {
    const unknown = bench.client.chat({ model: "nobody/nothing", messages });
    await expect(unknown).rejects.toMatchObject({ status_code: 404, error: expect.stringContaining("nobody/nothing") });
    const refused = await bench.post("/api/chat", { model: plain, messages: [{ role: "king", content: "" }] });
    expect(refused.status).toBe(400);
    expect(OllamaError.parse(await refused.json()).error).toContain("messages.0.role");
    const stream = await bench.client.chat({ model: dying, messages, stream: true });
    await expect(collect(stream)).rejects.toThrow("The engine");
    const text = await (await bench.post("/api/chat", { model: dying, messages })).text();
    expect(JSON.parse(text.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ done: true, done_reason: "error" });
  });
});
