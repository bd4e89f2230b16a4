import { engineFailed } from "../../failures.ts";
import type { BlockKind, FinishReason, Part, TokenUsage } from "../../parts.ts";
import { withoutPaths } from "./answer-errors.ts";

export interface ChunkTranslator {
  /** Appends the parts of one `data:` line. @throws AppError `engine_failed` for what no engine of ours sends. */
  push(data: string, out: Part[]): void;
}

/** Fields of a chunk that are read; everything is optional, since the engine is another program. */
interface Chunk {
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly finish_reason?: string | null;
    readonly delta?: {
      readonly content?: string | null;
      readonly reasoning?: string | null;
      readonly tool_calls?: readonly ToolCallDelta[] | null;
    };
  }[];
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  } | null;
}

interface ToolCallDelta {
  readonly id?: string | null;
  readonly function?: { readonly name?: string; readonly arguments?: unknown };
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter",
};

/** Turns the chunks of `mlx_lm.server` into parts. Reasoning, text and calls of one delta come in this order. */
export function createChunkTranslator(newCallId: () => string): ChunkTranslator {
  let open: { index: number; kind: BlockKind } | null = null;
  let next = 0;
  let calls = 0;
  let finish: FinishReason | null = null;
  let usage: TokenUsage | null = null;
  const callIds = new Set<string>();

  const close = (out: Part[]): void => {
    if (open) out.push({ type: "block-end", index: open.index });
    open = null;
  };
  const write = (kind: BlockKind, text: string | null | undefined, out: Part[]): void => {
    if (typeof text !== "string" || text === "") return;
    if (open?.kind !== kind) {
      close(out);
      open = { index: next, kind };
      next += 1;
      out.push({ type: "block-start", index: open.index, kind });
    }
    out.push({ type: "block-delta", index: open.index, text });
  };
  // The engine sends a call whole, in one delta.
  const call = (delta: ToolCallDelta, out: Part[]): void => {
    close(out);
    const name = delta.function?.name ?? "";
    const text = argumentsText(delta.function?.arguments);
    const callId = delta.id && !callIds.has(delta.id) ? delta.id : newCallId();
    callIds.add(callId);
    const index = next;
    next += 1;
    calls += 1;
    out.push({ type: "block-start", index, kind: "tool-call", callId, name });
    out.push({ type: "block-delta", index, text }, { type: "block-end", index, arguments: text });
  };
  const end = (out: Part[]): void => {
    close(out);
    if (finish === null) throw engineFailed("The engine ended its answer without saying why. Try again.");
    // The engine drops calls that it cannot parse and still says it made one: an empty answer would hide the loss.
    if (finish === "tool-calls" && calls === 0) {
      throw engineFailed("The model wrote a tool call that could not be read. Try again.");
    }
    if (usage) out.push({ type: "usage", ...usage });
    out.push({ type: "finish", reason: finish === "stop" && calls > 0 ? "tool-calls" : finish });
  };

  return {
    push(data, out) {
      if (data === "[DONE]") return end(out);
      const chunk = parse(data);
      if (chunk.error !== undefined) throw engineFailed(`The engine failed: ${errorText(chunk.error)}`);
      if (chunk.usage) usage = usageOf(chunk.usage);
      const choice = chunk.choices?.[0];
      if (!choice) return;
      write("reasoning", choice.delta?.reasoning, out);
      write("text", choice.delta?.content, out);
      for (const delta of choice.delta?.tool_calls ?? []) call(delta, out);
      if (typeof choice.finish_reason === "string") finish = finishReasons[choice.finish_reason] ?? "stop";
    },
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

function argumentsText(value: unknown): string {
  if (typeof value === "string") return value === "" ? "{}" : value;
  return JSON.stringify(value ?? {});
}

function errorText(error: unknown): string {
  const text = typeof error === "string" ? error : (error as { message?: unknown } | null)?.message;
  return typeof text === "string" ? withoutPaths(text.slice(0, 500)) : "it did not say why";
}

function usageOf(usage: NonNullable<Chunk["usage"]>): TokenUsage {
  return {
    input: usage.prompt_tokens ?? null,
    output: usage.completion_tokens ?? null,
    cached: usage.prompt_tokens_details?.cached_tokens ?? null,
    reasoning: null,
  };
}
