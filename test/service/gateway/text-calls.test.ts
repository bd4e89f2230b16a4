import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { EngineId } from "../../../service/src/contract/engines.ts";
import { engineProtocol } from "../../../service/src/gateway/engines/engine-protocol.ts";
import type { Part } from "../../../service/src/gateway/parts.ts";
import { repairedCalls } from "../../../service/src/gateway/stages/repaired-calls.ts";
import { textCalls } from "../../../service/src/gateway/stages/text-calls.ts";
import { thinkingTags } from "../../../service/src/gateway/stages/thinking-tags.ts";
import { repairedArguments } from "../../../service/src/gateway/tool-calls/arguments.ts";
import { assertWellFormed, finished, runPure, summary, textParts } from "./part-streams.ts";

const string = { type: "string" };
const tools = [
  { name: "get_weather", description: null, parameters: { properties: { city: string, days: { type: "integer" } } } },
  { name: "get_time", description: null, parameters: { type: "object", properties: {} } },
];
const paris = 'tool-call get_weather: {"city":"Paris"}';
const time = "tool-call get_time: {}";
const json = '{"name": "get_weather", "arguments": {"city": "Paris"}}';

/** What a model wrote, and what a client gets. */
const forms: [string, string[]][] = [
  [`<tool_call>${json}</tool_call>`, [paris]],
  [`Let me look.\n<tool_call>\n${json}\n</tool_call>`, ["text: Let me look.\n", paris]],
  [`<tool_call>${json}</tool_call>\n<tool_call>{"name":"get_time","arguments":{}}</tool_call>`, [paris, time]],
  [`<tool_call>${json}`, [paris]],
  [`<tool_call>{'name': 'get_weather', 'arguments': {'city': 'Paris',}}</tool_call>`, [paris]],
  ['<tool_call>{"name": "get_weather", "arguments": "{\\"city\\": \\"Paris\\"}"}', [paris.replace(':"', ': "')]],
  ["<tool_call><function=get_weather><parameter=city>\nParis\n</parameter></function></tool_call>", [paris]],
  [
    "<function=get_weather><parameter=city>7</parameter><parameter=days>3</parameter></function>",
    ['tool-call get_weather: {"city":"7","days":3}'],
  ],
  ['<function=get_weather>{"city":"Paris"}</function>', [paris]],
  ["<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value></tool_call>", [paris]],
  ["<tool_call>get_time\n</tool_call>", [time]],
  ['[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}}]', [paris]],
  ["[TOOL_CALLS] [{'name': 'get_weather', 'arguments': {'city': 'Paris'}}]", [paris]],
  ['[TOOL_CALLS]get_weather[ARGS]{"city":"Paris"}[TOOL_CALLS]get_time[ARGS]{}', [paris, time]],
  ['<|python_tag|>get_weather.call(city="Paris")<|eom_id|>', [paris]],
  [`<|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}`, [paris]],
  ['<|tool_call_start|>[get_weather(city="Paris"), get_time()]<|tool_call_end|>', [paris, time]],
  ["```tool_code\nprint(default_api.get_weather(city='Paris'))\n```", [paris]],
  ['functools[{"name": "get_weather", "arguments": {"city": "Paris"}}]', [paris]],
  ["<start_function_call>call:get_weather{city:<escape>Paris<escape>}<end_function_call>", [paris]],
  ['<|tool_call>call:get_weather{city:<|"|>Paris<|"|>}<tool_call|>', [paris]],
  [
    '<minimax:tool_call><invoke name="get_weather"><parameter name="city">Paris</parameter></invoke></minimax:tool_call>',
    [paris],
  ],
  [
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city":"Paris"}' +
      "<|tool_call_end|><|tool_calls_section_end|>",
    [paris],
  ],
  [`<longcat_tool_call>${json}</longcat_tool_call>`, [paris]],
  [
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather " +
      '<|constrain|>json<|message|>{"city":"Paris"}<|call|>',
    ["reasoning: Hm.", paris],
  ],
  ["<|channel|>final<|message|>It rains.<|return|>", ["text: It rains."]],
  [json, [paris]],
  ["```json\n" + json + "\n```", [paris]],
  [`[${json}, {"name": "get_time", "arguments": {}}]`, [paris, time]],
  // What is no call is the answer as it was written.
  ['{"name": "Paris", "arguments": {}}', ['text: {"name": "Paris", "arguments": {}}']],
  ['{"city": "Paris"}', ['text: {"city": "Paris"}']],
  ["```js\nlet a;\n```", ["text: ```js\nlet a;\n```"]],
  ["Write <tool_call> and </tool_call>.", ["text: Write <tool_call> and </tool_call>."]],
  ["a <|chan", ["text: a <|chan"]],
  [" \n", ["text:  \n"]],
  // Never dropped: arguments that nobody can read reach the client as they are.
  [
    '<tool_call>{"name": "get_weather", "arguments": {"city": Par</tool_call>',
    ['tool-call get_weather: {"arguments":"{\\"city\\": Par"}'],
  ],
];

function called(pieces: readonly string[]): Part[] {
  return runPure(textCalls({ tools, callId: "call_x" }), [...textParts(...pieces), finished]);
}

/** Any way to cut a list into pieces, one of each place. */
function cuts(length: number): fc.Arbitrary<number[]> {
  return fc
    .uniqueArray(fc.integer({ min: 1, max: Math.max(length - 1, 1) }), { maxLength: 12 })
    .map((places) => [0, ...places.filter((place) => place < length).sort((left, right) => left - right), length]);
}

