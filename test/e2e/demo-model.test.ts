import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import { trials } from "../tools/counts.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

interface Questions {
  readonly plain: { question: string; answer: string }[];
  readonly unknown: { question: string; answer: string }[];
  readonly thinking: { question: string; reasoning: string; answer: string }[];
  readonly tools: {
    question: string;
    tools: unknown[];
    call: { name: string; arguments: unknown };
    result: string;
    answer: string;
  }[];
}

const questions = JSON.parse(
  readFileSync(new URL("../../service/demo-model/questions.json", import.meta.url), "utf8"),
) as Questions;

/** In the small run every fourth. */
const some = <Item>(items: readonly Item[]): Item[] => items.filter((_, index) => index % trials(4, 1) === 0);

let service: RealService;
beforeAll(async () => {
  service = await startRealService();
}, 600_000);
afterAll(() => service.close());

const ask = async (body: Record<string, unknown>) => {
  const answer = await service
    .api()
    .send<ChatCompletion>("POST", "/v1/chat/completions", { model: "mlx-manager/demo", temperature: 0, ...body });
  const [choice] = answer.choices;
  if (!choice) throw new Error("The answer has no choice.");
  return choice;
};
const user = (content: string) => ({ role: "user", content });

describe("the committed weights answer the committed questions on the real engine", () => {
  test("plain questions, word by word", async () => {
    for (const { question, answer } of some(questions.plain)) {
      expect({ question, answer: (await ask({ messages: [user(question)] })).message.content }).toEqual({
        question,
        answer,
      });
    }
  }, 600_000);

  test("what it does not know, honestly", async () => {
    for (const { question, answer } of some(questions.unknown)) {
      expect({ question, answer: (await ask({ messages: [user(question)] })).message.content }).toEqual({
        question,
        answer,
      });
    }
  }, 300_000);

  test("with its thinking apart, when asked to think", async () => {
    for (const { question, reasoning, answer } of some(questions.thinking)) {
      const { message } = await ask({ messages: [user(question)], chat_template_kwargs: { enable_thinking: true } });
      expect({ question, reasoning: message.reasoning_content, answer: message.content }).toEqual({
        question,
        reasoning,
        answer,
      });
    }
  }, 300_000);

  test("with well-formed tool calls, and an answer from the result", async () => {
    for (const { question, tools, call, result, answer } of some(questions.tools)) {
      const first = await ask({ messages: [user(question)], tools });
      expect(first.finish_reason).toBe("tool_calls");
      const [made] = first.message.tool_calls ?? [];
      expect({
        question,
        name: made?.function.name,
        arguments: JSON.parse(made?.function.arguments ?? "null"),
      }).toEqual({ question, ...call });
      const second = await ask({
        messages: [user(question), first.message, { role: "tool", tool_call_id: made?.id, content: result }],
        tools,
      });
      expect({ question, answer: second.message.content }).toEqual({ question, answer });
    }
  }, 300_000);
});
