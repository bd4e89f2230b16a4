import { engineFailed } from "../failures.ts";
import type { FinishReason, TokenUsage } from "../parts.ts";
import type { WireLogprob } from "../token-logprobs.ts";
import { withoutPaths } from "./mlx-lm/answer-errors.ts";

/** Fields of a chunk that are read; everything is optional, since the engine is another program. Nulls are absence. */
export interface Chunk {
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly finish_reason?: string | null;
    readonly logprobs?: { readonly content?: readonly WireLogprob[] | null } | null;
    /** Of a completion without a conversation. */
    readonly text?: string | null;
    readonly delta?: {
      readonly content?: string | null;
      readonly reasoning?: string | null;
      readonly reasoning_content?: string | null;
      readonly tool_calls?: readonly ToolCallDelta[] | null;
    } | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens?: number | null;
    readonly completion_tokens?: number | null;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
  } | null;
}

export interface ToolCallDelta {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown } | null;
}

export const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
};

/** @throws AppError `engine_failed` for what is no chunk, and for what the engine calls an error. */
export function parseChunk(data: string): Chunk {
  const chunk = parse(data);
  if (chunk.error !== undefined && chunk.error !== null) {
    throw engineFailed(`The engine failed: ${errorText(chunk.error)}`);
  }
  return chunk;
}

export function usageOf(usage: NonNullable<Chunk["usage"]>): TokenUsage {
  return {
    input: usage.prompt_tokens ?? null,
    output: usage.completion_tokens ?? null,
    cached: usage.prompt_tokens_details?.cached_tokens ?? null,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? null,
  };
}

function parse(data: string): Chunk {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === "object" && value !== null) return value as Chunk;
  } catch (error) {
    throw engineFailed("The engine sent something that is not JSON.", error);
  }
  throw engineFailed("The engine sent something that is not an answer.");
}

function errorText(error: unknown): string {
  const text = typeof error === "string" ? error : (error as { message?: unknown }).message;
  return typeof text === "string" ? withoutPaths(text.slice(0, 500)) : "it did not say why";
}
