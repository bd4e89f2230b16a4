import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { ChatRequest } from "../../../service/src/contract/openai.ts";
import { emptyParts } from "../../../service/src/contract/profiles.ts";
import type { Profile } from "../../../service/src/contract/profiles.ts";
import type { EngineId } from "../../../service/src/contract/engines.ts";
import { engineProtocol } from "../../../service/src/gateway/engines/engine-protocol.ts";
import { checkImages } from "../../../service/src/gateway/images.ts";
import type { Part } from "../../../service/src/gateway/parts.ts";
import { readChat } from "../../../service/src/gateway/openai/read-chat.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { isAppError } from "../../../service/src/platform/errors.ts";
import { assertWellFormed, seededRandom, summary } from "./part-streams.ts";

const limits = { contextLength: 2048, vocabularySize: 1536 };
const picture = "data:image/png;base64,AAAA";

function profileOf(engine: EngineId, model = "a/seeing"): Profile {
  return {
    ...{ id: "p", slug: null, name: "p", implicit: true, model, revision: "main" },
    ...{ engineOptions: {}, sampling: {}, systemPrompt: null, ...emptyParts, engine },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" },
  };
}

function bodyOf(engine: EngineId, request: object): Record<string, unknown> {
  const asked = ChatRequest.parse({ messages: [{ role: "user", content: "Hi" }], ...request });
  const profile = profileOf(engine);
  return engineProtocol(engine).body({ request: normalizeRequest(readChat(asked), profile, limits), profile, limits });
}

