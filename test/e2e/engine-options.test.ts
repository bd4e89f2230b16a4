import { globSync, mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import type { ProfileChange, ProfileView } from "../../service/src/contract/profiles.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { writeDemoAdapter } from "../fixtures/lora-adapter.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const whoAreYou = /^I am the built-in demo model of MLX Manager/;
const demo = "mlx-manager/demo";
let folder: string;
let service: RealService;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-options-"));
  const cache = join(folder, "hub");
  await writeCachedModel(cache, "test/draft");
  await writeCachedModel(cache, "test/stranger");
  await growVocabulary(cache);
  service = await startRealService({ MLX_MANAGER_HF_CACHE_PATH: cache });
}, 600_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A tokenizer with one word more than the demo's. */
async function growVocabulary(cache: string): Promise<void> {
  const [file = ""] = globSync(join(cache, "models--test--stranger/snapshots/*/tokenizer.json"));
  const tokenizer = JSON.parse(await readFile(file, "utf8")) as { model: { vocab: Record<string, number> } };
  tokenizer.model.vocab["ĠĠĠĠnobody"] = 1535;
  await writeFile(file, JSON.stringify(tokenizer));
}

async function serve(slug: string, parts: object): Promise<Server> {
  const profile = await service.api().send<ProfileView>("POST", "/api/profiles", { slug, model: demo, ...parts });
  return service.api().send<Server>("POST", `/api/profiles/${profile.id}/start?wait=true`);
}

async function ask(model: string, content: string, more: object = {}) {
  const body = { model, temperature: 0, messages: [{ role: "user", content }], ...more };
  const { choices, usage } = await service.api().send<ChatCompletion>("POST", "/v1/chat/completions", body);
  return { text: choices[0]?.message.content ?? "", finish: choices[0]?.finish_reason, usage };
}

describe("on the real engine", () => {
  test("a draft model guesses ahead: same text, kept by the library while it serves, batching off", async () => {
    const server = await serve("guessed", { engineOptions: { draftModel: "test/draft", draftTokens: 4 } });
    expect(server.batching).toEqual({ on: false, reason: expect.stringContaining("draft model") });
    expect((await ask("guessed", "Who are you?")).text).toMatch(whoAreYou);
    await expect(service.api().send("DELETE", "/api/models/test/draft")).rejects.toMatchObject({
      body: { error: { code: "model_in_use", message: expect.stringContaining("guessed") } },
    });
    await service.api().send("POST", `/api/profiles/${server.profileId}/stop`);
    await service.api().send("DELETE", "/api/models/test/draft");
  }, 120_000);

  test("a draft model that counts in other tokens is refused at the start, with the reason", async () => {
    await expect(serve("mismatched", { engineOptions: { draftModel: "test/stranger" } })).rejects.toMatchObject({
      body: {
        error: {
          code: "engine_failed",
          message: expect.stringContaining("profile's options"),
          details: { engineMessage: expect.stringContaining("another vocabulary") },
        },
      },
    });
  }, 120_000);

  test("a chat template takes the place of the model's own, and its variables are the profile's", async () => {
    const chatTemplate = "{{ '<|im_start|>user\n' + (question or 'Hello') + '<|im_end|>\n<|im_start|>assistant\n' }}";
    const server = await serve("templated", { engineOptions: { chatTemplate } });
    expect((await ask("templated", "What is the weather?")).text).toMatch(/^Hello!/);
    const patch = { engineOptions: { chatTemplate, chatTemplateArguments: { question: "Who are you?" } } };
    const path = `/api/profiles/${server.profileId}`;
    expect(await service.api().send<ProfileChange>("PATCH", path, patch)).toMatchObject({ needsRestart: false });
    expect((await ask("templated", "What is the weather?")).text).toMatch(whoAreYou);
    await service.api().send("POST", `${path}/stop`);
  }, 120_000);

  test("a template that refuses several calls in one message gets one call at a time, each with its result", async () => {
    const chatTemplate = [
      "{%- set order = namespace(words='') %}",
      "{%- for message in messages %}",
      "{%- if message.tool_calls and message.tool_calls | length != 1 %}{{ raise_exception('One at a time.') }}{%- endif %}",
      "{%- set order.words = order.words + message.role + ' ' %}",
      "{%- endfor %}",
      "{{- '<|im_start|>user\n' + ('Who are you?' if order.words == expected else 'Hello') }}",
      "{{- '<|im_end|>\n<|im_start|>assistant\n' }}",
    ].join("");
    const chatTemplateArguments = { expected: "user assistant tool assistant tool user " };
    const server = await serve("one-at-a-time", { engineOptions: { chatTemplate, chatTemplateArguments } });
    const call = (id: string) => ({ id, type: "function", function: { name: "look", arguments: "{}" } });
    const messages = [
      { role: "user", content: "Look twice." },
      { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
      { role: "tool", tool_call_id: "b", content: "two" },
      { role: "tool", tool_call_id: "a", content: "one" },
      { role: "user", content: "And?" },
    ];
    expect((await ask("one-at-a-time", "", { messages })).text).toMatch(whoAreYou);
    await service.api().send("POST", `/api/profiles/${server.profileId}/stop`);
  }, 120_000);

  test("a LoRA adapter changes what the model says, and the context bounds prompt and answer together", async () => {
    const adapterPath = writeDemoAdapter(join(folder, "adapter"));
    const server = await serve("adapted", { engineOptions: { adapterPath }, limits: { contextTokens: 256 } });
    const { text, finish, usage } = await ask("adapted", "Who are you?", {
      max_tokens: 2000,
      logit_bias: { 2: -100, 0: -100 },
    });
    expect(text).not.toMatch(whoAreYou);
    expect([finish, usage?.total_tokens]).toEqual(["length", 256]);
    await expect(ask("adapted", "word ".repeat(400))).rejects.toMatchObject({
      status: 400,
      body: { error: { code: "context_length_exceeded", message: expect.stringContaining("256") } },
    });
    expect(await service.api().get(`/api/servers/${server.id}`)).toMatchObject({ state: "ready", restarts: 0 });
    await service.api().send("POST", `/api/profiles/${server.profileId}/stop`);
  }, 120_000);

  test("a quantized key-value cache answers one at a time, and two bits are fewer than it takes", async () => {
    const coarse = { kvBits: 2, kvGroupSize: 32, quantizedKvStart: 0 };
    const server = await serve("quantized", { engineOptions: coarse });
    expect(server.batching).toEqual({ on: false, reason: expect.stringContaining("key-value cache") });
    const plain = (await ask(demo, "Who are you?")).text;
    expect((await ask("quantized", "Who are you?")).text).not.toBe(plain);
    const path = `/api/profiles/${server.profileId}`;
    const fine = { engineOptions: { ...coarse, kvBits: 8 } };
    expect(await service.api().send<ProfileChange>("PATCH", path, fine)).toMatchObject({
      needsRestart: true,
      restartKeys: ["engineOptions.kvBits"],
    });
    await service.api().send("POST", `${path}/restart?wait=true`);
    expect((await ask("quantized", "Who are you?")).text).toBe(plain);
    await service.api().send("POST", `${path}/stop`);
  }, 120_000);

  test("groups that do not fit the model's heads are refused at the start, not at each request", async () => {
    await expect(serve("wide", { engineOptions: { kvBits: 8, kvGroupSize: 128 } })).rejects.toMatchObject({
      body: { error: { code: "engine_failed", message: expect.stringContaining("profile's options") } },
    });
  }, 120_000);
});