function pieces<Sliced>(at: readonly number[], slice: (from: number, to: number) => Sliced): Sliced[] {
  return at.slice(1).map((end, number) => slice(at[number] ?? 0, end));
}

describe("calls in the text", () => {
  test.each(forms)("%j becomes %j, however it is cut", (text, expected) => {
    const isCall = expected.some((line) => line.startsWith("tool-call"));
    const whole = [...expected, isCall ? "finish tool-calls" : "finish stop"];
    expect(summary(called([text]))).toEqual(whole);
    expect(summary(called([...text]))).toEqual(whole);
    fc.assert(
      fc.property(cuts(text.length), (at) => {
        const parts = called(pieces(at, (from, to) => text.slice(from, to)));
        assertWellFormed(parts);
        expect(summary(parts)).toEqual(whole);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  test("text is held no longer than it may become a call", () => {
    const stage = textCalls({ tools, callId: "call_x" });
    const [begun] = stage.step(stage.initial, [{ type: "block-start", index: 0, kind: "text" }]);
    const shown = (text: string) => summary(stage.step(begun, [{ type: "block-delta", index: 0, text }])[1]);
    expect(shown('{"name": "get_w')).toEqual([]);
    expect(shown('{"name": "Paris')).toEqual(['text: {"name": "Paris']);
    expect(shown("a < b and <tool")).toEqual(["text: a < b and "]);
    expect(shown("a [TOO many")).toEqual(["text: a [TOO many"]);
  });

  test("any text without an opening passes as it is", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 8 }), (texts) => {
        const text = texts.join("");
        fc.pre(text.trim() !== "");
        expect(summary(called(texts))).toEqual([`text: ${text}`, "finish stop"]);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe("arguments are always the text of a JSON object", () => {
  test.each([
    ['{"a": 1}', '{"a": 1}'],
    ["", "{}"],
    ["{'a': 'it\\'s'}", '{"a":"it\'s"}'],
    ['{"a": 1,}', '{"a":1}'],
    ['{"a": [1, 2,], }', '{"a":[1,2]}'],
    ['{"a": {"b": [1', '{"a":{"b":[1]}}'],
    ["{'a': True, 'b': None, 'c': False}", '{"a":true,"b":null,"c":false}'],
    ['"{\\"a\\": 1}"', '{"a":1}'],
    ["{a: 1}", '{"a":1}'],
    ['{"a": "two\nlines"}', '{"a":"two\\nlines"}'],
    ['```json\n{"a": 1}\n```', '{"a":1}'],
    // A text that was cut off must not look whole.
    ['{"path": "/tmp/a', '{"arguments":"{\\"path\\": \\"/tmp/a"}'],
    ["[1]", '{"arguments":"[1]"}'],
    ["rm -rf", '{"arguments":"rm -rf"}'],
  ])("%j becomes %j", (raw, expected) => {
    expect(repairedArguments(raw)).toBe(expected);
  });

  test("whatever was written, and what was valid is not touched", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (raw) => {
        const value: unknown = JSON.parse(repairedArguments(raw));
        expect(value).toBeInstanceOf(Object);
        expect(Array.isArray(value)).toBe(false);
      }),
      { numRuns: 300, seed: 7 },
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(repairedArguments(JSON.stringify(value))).toBe(JSON.stringify(value));
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test("an engine's call in pieces is repaired as a whole, and nothing else is held", () => {
    const call = (text: string[]): Part[] => [
      { type: "block-start", index: 1, kind: "tool-call", callId: "c", name: "f" },
      ...text.map((piece): Part => ({ type: "block-delta", index: 1, text: piece })),
      { type: "block-end", index: 1, arguments: text.join("") },
    ];
    const parts = runPure(repairedCalls, [...textParts("Hi"), ...call(["{'a'", ": 1,", "}"]), finished]);
    assertWellFormed(parts);
    expect(summary(parts)).toEqual(["text: Hi", 'tool-call f: {"a":1}', "finish stop"]);
  });
});

describe("recorded answers", () => {
  const fixtures = fileURLToPath(new URL("../../fixtures", import.meta.url));
  const engines: EngineId[] = ["mlx-lm", "mlx-vlm", "mlx-openai-server"];
  const recorded = engines.flatMap((engine) =>
    readdirSync(`${fixtures}/${engine}`)
      .filter((name) => name.endsWith(".sse"))
      .map((name) => ({ engine, name })),
  );

  test.each(recorded)("$engine/$name gives the same parts at any chunk boundary", async ({ engine, name }) => {
    const whole = readFileSync(`${fixtures}/${engine}/${name}`);
    const reference = await read(engine, [whole]);
    expect(reference.length).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(cuts(whole.length), async (at) => {
        const parts = await read(
          engine,
          pieces(at, (from, to) => whole.subarray(from, to)),
        );
        assertWellFormed(parts);
        expect(parts).toEqual(reference);
      }),
      { numRuns: 15, seed: 7 },
    );
  });

  /** Through the reader and every stage that reads meaning out of text. */
  async function read(engine: EngineId, chunks: readonly Uint8Array[]): Promise<Part[]> {
    let calls = 0;
    const options = { newCallId: () => `call_${(calls += 1)}`, onFailure: () => undefined, headers: {} };
    const parts: Part[] = [];
    for await (const array of engineProtocol(engine).read(streamed(chunks), options)) parts.push(...array);
    return runPure(repairedCalls, runPure(textCalls({ tools, callId: "call_x" }), runPure(thinkingTags, parts)));
  }

  async function* streamed(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
});
