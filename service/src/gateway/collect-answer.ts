import { engineFailed, fromErrorPart, retryAdvice } from "./failures.ts";
import type { BlockKind, FinishReason, Part, PartStream, TokenLogprob, TokenUsage } from "./parts.ts";

/** One block of an answer, whole. A tool call's text is its arguments, the text of a JSON object. */
export interface WholeBlock {
  readonly kind: BlockKind;
  readonly callId: string;
  readonly name: string;
  readonly text: string;
  readonly signature: string | null;
  /** Of its tokens, where they were asked for. */
  readonly logprobs?: readonly TokenLogprob[] | undefined;
}

/** A whole answer, in no protocol's words. */
export interface WholeAnswer {
  readonly blocks: readonly WholeBlock[];
  readonly usage: TokenUsage | null;
  readonly finish: FinishReason;
  readonly stopSequence: string | null;
}

export interface CollectOptions {
  /** Sees the parts as they come; for the request's row. */
  readonly onParts?: (parts: readonly Part[]) => void;
  /** Is given the answer as soon as it is whole: nobody need wait until the stream is put away. */
  readonly onWhole?: (answer: WholeAnswer) => void;
}

/**
 * Puts a stream together to one answer: engines are always streamed, so that a client who leaves stops them.
 * @throws AppError of an error part, or when the stream ends without a finish.
 */
export async function collectAnswer(
  parts: PartStream,
  { onParts, onWhole }: CollectOptions = {},
): Promise<WholeAnswer> {
  const blocks = new Map<number, { -readonly [Key in keyof WholeBlock]: WholeBlock[Key] }>();
  const note = (part: Part): void => {
    if (part.type === "block-start") {
      const { kind, callId = "", name = "" } = part;
      blocks.set(part.index, { kind, callId, name, text: "", signature: null });
    }
    if (part.type !== "block-delta" && part.type !== "block-end") return;
    const block = blocks.get(part.index);
    if (!block) return;
    if (part.type === "block-delta") {
      block.text += part.text;
      if (part.logprobs) block.logprobs = [...(block.logprobs ?? []), ...part.logprobs];
    } else {
      block.text = part.arguments ?? block.text;
      block.signature = part.signature ?? null;
    }
  };
  let usage: TokenUsage | null = null;
  let whole: WholeAnswer | null = null;
  for await (const array of parts) {
    onParts?.(array);
    for (const part of array) {
      note(part);
      if (part.type === "usage") usage = part;
      if (part.type === "error") throw fromErrorPart(part);
      if (part.type !== "finish") continue;
      const { reason, stopSequence = null } = part;
      whole = { blocks: [...blocks.values()], usage, finish: reason, stopSequence };
      onWhole?.(whole);
    }
  }
  if (whole === null) throw engineFailed(`The engine's answer broke off before it was complete. ${retryAdvice}`);
  return whole;
}

/** The text of all blocks of one kind, in order. */
export function textOfKind({ blocks }: WholeAnswer, kind: BlockKind): string {
  return blocks
    .filter((block) => block.kind === kind)
    .map(({ text }) => text)
    .join("");
}
