import type { ErrorCode } from "../contract/error.ts";

export type BlockKind = "text" | "reasoning" | "tool-call";
export type FinishReason = "stop" | "stop-sequence" | "length" | "tool-calls" | "content-filter";
export type ErrorSource = "gateway" | "engine";

/** Tokens as the engine counted them; null where it did not say. */
export interface TokenUsage {
  readonly input: number | null;
  readonly output: number | null;
  readonly cached: number | null;
  readonly reasoning: number | null;
}

/**
 * The one internal stream: every engine is read into it, every protocol written from it.
 * Blocks never overlap another of their index, each is closed before the end; exactly one `finish` or `error`, last.
 */
export type Part =
  | { readonly type: "start"; readonly id: string; readonly model: string; readonly created: number }
  | {
      readonly type: "progress";
      readonly phase: "queued" | "loading" | "prefill";
      readonly done?: number;
      readonly total?: number;
    }
  | {
      readonly type: "block-start";
      readonly index: number;
      readonly kind: BlockKind;
      readonly callId?: string;
      readonly name?: string;
    }
  | {
      readonly type: "block-delta";
      readonly index: number;
      readonly text: string;
      /** Of its tokens, where they were asked for. */
      readonly logprobs?: readonly TokenLogprob[] | undefined;
    }
  | { readonly type: "block-end"; readonly index: number; readonly arguments?: string; readonly signature?: string }
  | ({ readonly type: "usage" } & TokenUsage)
  | { readonly type: "finish"; readonly reason: FinishReason; readonly stopSequence?: string }
  | {
      readonly type: "error";
      readonly code: ErrorCode;
      /** User text: short, plain, without local paths. */
      readonly message: string;
      readonly source: ErrorSource;
      readonly retryable: boolean;
    };

/** How likely a token was, and which others were likely in its place, the likeliest first. */
export interface TokenLogprob {
  readonly token: string;
  /** Null where the engine does not say; a token may be a part of a sign. */
  readonly bytes: readonly number[] | null;
  readonly logprob: number;
  readonly top: readonly Omit<TokenLogprob, "top">[];
}

/** One array for each upstream read, one socket write for each array. */
export type PartStream = AsyncIterable<readonly Part[]>;

export type ErrorPart = Extract<Part, { type: "error" }>;

/** Whether nothing may follow. */
export function isLast(part: Part): boolean {
  return part.type === "finish" || part.type === "error";
}

/** The parts up to the last that may be told, and whether it is among them. */
export function throughLast(parts: readonly Part[]): readonly [readonly Part[], boolean] {
  const last = parts.findIndex(isLast);
  return [last === -1 || last === parts.length - 1 ? parts : parts.slice(0, last + 1), last !== -1];
}
