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
  /** Whether the client asked for a cache, and is told of it. */
  readonly marksCache: boolean;
}

export interface MessageTokens {
  readonly usage: TokenUsage | null;
  /** What to say where the engine did not count: tokens of the prompt, tokens of the answer. */
  readonly seen: { readonly input: number; readonly output: number };
  readonly marksCache: boolean;
}

/** Anthropic's input is what did not come from the cache that the client asked for, and it has no unknown. */
export function messageUsage({ usage, seen, marksCache }: MessageTokens): MessageUsage {
  const input = usage?.input ?? seen.input;
  const cached = usage?.cached ?? 0;
  return {
    input_tokens: marksCache ? Math.max(0, input - cached) : input,
    cache_creation_input_tokens: marksCache ? 0 : null,
    cache_read_input_tokens: marksCache ? cached : null,
    output_tokens: usage?.output ?? seen.output,
  };
}

/** Signs a thought. Nothing here reads it, but clients turn a thought without a signature into text. */
export function createSignature(): { add(text: string): void; end(): string } {
  const hash = createHash("sha256");
  return { add: (text) => void hash.update(text), end: () => hash.digest("base64") };
}
