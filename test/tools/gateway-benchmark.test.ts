import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startChild } from "../../bench/child.ts";
import { ask } from "../../bench/gateway/ask.ts";
import { names } from "../../bench/gateway/contender.ts";
import type { Contender } from "../../bench/gateway/contender.ts";
import { describe as inWords, faults, look } from "../../bench/gateway/faults.ts";
import { middleOfPairs } from "../../bench/gateway/report.ts";

let contender: Contender;
let end: () => Promise<void>;

beforeAll(async () => {
  const engine = await startChild<{ port: number }>("./gateway/scripted-engine.mjs", []);
  end = engine.end;
  const url = `http://127.0.0.1:${engine.hello.port}`;
  const none = { headers: {}, processId: null, startMs: null, end };
  contender = { name: names.direct, url, model: "default_model", ...none };
});

afterAll(() => end());

describe("the scripted engine of the gateway's benchmark", () => {
  test("answers whole and streamed, and every token is counted", async () => {
    await ask(contender, { tokens: 1 }, { isStream: false });
    let tokens = 0;
    const onToken = (_at: number, count: number): void => void (tokens += count);
    await ask(contender, { tokens: 100 }, { isStream: true, onToken });
    expect(tokens).toBe(100);
  });

  test("an answer that is not whole gives no figure", async () => {
    const broken = ask(contender, { tokens: 32, diesAfter: 10 }, { isStream: true });
    await expect(broken).rejects.toThrow(/answered 200 and ended with/);
  });
});

describe("the comparison of faults", () => {
  const faultOf = (what: string) => faults.find((fault) => fault.what === what)!;

  test("an answer that was cut off without a word is bad", async () => {
    const fault = faultOf("the engine dies after 10 tokens of a stream");
    const seen = await look(contender, { ...fault, script: { tokens: 32, diesAfter: 10 } });
    expect(inWords(seen)).toMatch(/^200, 10 tokens, ended after/);
    expect(fault.judge(seen)).toEqual({ isGood: false, why: "cut off without a word" });
  });

  test("an error event, or a refusal that blames the right side, is good", () => {
    const seen = { status: 200, broken: null, hangs: false, endMs: 10, firstByteMs: 1, firstTokenMs: 1 };
    const event = { ...seen, text: 'data: {"error":{"message":"It broke off."}}\n\n' };
    expect(faultOf("the engine dies after 10 tokens of a stream").judge(event).isGood).toBe(true);
    const refusal = { ...seen, status: 400, text: '{"error":{"message":"messages are missing"}}' };
    expect(faultOf("no messages").judge(refusal).isGood).toBe(true);
    expect(faultOf("no messages").judge({ ...refusal, status: 502 }).isGood).toBe(false);
  });

  test("an engine that closes on a null is told apart from one that answers", async () => {
    const fault = faultOf("temperature: null");
    expect(fault.judge(await look(contender, fault)).isGood).toBe(false);
    expect(fault.judge(await look(contender, { ...fault, extra: {} })).isGood).toBe(true);
  });
});

test("what is added is the middle of the pairs, also where one was asked less often", () => {
  expect(middleOfPairs([2, 12, 3], [1, 10, 1])).toBe(2);
  expect(middleOfPairs([5, 9], [1, 100, 2, 200])).toBe(4);
});
