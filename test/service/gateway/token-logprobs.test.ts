import { Buffer } from "node:buffer";
import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import OpenAI from "openai";
import { ChatChunk } from "../../../service/src/contract/openai.ts";
import { createDeltaTranslator } from "../../../service/src/gateway/engines/delta-parts.ts";
import type { Part, TokenLogprob } from "../../../service/src/gateway/parts.ts";
import { carryLogprobs } from "../../../service/src/gateway/token-logprobs.ts";
import { stepOf, takeSteps } from "../../../service/src/gateway/stages/stage.ts";
import { stopSequences } from "../../../service/src/gateway/stages/stop-sequences.ts";
import { thinkingTags } from "../../../service/src/gateway/stages/thinking-tags.ts";
import { trials } from "../../tools/counts.ts";
import { startGateway } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

const told = (bytes: Uint8Array): TokenLogprob => ({
  ...{ token: Buffer.from(bytes).toString(), bytes: [...bytes], logprob: -1, top: [] },
});

/** A text as an engine sends it: whole signs in the deltas, tokens cut anywhere. */
function answerOf(text: string, cuts: readonly number[]): Part[] {
  const bytes = Buffer.from(text);
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  const tokens = edges.slice(1).map((edge, place) => told(bytes.subarray(edges[place], edge)));
  let sent = 0;
  const deltas = tokens.flatMap((_, place): Part[] => {
    const part = bytes.subarray(sent, edges[place + 1]).toString();
    if (part.endsWith("\ufffd") || part === "") return [];
    const since = tokens.slice(edges.indexOf(sent), place + 1);
    sent = edges[place + 1] ?? 0;
    return [{ type: "block-delta", index: 0, text: part, logprobs: since }];
  });
  return [
    { type: "block-start", index: 0, kind: "text" },
    ...deltas,
    { type: "block-end", index: 0 },
    { type: "finish", reason: "stop" },
  ];
}

function carried(parts: readonly Part[]): { text: string; tokens: TokenLogprob[] } {
  const steps = carryLogprobs([stepOf(thinkingTags), stepOf(stopSequences(["STOP"]))]);
  const texts: string[] = [];
  const tokens: TokenLogprob[] = [];
  const kinds = new Map<number, string>();
  for (const given of parts) {
    const [out, isOver] = takeSteps(steps, [given]);
    for (const part of out) {
      if (part.type === "block-start") kinds.set(part.index, part.kind);
      if (part.type !== "block-delta" || kinds.get(part.index) !== "text") continue;
      texts.push(part.text);
      tokens.push(...(part.logprobs ?? []));
    }
    if (isOver) break;
  }
  return { text: texts.join(""), tokens };
}

describe("the tokens of an answer", () => {
  test("stay with their text, however both are cut, and through everything that holds text back", async () => {
    const signs = fc.constantFrom("a", " b", "é", "🙂", "S", "ST", "STO", "<", "<th", ".");
    const text = fc.array(signs, { minLength: 1, maxLength: 20 }).map((all) => `x${all.join("")}`);
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(60), { maxLength: 12 }), async (whole, cuts) => {
        const { text: shown, tokens } = carried(answerOf(whole, cuts));
        const end = whole.indexOf("STOP");
        expect(shown).toBe(end === -1 ? whole : whole.slice(0, end));
        const bytes = Buffer.from(tokens.flatMap(({ bytes: own }) => [...(own ?? [])]));
        // The token that a stop text begins in is told whole.
        expect(bytes.toString().startsWith(shown)).toBe(true);
      }),
      { numRuns: trials(100, 2000) },
    );
  });

  test("are those of their own chunk, also where several chunks arrive at once and the last has no text", () => {
    const translator = createDeltaTranslator({ newCallId: () => "call_1" });
    const out: Part[] = [];
    const logprobs = (token: string) => ({ content: [{ token, logprob: -1, bytes: null, top_logprobs: [] }] });
    for (const [content, token] of [
      ["Hi", "Hi"],
      [".", "."],
      [undefined, "<|im_end|>"],
    ] as const)
      translator.push(JSON.stringify({ choices: [{ delta: { content }, logprobs: logprobs(token) }] }), out);
    const tokens = out.flatMap((part) => (part.type === "block-delta" ? (part.logprobs ?? []) : []));
    expect(tokens.map(({ token }) => token)).toEqual(["Hi", "."]);
  });

  test("are dropped with the tags and the newlines that frame thinking", async () => {
    const pieces = ["<think>", "hm", "</think>", "\n\n", "Yes", "."];
    const deltas = pieces.map((text): Part => {
      return { type: "block-delta", index: 0, text, logprobs: [told(Buffer.from(text))] };
    });
    const { tokens } = carried([
      { type: "block-start", index: 0, kind: "text" },
      ...deltas,
      { type: "block-end", index: 0 },
      { type: "finish", reason: "stop" },
    ]);
    expect(tokens.map(({ token }) => token)).toEqual(["Yes", "."]);
  });
});

describe("the official client", () => {
  let bench: GatewayBench;
  afterEach(() => bench.close());

  test("gets the same tokens with their likelihood whole and streamed, without those of thinking", async () => {
    bench = await startGateway({ flags: { obliging: true, reasoning: true, text: "One two." } });
    const client = new OpenAI({ baseURL: bench.url, apiKey: "none", maxRetries: 0 });
    const asked = {
      ...{ model: "mlx-manager/demo", messages: [{ role: "user" as const, content: "Hi" }] },
      ...{ logprobs: true, top_logprobs: 2 },
    };
    const whole = await client.chat.completions.create(asked);
    const content = whole.choices[0]?.logprobs?.content;
    expect(content?.map(({ token, top_logprobs: top }) => [token, top.length])).toEqual([
      ["\n\nOne", 2],
      [" two.", 2],
    ]);
    const streamed: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
      ChatChunk.parse(chunk);
      streamed.push(...(chunk.choices[0]?.logprobs?.content ?? []));
    }
    expect(streamed).toEqual(content);
    expect((await bench.engine.entry("request")).body).toMatchObject({ answer_logprobs: { top: 2 } });
  });
});