function refusal(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    if (isAppError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return "accepted";
}

function recorded(engine: string, name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../../fixtures/${engine}/${name}`, import.meta.url)));
}

async function read(engine: EngineId, chunks: readonly Uint8Array[]): Promise<Part[]> {
  let calls = 0;
  const options = { newCallId: () => `call_${(calls += 1)}`, onFailure: () => undefined, headers: {} };
  const parts: Part[] = [];
  for await (const array of engineProtocol(engine).read(bytes(chunks), options)) parts.push(...array);
  return parts;
}

async function* bytes(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

describe("answers of other engines", () => {
  const answers: [EngineId, string, string[]][] = [
    ["mlx-vlm", "reasoning.sse", ["reasoning: A cat sits.", "text: A cat, sitting.", "finish stop"]],
    [
      "mlx-vlm",
      "tool-calls.sse",
      ["text: Let me look.", 'tool-call get_weather: {"city":"Paris"}', "tool-call get_time: {}", "finish tool-calls"],
    ],
    ["mlx-vlm", "error.sse", ["text: A", "error engine_failed engine"]],
    ["mlx-openai-server", "reasoning.sse", ["reasoning: Hm.", "text: Paris.", "finish stop"]],
    [
      "mlx-openai-server",
      "tool-calls.sse",
      ['tool-call get_weather: {"city": "Paris"}', "tool-call get_time: {}", "finish tool-calls"],
    ],
    // It says that it has finished after it has failed: the failure counts.
    ["mlx-openai-server", "error.sse", ["text: Par", "error engine_failed engine"]],
  ];
  test.each(answers)("%s: %s is read the same at any chunk boundary", async (engine, name, expected) => {
    const whole = recorded(engine, name);
    const reference = await read(engine, [whole]);
    expect(summary(reference)).toEqual(expected);
    const random = seededRandom(7);
    for (let trial = 0; trial < 20; trial += 1) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < whole.length;) {
        const end = at + 1 + Math.floor(random() * 90);
        chunks.push(whole.subarray(at, end));
        at = end;
      }
      const parts = await read(engine, chunks);
      assertWellFormed(parts);
      expect(parts).toEqual(reference);
    }
  });

  test("usage, the engine's call ids and whole arguments arrive; paths of this machine do not", async () => {
    expect(await read("mlx-vlm", [recorded("mlx-vlm", "reasoning.sse")])).toContainEqual({
      ...{ type: "usage", input: 18, output: 5, cached: 2, reasoning: null },
    });
    const calls = await read("mlx-openai-server", [recorded("mlx-openai-server", "tool-calls.sse")]);
    expect(calls).toContainEqual({
      type: "block-start",
      index: 0,
      kind: "tool-call",
      callId: "call_0",
      name: "get_weather",
    });
    expect(calls).toContainEqual({ type: "block-end", index: 0, arguments: '{"city": "Paris"}' });
    const [error] = (await read("mlx-openai-server", [recorded("mlx-openai-server", "error.sse")])).slice(-1);
    expect(error).toMatchObject({ type: "error", message: expect.not.stringContaining("/Users/me") });
  });

  test("an end without [DONE], and pieces of a call out of order, are failures", async () => {
    const whole = recorded("mlx-vlm", "reasoning.sse").toString();
    const cut = Buffer.from(whole.replace("data: [DONE]\n\n", ""));
    expect(summary(await read("mlx-vlm", [cut])).at(-1)).toBe("error engine_failed engine");
    const piece = { choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: "{}" } }] } }] };
    const nameless = Buffer.from(`data: ${JSON.stringify(piece)}\n\n`);
    expect(summary(await read("mlx-openai-server", [nameless]))).toEqual(["error engine_failed engine"]);
  });

  test.each([
    [400, { detail: "context overflow: Request needs 30 context tokens" }, "context_overflow"],
    [400, { error: "images must be base64 data URLs" }, "invalid_request"],
    [422, { detail: [{ loc: ["body", "top_k"], msg: "must be a number" }] }, "invalid_request"],
    [500, { detail: "An unexpected error occurred: data:image/png;base64,AAAABBBB" }, "engine_failed"],
    [503, { error: { message: "Model handler not initialized" } }, "engine_failed"],
  ])("a refusal with %d %j is %s", async (statusCode, body, code) => {
    const answer = { statusCode, headers: {}, body: bytes([Buffer.from(JSON.stringify(body))]) };
    const error = await engineProtocol("mlx-vlm").readError(answer, {});
    expect(error.code).toBe(code);
    expect(error.message).not.toContain("AAAABBBB");
    if (statusCode === 422) expect(error.message).toContain("top_k must be a number");
  });
});

describe("bodies for other engines", () => {
  const messages = [
    {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        { type: "image_url", image_url: { url: picture } },
      ],
    },
  ];

  test("images reach an engine that sees, as data URIs", () => {
    const expected = [
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: picture } },
          { type: "text", text: "What is it?" },
        ],
      },
    ];
    expect(bodyOf("mlx-vlm", { messages })["messages"]).toEqual(expected);
    expect(bodyOf("mlx-openai-server", { messages })["messages"]).toEqual(expected);
  });

  test("mlx-vlm is told not to rewrite conversations, and gets what its templates take as fields", () => {
    const body = bodyOf("mlx-vlm", { enable_thinking: false, top_k: 99_999, stop: ["x"] });
    expect(body).toMatchObject({ model: "default_model", context_management: [], enable_thinking: false, top_k: 0 });
    expect(Object.keys(body)).not.toContain("thinking");
    expect(Object.keys(body)).not.toContain("stop");
    expect(refusal(() => bodyOf("mlx-vlm", { chat_template_kwargs: { question: "x" } }))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("question"),
    });
  });

  test("mlx-openai-server gets a tool_choice with tools, and its own name of the limit", () => {
    const tools = [{ type: "function", function: { name: "look" } }];
    expect(bodyOf("mlx-openai-server", { tools, max_tokens: 5 })).toMatchObject({
      ...{ model: "default_model", max_completion_tokens: 5, tool_choice: "auto" },
    });
    expect(Object.keys(bodyOf("mlx-openai-server", {}))).not.toContain("tool_choice");
  });
});

describe("images", () => {
  const model = (id: string, ...capabilities: ("chat" | "vision")[]) => ({
    ...{ id, complete: true },
    facts: { contextLength: 2048, vocabularySize: 1536, architecture: "qwen2_vl", capabilities },
  });
  const library = (...models: ReturnType<typeof model>[]) => ({
    find: (id: string) => models.find((one) => one.id === id) ?? null,
    all: () => models,
  });
  const seeing = library(model("a/text", "chat"), model("a/seeing", "chat", "vision"));
  const asking = (count: number) => ({
    messages: [{ role: "user" as const, text: "?", images: Array<string>(count).fill(picture) }],
  });

  test("pass to a model that sees, ten at most", () => {
    expect(refusal(() => checkImages(asking(10), profileOf("mlx-vlm"), seeing))).toBe("accepted");
    expect(refusal(() => checkImages(asking(11), profileOf("mlx-vlm"), seeing))).toMatchObject({
      code: "invalid_request",
    });
    expect(refusal(() => checkImages(asking(0), profileOf("mlx-lm", "a/text"), seeing))).toBe("accepted");
  });

  test("are refused for another, with the name of one that sees where there is one", () => {
    expect(refusal(() => checkImages(asking(1), profileOf("mlx-lm", "a/text"), seeing))).toEqual({
      code: "unsupported",
      message: "a/text reads text only. Choose a/seeing for images.",
    });
    expect(
      refusal(() => checkImages(asking(1), profileOf("mlx-lm", "a/text"), library(model("a/text", "chat")))),
    ).toMatchObject({
      message: expect.stringContaining("Download a model with vision"),
    });
    // The engine for text gives no model eyes.
    expect(refusal(() => checkImages(asking(1), profileOf("mlx-lm"), seeing))).toMatchObject({ code: "unsupported" });
  });
});
