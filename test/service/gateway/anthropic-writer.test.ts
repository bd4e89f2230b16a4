import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { AnthropicError, AnthropicMessage } from "../../../service/src/contract/anthropic.ts";
import { errorStatus } from "../../../service/src/contract/error.ts";
import type { ErrorCode } from "../../../service/src/contract/error.ts";
import { writeAnthropicError } from "../../../service/src/gateway/anthropic/errors.ts";
import { anthropicMessage } from "../../../service/src/gateway/anthropic/whole.ts";
import { createMessagesWriter } from "../../../service/src/gateway/anthropic/writer.ts";
import { collectAnswer } from "../../../service/src/gateway/collect-answer.ts";
import { gatewayErrorWriter } from "../../../service/src/gateway/error-writers.ts";
import type { FinishReason, Part } from "../../../service/src/gateway/parts.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { trials } from "../../tools/counts.ts";
import { block, streamOf } from "./part-streams.ts";

const identity = { id: "msg_1", model: 'a/"b"', request: {}, marksCache: true };

/** What the official client makes of a stream of bytes. */
async function accumulated(text: string): Promise<Anthropic.Message> {
  const headers = { "content-type": "text/event-stream" };
  const client = new Anthropic({
    apiKey: "none",
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(text, { headers })),
  });
  return client.messages.stream({ model: "m", max_tokens: 9, messages: [] }).finalMessage();
}

describe("any answer", () => {
  const said = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 5 });
  const spoken = fc.record({ kind: fc.constantFrom("text" as const, "reasoning" as const), pieces: said });
  const called = fc.record({
    kind: fc.constant("tool-call" as const),
    input: fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
    cuts: fc.array(fc.nat(40), { maxLength: 4 }),
    isWhole: fc.boolean(),
  });
  const reason = fc.constantFrom<FinishReason>("stop", "stop-sequence", "length", "tool-calls", "content-filter");
  const progress = fc.constantFrom<Part>(
    { type: "progress", phase: "queued" },
    { type: "progress", phase: "prefill", done: 3, total: 40 },
  );
  const answer = fc.record({
    blocks: fc.array(fc.oneof(spoken, called), { maxLength: 6 }),
    before: fc.array(progress, { maxLength: 3 }),
    firstIndex: fc.nat(5),
    step: fc.integer({ min: 1, max: 3 }),
    usage: fc.option(fc.record({ input: fc.nat(900), output: fc.nat(900), cached: fc.nat(100) })),
    reason,
    arraySize: fc.integer({ min: 1, max: 5 }),
  });

  test("adds up in the official client to the same message as the whole answer", async () => {
    await fc.assert(
      fc.asyncProperty(answer, async ({ blocks, before, firstIndex, step, usage, reason: end, arraySize }) => {
        const parts: Part[] = [{ type: "start", id: "msg_1", model: identity.model, created: 1 }, ...before];
        blocks.forEach((made, number) => {
          const index = firstIndex + number * step;
          if (made.kind !== "tool-call") parts.push(...block(index, made.kind, made.pieces));
          else parts.push(...callParts(index, JSON.stringify(made.input), made.isWhole ? null : made.cuts));
        });
        if (usage) parts.push({ type: "usage", ...usage, reasoning: null });
        const stopSequence = end === "stop-sequence" ? { stopSequence: "END" } : {};
        parts.push({ type: "finish", reason: end, ...stopSequence });
        const writer = createMessagesWriter(identity);
        let text = "";
        for (let at = 0; at < parts.length; at += arraySize) text += writer.write(parts.slice(at, at + arraySize));
        const message = await accumulated(text);
        const whole = AnthropicMessage.parse(anthropicMessage(await collectAnswer(streamOf(parts)), identity));
        expect(JSON.parse(JSON.stringify(message.content))).toEqual(JSON.parse(JSON.stringify(whole.content)));
        expect(message).toMatchObject({ id: "msg_1", model: 'a/"b"', role: "assistant" });
        expect(message.stop_reason).toBe(whole.stop_reason);
        expect(message.stop_sequence).toBe(whole.stop_sequence);
        if (usage) expect(message.usage).toMatchObject(whole.usage);
      }),
      { numRuns: trials(150, 3000), seed: 7 },
    );
  });
});

