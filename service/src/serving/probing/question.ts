import type { ChatRequest } from "../../contract/openai.ts";
import type { Profile } from "../../contract/profiles.ts";

/** A question on the way that every client's question goes; compose hands in the gateway's. */
export interface ProbeQuestion {
  readonly profile: Profile;
  readonly revision: string;
  readonly request: ChatRequest;
  readonly signal: AbortSignal;
}

/** An answer, and when it came: milliseconds since the question was sent to a ready server. */
export interface ProbeAnswer {
  readonly serverId: string;
  readonly text: string;
  /** The text as the engine gave it, before calls were read out of it. */
  readonly written: string;
  readonly reasoning: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  readonly tokens: { readonly input: number | null; readonly output: number | null; readonly cached: number | null };
  readonly firstTokenMs: number | null;
  readonly lastTokenMs: number | null;
}

/** @throws AppError as a client would be told. */
export type ProbeAsk = (question: ProbeQuestion) => Promise<ProbeAnswer>;

const user = (content: string): ChatRequest["messages"][number] => ({ role: "user", content });
const fixed = { temperature: 0 } as const;

export const chatQuestion: ChatRequest = {
  ...fixed,
  messages: [user("What can you do? Answer in one or two sentences.")],
  max_tokens: 64,
};

const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    description: "get weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

/** Two, since one that is not understood proves nothing. */
export const toolQuestions: readonly ChatRequest[] = ["Paris", "Berlin"].map((city) => ({
  ...fixed,
  messages: [user(`What is the weather in ${city}?`)],
  tools: [weather],
  max_tokens: 512,
}));
export const toolName = weather.function.name;

export const thinkingQuestion: ChatRequest = {
  ...fixed,
  messages: [user("Which port does MLX Manager use?")],
  enable_thinking: true,
  max_tokens: 1024,
};

export const structuredSchema = {
  type: "object",
  properties: { city: { type: "string" }, country: { type: "string" } },
  required: ["city", "country"],
  additionalProperties: false,
} as const;

export const structuredQuestion: ChatRequest = {
  ...fixed,
  messages: [user("Which city is the capital of France? Answer as JSON.")],
  response_format: { type: "json_schema", json_schema: { name: "capital", strict: true, schema: structuredSchema } },
  max_tokens: 128,
};

const lookQuestion = "What color is this picture?";

/** The same words without the picture: what they take less is what the picture took. */
export const blindQuestion: ChatRequest = { ...fixed, messages: [user(lookQuestion)], max_tokens: 16 };

/** @param picture a data URI */
export function visionQuestion(picture: string): ChatRequest {
  const content = [
    { type: "image_url" as const, image_url: { url: picture } },
    { type: "text" as const, text: lookQuestion },
  ];
  return { ...fixed, messages: [{ role: "user", content }], max_tokens: 16 };
}
