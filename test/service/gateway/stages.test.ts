import { describe, expect, test } from "@jest/globals";
import { oneToolCall } from "../../../service/src/gateway/stages/one-tool-call.ts";
import { runStage } from "../../../service/src/gateway/stages/stage.ts";
import { stopSequences } from "../../../service/src/gateway/stages/stop-sequences.ts";
import { thinkingTags } from "../../../service/src/gateway/stages/thinking-tags.ts";
import type { Part } from "../../../service/src/gateway/parts.ts";
import { assertWellFormed, block, finished, runPure, splits, streamOf, summary, textParts } from "./part-streams.ts";

describe("stop texts", () => {
  const cases: [string, string[], string, string | null][] = [
    ["one two three", ["two"], "one ", "two"],
    ["one two three", ["four"], "one two three", null],
    ["aaab", ["aab"], "a", "aab"],
    ["ababac", ["abac"], "ab", "abac"],
    ["x</s>", ["</s>"], "x", "</s>"],
    ["STOP", ["STOP"], "", "STOP"],
    ["a STOPPER b", ["STOPPER", "STOP"], "a ", "STOP"],
    ["abcd", ["abcd", "bc"], "a", "bc"],
    ["xabc", ["bc", "abc"], "x", "abc"],
    ["first second", ["second", "first"], "", "first"],
    ["naïve 🚀 end", ["🚀"], "naïve ", "🚀"],
    ["almost STO", ["STOP"], "almost STO", null],
    ["line\n\nnext", ["\n\n"], "line", "\n\n"],
  ];

  test.each(cases)("%j with %j gives %j, however it is cut", (text, words, expected, stopSequence) => {
    for (const pieces of splits(text)) {
      const whole = [...textParts(...pieces), finished];
      const parts = cutAtEnd(runPure(stopSequences(words), whole));
      assertWellFormed(parts);
      const end = stopSequence === null ? "finish stop" : "finish stop-sequence";
      expect(summary(parts)).toEqual([`text: ${expected}`, end]);
      if (stopSequence !== null) expect(parts.at(-1)).toMatchObject({ stopSequence });
    }
  });

  test("text that cannot be part of a stop text is not held back", () => {
    const stage = stopSequences(["STOP"]);
    const [, out] = stage.step(stage.initial, textParts("hello ST").slice(0, 2));
    expect(out.at(-1)).toEqual({ type: "block-delta", index: 0, text: "hello " });
  });

  test("thinking and tool arguments never end the answer", () => {
    const call: Part[] = [
      { type: "block-start", index: 1, kind: "tool-call", callId: "c", name: "f" },
      { type: "block-delta", index: 1, text: '{"a":"STOP"}' },
      { type: "block-end", index: 1 },
    ];
    const parts = runPure(stopSequences(["STOP"]), [...block(0, "reasoning", ["a STOP b"]), ...call, finished]);
    expect(summary(parts)).toEqual(["reasoning: a STOP b", 'tool-call f: {"a":"STOP"}', "finish stop"]);
  });

  test("a hit ends the source, and the usage says what is known", async () => {
    let isSourceEnded = false;
    async function* source() {
      try {
        yield textParts("one ", "two ").slice(0, 3);
        yield [{ type: "block-delta", index: 0, text: "STOP three" }] as Part[];
        throw new Error("read on after the hit");
      } finally {
        isSourceEnded = true;
      }
    }
    const parts: Part[] = [];
    for await (const array of runStage(source(), stopSequences(["STOP"]))) parts.push(...array);
    expect(isSourceEnded).toBe(true);
    expect(parts.slice(-2)).toEqual([
      { type: "usage", input: null, output: 3, cached: null, reasoning: null },
      { type: "finish", reason: "stop-sequence", stopSequence: "STOP" },
    ]);
  });
});

