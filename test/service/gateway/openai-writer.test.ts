import { describe, expect, test } from "@jest/globals";
import { ResponseUsage } from "../../../service/src/contract/responses.ts";
import type { ResponseObject } from "../../../service/src/contract/responses.ts";
import { ChatChunk, ChatCompletion, OpenAIError } from "../../../service/src/contract/openai.ts";
import { collectAnswer } from "../../../service/src/gateway/collect-answer.ts";
import { writeOpenAIError } from "../../../service/src/gateway/index.ts";
import { createCompletionWriter, textCompletion } from "../../../service/src/gateway/openai/completion-writer.ts";
import { endedResponse } from "../../../service/src/gateway/openai/response-object.ts";
import { chatCompletion } from "../../../service/src/gateway/openai/whole.ts";
import { createChatWriter } from "../../../service/src/gateway/openai/writer.ts";
import type { Part } from "../../../service/src/gateway/parts.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { block, streamOf } from "./part-streams.ts";

interface Counted {
  readonly cached?: number;
  readonly thought?: number;
}

const identity = { id: "chatcmpl_1", model: 'a/"b"', created: 1_700_000_000 };
const usage: Extract<Part, { type: "usage" }> = { type: "usage", input: 9, output: 4, cached: 3, reasoning: null };
const call: Part[] = [
  { type: "block-start", index: 2, kind: "tool-call", callId: "call_1", name: "get_weather" },
  { type: "block-delta", index: 2, text: '{"city": "Paris"}' },
  { type: "block-end", index: 2, arguments: '{"city": "Paris"}' },
];
const full: Part[] = [
  { type: "start", ...identity },
  { type: "progress", phase: "queued" },
  { type: "progress", phase: "loading", done: 1, total: 4 },
  { type: "progress", phase: "prefill", done: 9, total: 9 },
  ...block(0, "reasoning", ["hm"]),
  ...block(1, "text", ['line\n"quoted" é']),
  ...call,
  usage,
  { type: "finish", reason: "tool-calls" },
];

