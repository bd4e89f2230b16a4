import type { FinishReason, TokenUsage } from "../parts.ts";

/** OpenAI does not tell a stop text from the model's own end. */
export const openAIFinishReasons = {
  stop: "stop",
  "stop-sequence": "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
} as const satisfies Record<FinishReason, string>;

/** OpenAI's usage has no unknown: what the engine did not count is 0. */
export function openAIUsage(usage: TokenUsage | null) {
  const input = usage?.input ?? 0;
  const output = usage?.output ?? 0;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: usage?.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage?.reasoning ?? 0 },
  };
}