describe("thinking in the text", () => {
  const cases: [string, string[]][] = [
    ["plain", ["text: plain"]],
    ["<think>a</think>b", ["reasoning: a", "text: b"]],
    ["<think>\na\n</think>\n\nb", ["reasoning: a", "text: b"]],
    ["\n<think>\n\n</think>\n\nb", ["text: b"]],
    ["<think>a\n\nb</think>c\n\nd\n", ["reasoning: a\n\nb", "text: c\n\nd\n"]],
    ["<think>never closed", ["reasoning: never closed"]],
    ["[THINK]a[/THINK]b", ["reasoning: a", "text: b"]],
    ["<longcat_think>a</longcat_think>b", ["reasoning: a", "text: b"]],
    ["<think>a</think>\n<think>b</think>c", ["reasoning: a", "reasoning: b", "text: c"]],
    ["<thin", ["text: <thin"]],
    ["<thinker>x", ["text: <thinker>x"]],
    ["write <think>x</think>", ["text: write <think>x</think>"]],
    ["a < b", ["text: a < b"]],
    ["  indented", ["text:   indented"]],
    ["\n\nkept without thinking", ["text: \n\nkept without thinking"]],
    ["<think>a</thin</think>b", ["reasoning: a</thin", "text: b"]],
    ["\n \n", []],
  ];

  test.each(cases)("%j becomes %j, however it is cut", (text, expected) => {
    for (const pieces of splits(text)) {
      const parts = runPure(thinkingTags, [...textParts(...pieces), finished]);
      assertWellFormed(parts);
      expect(summary(parts)).toEqual([...expected, "finish stop"]);
    }
  });

  test("the engine's own thinking loses the newlines around it, and so does the text behind it", () => {
    for (const pieces of splits("\nfirst\n\nsecond\n")) {
      const parts = runPure(thinkingTags, [
        ...block(0, "reasoning", pieces),
        ...block(1, "text", ["\n", "\n", "answer", "\n\nmore"]),
        finished,
      ]);
      assertWellFormed(parts);
      expect(summary(parts)).toEqual(["reasoning: first\n\nsecond", "text: answer\n\nmore", "finish stop"]);
    }
  });

  test("blocks behind a split one are renumbered, and white space before a call is no text", () => {
    const parts = runPure(thinkingTags, [
      ...block(0, "text", ["<think>hm</think>Look:"]),
      { type: "block-start", index: 1, kind: "tool-call", callId: "c", name: "f" },
      { type: "block-delta", index: 1, text: "{}" },
      { type: "block-end", index: 1, arguments: "{}" },
      ...block(2, "text", ["\n"]),
      { type: "finish", reason: "tool-calls" },
    ]);
    assertWellFormed(parts);
    expect(summary(parts)).toEqual(["reasoning: hm", "text: Look:", "tool-call f: {}", "finish tool-calls"]);
  });

  test("a step does not change the state it was given", () => {
    const frozen = Object.freeze({ ...thinkingTags.initial });
    const [next] = thinkingTags.step(frozen, textParts("<thi"));
    expect(next).not.toBe(frozen);
    expect(thinkingTags.step(frozen, textParts("<thi"))[0]).toEqual(next);
  });
});

test("one tool call at most ends the answer with the first", async () => {
  const call = (index: number): Part[] => [
    { type: "block-start", index, kind: "tool-call", callId: `c${index}`, name: "f" },
    { type: "block-delta", index, text: "{}" },
    { type: "block-end", index, arguments: "{}" },
  ];
  const parts: Part[] = [];
  for await (const array of runStage(streamOf([...call(0), ...call(1), finished]), oneToolCall)) parts.push(...array);
  assertWellFormed(parts);
  expect(summary(parts)).toEqual(["tool-call f: {}", "finish tool-calls"]);
});

/** What the stream's runner does: nothing follows the end. */
function cutAtEnd(parts: Part[]): Part[] {
  const end = parts.findIndex(({ type }) => type === "finish");
  return parts.slice(0, end + 1);
}
