import type { FinishReason, TokenUsage } from "../parts.ts";

/** OpenAI does not tell a stop text from the model's own end. */
export const openAIFinishReasons = {
  stop: "stop",
  "stop-sequence": "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
} as const satisfies Record<FinishReason, string>;

/** The sums have no unknown: what the engine did not count is 0 there. A detail that it did not count is left out. */
export function openAIUsage(usage: TokenUsage | null) {
  const input = usage?.input ?? 0;
  const output = usage?.output ?? 0;
  const cached = usage?.cached ?? null;
  const reasoning = usage?.reasoning ?? null;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached === null ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
    ...(reasoning === null ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}
