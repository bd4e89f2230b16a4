import { describe, expect, test } from "@jest/globals";
import type OpenAI from "openai";
import { accumulateResponse } from "openai/lib/responses/ResponseAccumulator";
import { ResponseObject } from "../../../service/src/contract/responses.ts";
import { collectAnswer } from "../../../service/src/gateway/collect-answer.ts";
import { readResponse } from "../../../service/src/gateway/openai/read-response.ts";
import type { ThoughtForm } from "../../../service/src/gateway/openai/response-items.ts";
import { emptyResponse, wholeResponse } from "../../../service/src/gateway/openai/response-object.ts";
import { createResponseWriter } from "../../../service/src/gateway/openai/response-writer.ts";
import type { BlockKind, FinishReason, Part } from "../../../service/src/gateway/parts.ts";
import { intakeOf } from "../../../service/src/gateway/intake.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { testProfile } from "./gateway-bench.ts";
import { block, seededRandom, streamOf } from "./part-streams.ts";

type Event = OpenAI.Responses.ResponseStreamEvent;

const unlimited = { contextLength: null, vocabularySize: null };
const request = normalizeRequest(intakeOf({ model: null, stream: true, messages: [] }), testProfile({}), unlimited);
const { echo } = readResponse({ input: "Hi" }, [{ role: "user", content: "Hi" }]);
const identity = { id: "resp_1", model: "a/b", created: 1_700_000_000, request };
const now = (): number => 1_700_000_009;

function setup(thoughts: ThoughtForm) {
  const empty = emptyResponse(identity, echo);
  const forms = { responseId: "resp_1", customTools: new Set(["patch"]), thoughts };
  const ended: ResponseObject[] = [];
  const writer = createResponseWriter({ empty, forms, now, onEnd: (response) => void ended.push(response) });
  return { empty, forms, writer, ended };
}

function eventsOf(text: string): Event[] {
  const datas = text.split("\n\n").flatMap((event) => /(?:^|\n)data: (\{[^]*)/.exec(event)?.[1] ?? []);
  return datas.map((data) => JSON.parse(data) as Event);
}

const kinds: BlockKind[] = ["text", "reasoning", "tool-call"];
const reasons: FinishReason[] = ["stop", "stop-sequence", "length", "tool-calls", "content-filter"];
const pieces = ["", "a", 'line\n"quoted" é', "\u2028", "data: [DONE]", " 🙂", '{"input": "x"}'];

/** Any answer at all: blocks of every kind in any order, cut anywhere, with waiting in between. */
function anyAnswer(random: () => number): Part[] {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const parts: Part[] = [{ type: "start", id: "resp_1", model: "a/b", created: 1 }];
  const count = Math.floor(random() * 6);
  for (let index = 0; index < count; index += 1) {
    const kind = pick(kinds);
    const texts = Array.from({ length: Math.floor(random() * 4) }, () => pick(pieces));
    const name = pick(["patch", "get_weather"]);
    const call = kind === "tool-call" ? { callId: `call_${index}`, name } : {};
    parts.push({ type: "block-start", index, kind, ...call });
    for (const text of texts) parts.push({ type: "block-delta", index, text });
    if (random() < 0.2) parts.push({ type: "progress", phase: "prefill", done: 1, total: 2 });
    const repaired = kind === "tool-call" && random() < 0.3 ? { arguments: '{"input":"repaired"}' } : {};
    parts.push({ type: "block-end", index, ...repaired });
  }
  if (random() < 0.7) parts.push({ type: "usage", input: 9, output: 4, cached: 3, reasoning: null });
  return [...parts, { type: "finish", reason: pick(reasons) }];
}

describe("a streamed response", () => {
  test("adds up to the whole answer in the official client, whatever is in it and however it is cut", async () => {
    const random = seededRandom(6);
    for (let round = 0; round < 300; round += 1) {
      const parts = anyAnswer(random);
      const { empty, forms, writer, ended } = setup(
        (["summary", "text", "none"] as const)[Math.floor(random() * 3)] ?? "none",
      );
      let text = "";
      for (let at = 0; at < parts.length;) {
        const size = 1 + Math.floor(random() * 4);
        text += writer.write(parts.slice(at, at + size));
        at += size;
        if (random() < 0.2 && at < parts.length) text += (writer.heartbeat as () => string)();
      }
      const whole = wholeResponse(await collectAnswer(streamOf(parts)), empty, forms, now());
      ResponseObject.parse(whole);
      const events = eventsOf(text);
      expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
      let made: OpenAI.Responses.Response | undefined;
      for (const event of events.slice(0, -1)) made = accumulateResponse(event, made);
      expect(made?.output).toEqual(whole.output);
      expect(events.at(-1)).toEqual({
        ...{ type: `response.${whole.status}`, sequence_number: events.length - 1, response: whole },
      });
      expect(ended).toEqual([whole]);
      expect(text.endsWith("\n\ndata: [DONE]\n\n")).toBe(true);
      expect(text.split("[DONE]\n\n")).toHaveLength(2);
    }
  });

  test("says nothing before there is something, then who it is, and tells its waiting in events", () => {
    const { writer } = setup("summary");
    expect(writer.write([{ type: "start", id: "resp_1", model: "a/b", created: 1 }])).toBe("");
    const beat = (): string[] => eventsOf((writer.heartbeat as () => string)()).map(({ type }) => type);
    expect(beat()).toEqual(["response.created", "response.in_progress"]);
    expect(beat()).toEqual(["response.in_progress"]);
    expect(eventsOf(writer.write([{ type: "progress", phase: "queued" }]))).toHaveLength(1);
    // Repeating what it is busy with would fill the line: the heartbeat does.
    expect(writer.write([{ type: "progress", phase: "queued" }])).toBe("");
  });

  test("shows thoughts as a summary, as they are where none is wanted, or not at all", () => {
    const parts = block(0, "reasoning", ["hm"]);
    const types = (thoughts: ThoughtForm) =>
      eventsOf(setup(thoughts).writer.write(parts)).map(({ type }) => type.replace("response.", ""));
    expect(types("text").slice(2)).toEqual([
      ...["output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.done"],
      "content_part.done",
    ]);
    expect(types("summary").slice(2)).toEqual([
      ...["output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta"],
      ...["reasoning_summary_text.done", "reasoning_summary_part.done"],
    ]);
    expect(types("none")).toEqual(["created", "in_progress"]);
  });

  test("that breaks tells the error once, in words that agents act on", () => {
    const { writer, ended } = setup("summary");
    const error: Part = {
      ...{ type: "error", code: "context_overflow", message: "Too long." },
      ...{ source: "engine", retryable: false },
    };
    const events = eventsOf(writer.write([...block(0, "text", ["half"]), error]));
    expect(events.at(-1)).toMatchObject({
      type: "response.failed",
      response: {
        ...{ status: "failed", error: { code: "context_length_exceeded", message: "Too long." } },
        output: [{ status: "incomplete", content: [{ text: "half" }] }],
      },
    });
    expect(writer.write([error])).toBe("");
    expect(ended).toEqual([]);
  });
});