describe("a stream", () => {
  test("tells the prompt's size at its beginning where the engine has said it by then", () => {
    const text = createMessagesWriter(identity).write([{ type: "progress", phase: "prefill", done: 0, total: 812 }]);
    expect(text).toMatch(/^event: message_start\n.*"input_tokens":812/);
    expect(text.endsWith('event: ping\ndata: {"type":"ping"}\n\n')).toBe(true);
  });

  test("tells the prompt's size where it was counted, and again where the engine was cut off before it counts", () => {
    const writer = createMessagesWriter({ ...identity, request: { promptTokens: 640 } });
    const cut: Part = { type: "usage", input: null, output: 3, cached: null, reasoning: null };
    const text =
      writer.write([{ type: "progress", phase: "prefill", done: 0, total: 40 }]) +
      writer.write([cut, { type: "finish", reason: "stop-sequence", stopSequence: "END" }]);
    expect(text.match(/"input_tokens":\d+/g)).toEqual(['"input_tokens":640', '"input_tokens":640']);
  });

  test("counts what came from the cache apart, so that both add up to the prompt", () => {
    const usage: Part = { type: "usage", input: 90, output: 4, cached: 80, reasoning: null };
    const text = createMessagesWriter(identity).write([usage, { type: "finish", reason: "stop" }]);
    expect(text).toContain('"usage":{"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":80,');
  });

  test("counts the whole prompt as input for a client that marked nothing to be cached", () => {
    const usage: Part = { type: "usage", input: 90, output: 4, cached: 80, reasoning: null };
    const unmarked = { ...identity, marksCache: false };
    const text = createMessagesWriter(unmarked).write([usage, { type: "finish", reason: "stop" }]);
    expect(text).toContain(
      '"usage":{"input_tokens":90,"cache_creation_input_tokens":null,"cache_read_input_tokens":null,',
    );
  });

  test("begins with its message even when a heartbeat is the first sign of life", () => {
    const { heartbeat } = createMessagesWriter(identity);
    const beat = typeof heartbeat === "function" ? heartbeat : () => heartbeat;
    expect([beat(), beat()].map((text) => text.match(/event: \w+/g))).toEqual([
      ["event: message_start", "event: ping"],
      ["event: ping"],
    ]);
  });

  test("that fails ends in an error event, which the client throws", async () => {
    const writer = createMessagesWriter(identity);
    const failed: Part = { type: "error", code: "engine_failed", message: "Gone.", source: "engine", retryable: true };
    const text = writer.write([...block(0, "text", ["So"]), failed]);
    expect(text).not.toContain("message_stop");
    const last = /event: error\ndata: (.*)\n\n$/.exec(text)?.[1] ?? "";
    expect(AnthropicError.parse(JSON.parse(last))).toMatchObject({
      error: { type: "api_error", message: "Gone.", code: "engine_failed", source: "engine" },
    });
    await expect(accumulated(text)).rejects.toMatchObject({ type: "api_error" });
  });
});

describe("an error", () => {
  const types: [ErrorCode, number, string][] = [
    ["invalid_request", 400, "invalid_request_error"],
    ["unsupported", 400, "invalid_request_error"],
    ["unauthorized", 401, "authentication_error"],
    ["forbidden", 403, "permission_error"],
    ["model_not_found", 404, "not_found_error"],
    ["method_not_allowed", 405, "invalid_request_error"],
    ["payload_too_large", 413, "request_too_large"],
    ["unsupported_media_type", 415, "invalid_request_error"],
    ["queue_full", 429, "rate_limit_error"],
    ["rate_limited", 429, "rate_limit_error"],
    ["internal", 500, "api_error"],
    ["engine_failed", 502, "api_error"],
    ["engine_not_installed", 503, "overloaded_error"],
    ["service_stopping", 503, "overloaded_error"],
    ["engine_timeout", 504, "api_error"],
    ["insufficient_memory", 507, "api_error"],
  ];
  test.each(types)("%s is a %d of the type %s", (code, status, type) => {
    const written = writeAnthropicError(new AppError(code, "No."), "req_1");
    expect(written).toMatchObject({ status, headers: { "request-id": "req_1" } });
    expect(AnthropicError.parse(written.body)).toMatchObject({ error: { type, code }, request_id: "req_1" });
  });

  test("has a form for every code there is", () => {
    for (const code of Object.keys(errorStatus) as ErrorCode[])
      AnthropicError.parse(writeAnthropicError(new AppError(code, "No."), "req_1").body);
  });

  test.each([
    [{ promptTokens: 2100, contextTokens: 2048 }, "prompt is too long: 2100 tokens > 2048 maximum"],
    [undefined, "prompt is too long: It does not fit."],
  ])("of a prompt that does not fit says so in the words that agents know (%j)", (details, message) => {
    const error = new AppError("context_overflow", "It does not fit.", details === undefined ? {} : { details });
    expect(writeAnthropicError(error, "req_1")).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error", message } },
    });
  });

  test("names the job to follow", () => {
    const error = new AppError("engine_not_installed", "Wait.", { details: { jobId: "job_1" } });
    expect(writeAnthropicError(error, "req_1")).toMatchObject({ body: { error: { message: "Wait. (job job_1)" } } });
  });

  test("has the form of its path, and of who asks where a path is shared", () => {
    const isAnthropic = (path: string, headers = {}) => gatewayErrorWriter(path, headers) === writeAnthropicError;
    expect(isAnthropic("/v1/messages")).toBe(true);
    expect(isAnthropic("/v1/messages/count_tokens")).toBe(true);
    expect(isAnthropic("/v1/messagesX")).toBe(false);
    expect(isAnthropic("/v1/chat/completions", { "anthropic-version": "2023-06-01" })).toBe(false);
    expect(isAnthropic("/v1/models")).toBe(false);
    expect(isAnthropic("/v1/models/a/b", { "anthropic-version": "2023-06-01" })).toBe(true);
  });
});

/** A call in pieces, or (`cuts` null) told by its end alone. */
function callParts(index: number, text: string, cuts: readonly number[] | null): Part[] {
  const start: Part = { type: "block-start", index, kind: "tool-call", callId: `call_${index}`, name: "look" };
  const end: Part = { type: "block-end", index, arguments: text };
  if (cuts === null) return [start, end];
  const places = [0, ...[...cuts].sort((one, other) => one - other), text.length];
  const pieces = places.slice(1).map((to, at) => text.slice(places[at], Math.max(to, places[at] ?? 0)));
  return [start, ...pieces.map((piece): Part => ({ type: "block-delta", index, text: piece })), end];
}
