import { describe, expect, test } from "@jest/globals";
import { readMlxLm } from "../../../service/src/gateway/engines/mlx-lm/reader.ts";
import type { Part } from "../../../service/src/gateway/parts.ts";
import { runStage } from "../../../service/src/gateway/stages/stage.ts";
import { thinkingTags } from "../../../service/src/gateway/stages/thinking-tags.ts";
import { assertWellFormed, recorded, seededRandom, summary } from "./part-streams.ts";

const recordings: [string, string[]][] = [
  [
    "plain.sse",
    ["text: Hello! I am the demo model of MLX Manager. Ask me how to download or start a model.", "finish stop"],
  ],
  ["length.sse", ["text: I am the built-", "finish length"]],
  ["prefill-keepalive.sse", ["text: You are welcome!", "finish stop"]],
  ["tool-call.sse", ['tool-call get_weather: {"city": "Paris"}', "finish tool-calls"]],
  ["killed.sse", ["text: I am the built-in", "error engine_failed engine"]],
];

describe("recorded answers of mlx_lm.server", () => {
  test.each(recordings)("%s is read the same at any chunk boundary", async (name, expected) => {
    const random = seededRandom(11);
    const reference = await read([recorded(name)]);
    expect(summary(reference)).toEqual(expected);
    for (let trial = 0; trial < 25; trial += 1) {
      const parts = await read(cut(recorded(name), random, trial % 2 === 0 ? 7 : 400));
      assertWellFormed(parts);
      expect(parts).toEqual(reference);
    }
  });

  test("reasoning.sse gives thinking and text without the newlines between them", async () => {
    const parts: Part[] = [];
    for await (const array of runStage(reader([recorded("reasoning.sse")]), thinkingTags)) parts.push(...array);
    assertWellFormed(parts);
    expect(summary(parts)).toEqual([
      "reasoning: The user asks about a poem. I was trained on this answer.",
      "text: A little model, small and bright,\nit answers questions day and night.\nIt does not know of stars or seas,\nbut starts your models with great ease.",
      "finish stop",
    ]);
  });

  test("the usage chunk becomes a part before the end", async () => {
    const parts = await read([recorded("usage.sse")]);
    expect(parts.at(-2)).toMatchObject({
      type: "usage",
      input: expect.any(Number),
      output: expect.any(Number),
      reasoning: null,
    });
    expect(parts.at(-1)).toEqual({ type: "finish", reason: "stop" });
  });

  test("prefill progress is read from the comments", async () => {
    const progress = (await read([recorded("prefill-keepalive.sse")])).filter(({ type }) => type === "progress");
    expect(progress).toHaveLength(9);
    expect(progress[0]).toEqual({ type: "progress", phase: "prefill", done: 128, total: 996 });
  });

  test("one array comes for each read that brought anything", async () => {
    const bytes = recorded("plain.sse");
    const arrays: (readonly Part[])[] = [];
    for await (const array of reader([bytes.subarray(0, 5), bytes.subarray(5, 900), bytes.subarray(900)]))
      arrays.push(array);
    expect(arrays).toHaveLength(2);
  });
});

describe("answers that are broken", () => {
  const opening = chunk({ content: "Hi" });
  const broken: [string, string[], string[]][] = [
    ["nothing at all", [], ["error engine_failed engine"]],
    ["an end without [DONE]", [opening, finish("stop")], ["text: Hi", "error engine_failed engine"]],
    ["[DONE] without a finish reason", [opening, "data: [DONE]\n\n"], ["text: Hi", "error engine_failed engine"]],
    ["something that is not JSON", [opening, "data: {oops\n\n"], ["text: Hi", "error engine_failed engine"]],
    [
      "an error chunk",
      [opening, 'data: {"error": {"message": "out of memory"}}\n\n'],
      ["text: Hi", "error engine_failed engine"],
    ],
    ["a tool call that the engine dropped", [finish("tool_calls"), "data: [DONE]\n\n"], ["error engine_failed engine"]],
  ];

  test.each(broken)("%s becomes an error part, and the block is closed", async (_name, texts, expected) => {
    const parts = await read(texts.map((text) => Buffer.from(text)));
    assertWellFormed(parts);
    expect(summary(parts)).toEqual(expected);
  });

  test("a broken connection becomes an error part and its cause is told", async () => {
    const causes: unknown[] = [];
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(opening);
      throw new Error("other side closed");
    }
    const parts: Part[] = [];
    for await (const array of readMlxLm(body(), { newCallId: () => "x", onFailure: (error) => causes.push(error) })) {
      parts.push(...array);
    }
    expect(summary(parts)).toEqual(["text: Hi", "error engine_failed engine"]);
    expect(causes).toEqual([new Error("other side closed")]);
  });

  test("an engine's text about a local file loses its folders", async () => {
    const parts = await read([Buffer.from('data: {"error": "cannot read /Users/me/models/x/config.json"}\n\n')]);
    expect(parts.at(-1)).toMatchObject({ message: "The engine failed: cannot read …/config.json" });
  });

  test("calls without an id, or with one twice, get their own; arguments are always text", async () => {
    const calls = [
      { id: "same", type: "function", function: { name: "a", arguments: { x: 1 } } },
      { id: "same", type: "function", function: { name: "b", arguments: "" } },
      { type: "function", function: { name: "c", arguments: '{"y": 2}' } },
    ];
    const texts = [chunk({ tool_calls: calls }), finish("stop"), "data: [DONE]\n\n"];
    const parts = await read(texts.map((text) => Buffer.from(text)));
    assertWellFormed(parts);
    expect(summary(parts)).toEqual([
      'tool-call a: {"x":1}',
      "tool-call b: {}",
      'tool-call c: {"y": 2}',
      "finish tool-calls",
    ]);
    const ids = parts.flatMap((part) => (part.type === "block-start" ? [part.callId] : []));
    expect(new Set(ids).size).toBe(3);
  });
});

function chunk(delta: object): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, finish_reason: null, delta }] })}\n\n`;
}

function finish(reason: string): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, finish_reason: reason, delta: {} }] })}\n\n`;
}

function reader(chunks: readonly Uint8Array[]) {
  let calls = 0;
  return readMlxLm(bodyOf(chunks), { newCallId: () => `call_${(calls += 1)}`, onFailure: () => undefined });
}

async function* bodyOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const bytes of chunks) yield bytes;
}

/** All parts; prefill that several reads bring apart is the same parts. */
async function read(chunks: readonly Uint8Array[]): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const array of reader(chunks)) parts.push(...array);
  return parts;
}

function cut(bytes: Buffer, random: () => number, longest: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(random() * longest);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
