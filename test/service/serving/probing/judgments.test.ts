import { describe, expect, test } from "@jest/globals";
import type { MemoryReading } from "../../../../service/src/contract/servers.ts";
import { contextsUpTo, longQuestion, piecesFor, scaleOf } from "../../../../service/src/serving/probing/long-prompt.ts";
import {
  judgeChat,
  judgeStructured,
  judgeThinking,
  judgeTools,
  judgeVision,
  leakedForm,
} from "../../../../service/src/serving/probing/judge-answers.ts";
import { peakOf } from "../../../../service/src/serving/probing/memory-watch.ts";
import type { ProbeAnswer } from "../../../../service/src/serving/probing/question.ts";
import { createSpeedometer, prefillRate } from "../../../../service/src/serving/probing/speedometer.ts";
import { testPicture } from "../../../../service/src/serving/probing/test-picture.ts";

const answer = (change: Partial<ProbeAnswer> = {}): ProbeAnswer => ({
  ...{ serverId: "s1", text: "", written: "", reasoning: "", toolCalls: [], firstTokenMs: null, lastTokenMs: null },
  tokens: { input: null, output: null, cached: null },
  ...change,
});
const tokens = (input: number, output: number, cached = 0) => ({ input, output, cached });

describe("an answer", () => {
  test("proves a chat by words, said or thought, and nothing else", () => {
    expect(judgeChat(answer({ text: "Hello" }))).toBe("yes");
    expect(judgeChat(answer({ reasoning: "Hm" }))).toBe("yes");
    expect(judgeChat(answer({ text: " \n" }))).toBe("no");
  });

  test("proves tools by a call of the one that was offered, with an object", () => {
    const call = (name: string, text: string) => answer({ toolCalls: [{ name, arguments: text }] });
    expect(judgeTools([call("get_weather", '{"city":"Paris"}')])).toEqual({ verdict: "yes", format: "tool_calls" });
    for (const wrong of [call("other", "{}"), call("get_weather", "Paris"), call("get_weather", "[1]"), answer()])
      expect(judgeTools([wrong])).toEqual({ verdict: "no", format: null });
    expect(judgeTools([answer({ text: "I cannot." }), call("get_weather", "{}")]).verdict).toBe("yes");
  });

  test("names the form of a call that the engine left in the text", () => {
    const forms = {
      hermes_json: '<tool_call>\n{"name": "get_weather"',
      qwen3_coder_xml: "<tool_call><function=get_weather><parameter=city>Paris",
      llama_xml: '<function=get_weather>{"city": "Paris"}</function>',
      llama_python: "<|python_tag|>get_weather(city='Paris')",
      liquid_python: '<|tool_call_start|>[get_weather(city="Paris")]',
      mistral_native: '[TOOL_CALLS] [{"name": "get_weather"}]',
      devstral_args: '[TOOL_CALLS]get_weather[ARGS]{"city": "Paris"}',
      glm4_xml: "get_weather\n<arg_key>city</arg_key>",
      function_gemma: "<start_function_call>call:get_weather{city:Paris}",
      tool_code_python: "```tool_code\nget_weather('Paris')\n```",
      openai_json: '{"name": "get_weather", "arguments": {"city": "Paris"}}',
    };
    for (const [form, text] of Object.entries(forms)) expect({ text, form: leakedForm(text) }).toEqual({ text, form });
    expect(leakedForm("The weather in Paris is fine.")).toBeNull();
    expect(judgeTools([answer({ written: forms.hermes_json })])).toEqual({ verdict: "no", format: "hermes_json" });
  });

  test("proves thinking by reasoning, a format by keys and types, a picture by the tokens it took", () => {
    expect([judgeThinking(answer({ reasoning: "So." })), judgeThinking(answer({ text: "So." }))]).toEqual([
      "yes",
      "no",
    ]);
    expect(judgeStructured(answer({ text: '{"city":"Paris","country":"France"}' }))).toBe("yes");
    for (const text of ['{"city":"Paris"}', '{"city":"Paris","country":1}', "Paris", '["Paris","France"]'])
      expect(judgeStructured(answer({ text }))).toBe("no");
    expect(judgeVision(answer({ tokens: tokens(80, 5) }), answer({ tokens: tokens(12, 5) }))).toBe("yes");
    expect(judgeVision(answer({ text: "Red.", tokens: tokens(12, 5) }), answer({ tokens: tokens(12, 5) }))).toBe("no");
  });
});

