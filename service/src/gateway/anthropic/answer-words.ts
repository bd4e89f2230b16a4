import { createHash } from "node:crypto";
import type { MessageUsage, StopReason } from "../../contract/anthropic.ts";
import type { FinishReason, TokenUsage } from "../parts.ts";
import type { NormalRequest } from "../request.ts";

export const stopReasons = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
} as const satisfies Record<FinishReason, StopReason>;

/** What a message says of itself besides its content. */
export interface MessageIdentity {
  readonly id: string;
  /** The name the client asked for. */
  readonly model: string;
  readonly request: Pick<NormalRequest, "promptTokens">;
}

/**
 * Anthropic's input is what was not in the cache, and it has no unknown.
 * @param seen what to say where the engine did not count: tokens of the prompt, tokens of the answer.
 */
export function messageUsage(usage: TokenUsage | null, seen: { input: number; output: number }): MessageUsage {
  const cached = usage?.cached ?? 0;
  return {
    input_tokens: Math.max(0, (usage?.input ?? seen.input) - cached),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: usage?.output ?? seen.output,
  };
}

/** Signs a thought. Nothing here reads it, but clients turn a thought without a signature into text. */
export function createSignature(): { add(text: string): void; end(): string } {
  const hash = createHash("sha256");
  return { add: (text) => void hash.update(text), end: () => hash.digest("base64") };
}
