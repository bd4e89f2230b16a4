import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import { isFull } from "../tools/counts.ts";
import { failures, openRows, runLlmprobe } from "../tools/llmprobe.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const model = "mlx-manager/demo";
const question = { role: "user" as const, content: "What is MLX?" };
const quiet = { temperature: 0, max_tokens: 200 };
const docs = readFileSync(new URL("../../docs/conformance.md", import.meta.url), "utf8");
/** The demo model has no memory for names: the suite asks it for one. The scripted run proves what the gateway does there. */
const beyondTheModel = ["responses-previous-response-id"];
let service: RealService;

beforeAll(async () => {
  service = await startRealService();
}, 600_000);
afterAll(() => service.close());

async function chat(messages: readonly object[], more: object = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`${service.address()}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, ...quiet, enable_thinking: false, messages, ...more }),
  });
  const body = (await response.json()) as Partial<ChatCompletion> & { error?: { message: string } };
  return { status: response.status, text: body.choices?.[0]?.message.content ?? body.error?.message ?? "" };
}

/** The answer and a beginning of it, cut inside of a word. */
async function halves(): Promise<{ whole: string; begun: string; rest: string }> {
  const { text: whole } = await chat([question]);
  const cut = Math.floor(whole.length / 2);
  return { whole, begun: whole.slice(0, cut), rest: whole.slice(cut) };
}

describe("llmprobe on the real engine", () => {
  test(
    "finds nothing that must be otherwise, but what the small model cannot remember",
    async () => {
      const report = await runLlmprobe(`${service.address()}/v1`, model, isFull ? ["--timeout", "300"] : ["--quick"]);
      const broken = failures(report, "MUST");
      expect(broken.filter((line) => !beyondTheModel.some((id) => line.startsWith(`${id}: `)))).toEqual([]);
      expect(report.conformance.bySurface.map(({ surface }) => surface)).toEqual(
        expect.arrayContaining(["models", "chat", "responses", "messages"]),
      );
      const open = [...openRows(report), ...failures(report, "SHOULD"), ...broken];
      expect(open.filter((row) => !docs.includes(`\`${row.slice(0, row.indexOf(":"))}\``))).toEqual([]);
    },
    isFull ? 1_800_000 : 120_000,
  );
});

describe("a conversation that ends with the assistant's own words", () => {
  test("is gone on with by the real engine, from the very letter, and counted as it is read", async () => {
    const { begun, rest } = await halves();
    const messages = [question, { role: "assistant" as const, content: begun.replace(/\S+$/, "").trimEnd() }];
    const expected = begun.slice(messages[1]?.content.length) + rest;
    expect(await chat(messages)).toEqual({ status: 200, text: expected });

    const client = new Anthropic({ baseURL: service.address(), apiKey: "none", maxRetries: 0 });
    const asked = { model, messages, thinking: { type: "disabled" as const } };
    const { content, usage } = await client.messages.create(
      { ...asked, max_tokens: 200 },
      { body: { ...asked, ...quiet } },
    );
    expect(content).toEqual([{ type: "text", text: expected, citations: [] }]);
    expect(await client.messages.countTokens(asked)).toEqual({ input_tokens: usage.input_tokens });
  });

  test("is answered afresh where the client says so, and refused where the answer is bound to a form", async () => {
    const { whole, begun } = await halves();
    const messages = [question, { role: "assistant", content: begun }];
    const { text } = await chat(messages, { continue_final_message: false });
    expect(whole.startsWith(begun + text)).toBe(false);
    expect(
      await chat(messages, { continue_final_message: true, response_format: { type: "json_object" } }),
    ).toMatchObject({ status: 400, text: expect.stringContaining('"continue_final_message"') });
  });
});

test("the real engine tells how likely its tokens were, streamed as whole, and the likeliest first", async () => {
  const asked = { model, messages: [question], ...quiet, max_tokens: 12, logprobs: true, top_logprobs: 20 };
  const client = new OpenAI({ baseURL: `${service.address()}/v1`, apiKey: "none", maxRetries: 0 });
  const whole = await client.chat.completions.create(asked);
  const tokens = whole.choices[0]?.logprobs?.content ?? [];
  expect(tokens.map(({ token }) => token).join("")).toBe(whole.choices[0]?.message.content);
  for (const { token, logprob, bytes, top_logprobs: top } of tokens) {
    expect(Buffer.from(bytes ?? []).toString()).toBe(token);
    expect(top).toHaveLength(20);
    // At temperature 0 the likeliest is the one that was chosen.
    expect(top[0]).toEqual({ token, logprob, bytes });
    expect(top.map((other) => other.logprob)).toEqual([...top.map((other) => other.logprob)].sort((a, b) => b - a));
  }
  const streamed: string[] = [];
  for await (const chunk of await client.chat.completions.create({ ...asked, stream: true }))
    streamed.push(...(chunk.choices[0]?.logprobs?.content ?? []).map(({ token }) => token));
  expect(streamed).toEqual(tokens.map(({ token }) => token));
});