describe("prompts of a wanted length", () => {
  test("follow from two that the engine has counted, and never pass the context", () => {
    const scale = scaleOf([
      { pieces: 4, input: 76 },
      { pieces: 24, input: 376 },
    ]);
    expect(scale).toEqual({ tokensPerPiece: 15, fixedTokens: 16 });
    for (const context of [256, 1000, 2048]) {
      const pieces = piecesFor(context, scale!)!;
      expect(16 + 15 * pieces + 8).toBeLessThanOrEqual(context);
      expect(16 + 15 * (pieces + 1) + 8).toBeGreaterThan(context - 15);
    }
    expect(piecesFor(32, scale!)).toBeNull();
  });

  test("are not guessed where the engine does not count", () => {
    expect(
      scaleOf([
        { pieces: 4, input: null },
        { pieces: 24, input: 9 },
      ]),
    ).toBeNull();
    expect(
      scaleOf([
        { pieces: 4, input: 9 },
        { pieces: 24, input: 9 },
      ]),
    ).toBeNull();
  });

  test("rise to the longest, and none is the beginning of another, so that no cache answers", () => {
    expect(contextsUpTo(2048)).toEqual([256, 1024, 2048]);
    expect(contextsUpTo(3000)).toEqual([256, 1024, 2048, 3000]);
    expect(contextsUpTo(200)).toEqual([200]);
    const text = (turn: number) => longQuestion(3, turn).messages[0]?.content as string;
    expect(text(256).startsWith(text(1024).slice(0, 2))).toBe(false);
  });
});

describe("figures", () => {
  const reading = (footprintBytes: number, peakBytes: number): MemoryReading => ({
    ...{ footprintBytes, method: "pss", at: "2026-01-01T00:00:00.000Z" },
    engine: { activeBytes: 20, cacheBytes: 10, peakBytes },
  });

  test("the peak is what was seen, or more where the engine counted more between two looks", () => {
    expect(peakOf(reading(100, 25), reading(110, 90), 105)).toBe(70 + 90);
    expect(peakOf(reading(100, 25), reading(110, 30), 240)).toBe(240);
    expect(peakOf({ ...reading(100, 0), engine: undefined } as MemoryReading, null, 50)).toBe(50);
  });

  test("speed is that of all answers together, without the first token of each, and none for a few words", () => {
    const speed = createSpeedometer();
    speed.note(answer({ tokens: tokens(5, 5), firstTokenMs: 50, lastTokenMs: 90 }));
    expect(speed.tokensPerSecond()).toBeNull();
    speed.note(answer({ tokens: tokens(5, 17), firstTokenMs: 100, lastTokenMs: 260 }));
    expect(speed.tokensPerSecond()).toBe(100);
    speed.note(answer({ tokens: tokens(5, 1), firstTokenMs: 1, lastTokenMs: 1 }));
    expect(speed.tokensPerSecond()).toBe(100);
  });

  test("a prompt is read at the rate of what no cache held", () => {
    expect(prefillRate(answer({ tokens: tokens(1100, 8, 100), firstTokenMs: 2000 }))).toBe(500);
    expect(prefillRate(answer({ tokens: tokens(100, 8, 100), firstTokenMs: 2000 }))).toBeNull();
  });

  test("the picture is a PNG of its own making", () => {
    const [head = "", data = ""] = testPicture().split(",");
    expect(head).toBe("data:image/png;base64");
    expect([...Buffer.from(data, "base64").subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  });
});
