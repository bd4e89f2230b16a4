import { AppError } from "../../platform/errors.ts";
import type { NormalMessage, NormalTool } from "../messages.ts";
import type { NormalSampling } from "../request.ts";

export interface MessageForm {
  /** Whether the model's own earlier thoughts go back to it. */
  readonly reasoning: boolean;
  /** Sounds as base64 alone, as OpenAI has them; else as data URIs, since the engine takes anything else for a path. */
  readonly hasBareSounds?: boolean;
}

type UserMessage = Extract<NormalMessage, { role: "user" }>;

/** Messages in OpenAI's form. Whether the model sees is checked before; images are data URIs by then. */
export function chatMessages(messages: readonly NormalMessage[], form: MessageForm): Record<string, unknown>[] {
  return messages.map((message) => chatMessage(message, form));
}

function chatMessage(
  message: NormalMessage,
  { reasoning, hasBareSounds = false }: MessageForm,
): Record<string, unknown> {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.text };
    case "user":
      return { role: "user", content: userContent(message, hasBareSounds) };
    case "assistant":
      return {
        role: "assistant",
        content: message.text,
        ...(message.reasoning === null || !reasoning ? {} : { reasoning_content: message.reasoning }),
        ...(message.toolCalls.length === 0 ? {} : { tool_calls: message.toolCalls.map(toolCall) }),
      };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.text };
  }
}

function userContent({ text, images, sounds = [] }: UserMessage, hasBareSounds: boolean): unknown {
  if (images.length === 0 && sounds.length === 0) return text;
  const parts: object[] = images.map((url) => ({ type: "image_url", image_url: { url: dataUri(url) } }));
  for (const uri of sounds.map(dataUri)) {
    const format = /^data:audio\/(\w+);/.exec(uri)?.[1];
    const data = hasBareSounds ? uri.slice(uri.indexOf(",") + 1) : uri;
    parts.push({ type: "input_audio", input_audio: { data, format } });
  }
  return text === "" ? parts : [...parts, { type: "text", text }];
}

/** The last gate: engines would fetch an address, and read a path from this disk. */
function dataUri(address: string): string {
  if (address.startsWith("data:")) return address;
  throw new AppError("unsupported", "Images and sounds reach an engine as data URIs alone.", {
    details: { param: "messages" },
  });
}

export function chatTools(tools: readonly NormalTool[]): object[] | undefined {
  if (tools.length === 0) return undefined;
  return tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: { name, ...(description === null ? {} : { description }), parameters },
  }));
}

/** What every engine of ours knows under the same names; undefined is left to the engine. */
export function chatSampling(sampling: NormalSampling, vocabularySize: number | null): Record<string, unknown> {
  return {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK === undefined ? undefined : clampTopK(sampling.topK, vocabularySize),
    min_p: sampling.minP,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    repetition_penalty: sampling.repetitionPenalty,
    seed: sampling.seed,
    logit_bias: sampling.logitBias.size === 0 ? undefined : Object.fromEntries(sampling.logitBias),
  };
}

/** No engine is ever sent a null: some close the connection on one. */
export function withoutUndefined(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const said: Record<string, unknown> = {};
  for (const name in body) if (body[name] !== undefined) said[name] = body[name];
  return said;
}

/** `top_k` at or over the vocabulary kills mlx_lm.server; it means all tokens, and so does 0. */
function clampTopK(topK: number, vocabularySize: number | null): number {
  return vocabularySize !== null && topK >= vocabularySize ? 0 : topK;
}

function toolCall({ id, name, arguments: text }: { id: string; name: string; arguments: string }) {
  return { id, type: "function", function: { name, arguments: text } };
}