describe("a streamed answer", () => {
  test("is written as chunks of the contract with comments while it waits", () => {
    const text = createChatWriter({ ...identity, includeUsage: true }).write(full);
    expect(text).toMatchSnapshot();
    for (const chunk of chunks(text)) ChatChunk.parse(chunk);
  });

  test("tells the usage only when asked", () => {
    const text = createChatWriter({ ...identity, includeUsage: false }).write(full);
    expect(text).not.toContain("usage");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  test("numbers several calls and keeps their ids apart", () => {
    const second = call.map((part) => ({
      ...part,
      index: 3,
      ...(part.type === "block-start" ? { callId: "call_2" } : {}),
    }));
    const text = createChatWriter({ ...identity, includeUsage: false }).write([...call, ...(second as Part[])]);
    const deltas = chunks(text).flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(deltas.map(({ index, id }) => [index, id])).toEqual([
      [0, "call_1"],
      [0, undefined],
      [1, "call_2"],
      [1, undefined],
    ]);
  });

  test("begins with the role even when nothing is said", () => {
    const writer = createChatWriter({ ...identity, includeUsage: false });
    const [first, last] = chunks(writer.write([{ type: "finish", reason: "length" }]));
    expect(first?.choices[0]?.delta).toEqual({ role: "assistant", content: "" });
    expect(last?.choices[0]?.finish_reason).toBe("length");
  });

  test("ends with an error event and no [DONE] when the engine failed", () => {
    const writer = createChatWriter({ ...identity, includeUsage: false });
    const text = writer.write([
      { type: "error", code: "engine_failed", message: "Gone.", source: "engine", retryable: true },
    ]);
    expect(text).not.toContain("[DONE]");
    const body: unknown = JSON.parse(text.slice("data: ".length));
    expect(OpenAIError.parse(body).error).toMatchObject({
      code: "engine_failed",
      source: "engine",
      type: "server_error",
    });
  });
});

describe("a whole answer", () => {
  test("is put together from the same parts", async () => {
    const completion = await collectAnswer(streamOf(full.slice(0, 6), full.slice(6)));
    expect(ChatCompletion.parse(chatCompletion(completion, identity))).toMatchSnapshot();
  });

  test("with calls alone has no content", async () => {
    const answer = await collectAnswer(streamOf(call, [{ type: "finish", reason: "tool-calls" }]));
    const completion = chatCompletion(answer, identity);
    expect(completion.choices[0]?.message).toMatchObject({ content: null, tool_calls: [{ id: "call_1" }] });
  });

  test("throws an error part, and a stream without an end", async () => {
    const failed: Part = { type: "error", code: "engine_timeout", message: "Late.", source: "engine", retryable: true };
    await expect(collectAnswer(streamOf([failed]))).rejects.toMatchObject({ code: "engine_timeout" });
    await expect(collectAnswer(streamOf(block(0, "text", ["x"])))).rejects.toMatchObject({
      code: "engine_failed",
    });
  });
});

describe("usage", () => {
  const finish: Part = { type: "finish", reason: "stop" };
  const thought = block(0, "reasoning", ["hm"]);

  test.each<[string, Part, Counted]>([
    ["leaves out what the engine did not count", { ...usage, cached: null, reasoning: null }, {}],
    [
      "tells what it counted, also where that is none",
      { ...usage, cached: 0, reasoning: 2 },
      { cached: 0, thought: 2 },
    ],
    ["tells an engine's own zero", { ...usage, cached: null, reasoning: 0 }, { thought: 0 }],
  ])("%s, streamed, whole and as text", async (_what, counted, { cached, thought: thoughts }) => {
    const expected = {
      ...{ prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
      ...(cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
      ...(thoughts === undefined ? {} : { completion_tokens_details: { reasoning_tokens: thoughts } }),
    };
    const parts = [...thought, counted, finish];
    const answer = await collectAnswer(streamOf(parts));
    const streamed = [
      createChatWriter({ ...identity, includeUsage: true }),
      createCompletionWriter(identity, true),
    ].map((writer) => chunks(writer.write(parts)).at(-1)?.usage);
    expect([...streamed, chatCompletion(answer, identity).usage, textCompletion(answer, identity).usage]).toEqual(
      Array.from({ length: 4 }, () => expected),
    );
  });

  test("of a response keeps the fields that typed clients need", () => {
    const counted = { ...usage, cached: null, reasoning: null };
    const ended = endedResponse({} as ResponseObject, { output: [], finish: "stop", usage: counted, now: 1 });
    expect(ResponseUsage.parse(ended.usage)).toMatchObject({ output_tokens_details: { reasoning_tokens: 0 } });
  });
});

describe("errors under /v1", () => {
  const cases: [AppError, number, object][] = [
    [new AppError("model_not_found", "No."), 404, { type: "invalid_request_error", source: "gateway", param: null }],
    [new AppError("unauthorized", "No."), 401, { type: "authentication_error" }],
    [new AppError("queue_full", "No."), 429, { type: "rate_limit_error" }],
    [new AppError("engine_failed", "No."), 502, { type: "server_error", source: "engine" }],
    [new AppError("unsupported", "No.", { details: { param: "n" } }), 400, { param: "n" }],
    [
      new AppError("invalid_request", "No.", { details: { issues: [{ path: "stop", message: "x" }] } }),
      400,
      { param: "stop" },
    ],
    [
      new AppError("engine_not_installed", "Wait.", { details: { jobId: "job_1" } }),
      503,
      { message: "Wait. (job job_1)" },
    ],
  ];
  test.each(cases)("%s", (error, status, expected) => {
    const written = writeOpenAIError(error, "req_1");
    expect(written.status).toBe(status);
    expect(OpenAIError.parse(written.body).error).toMatchObject({ ...expected, code: error.code });
  });
});

function chunks(text: string): ChatChunk[] {
  const lines = text.split("\n\n").filter((event) => event.startsWith("data: {"));
  return lines.map((line) => JSON.parse(line.slice("data: ".length)) as ChatChunk);
}
