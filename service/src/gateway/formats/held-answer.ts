import { engineFailed, fromErrorPart } from "../failures.ts";
import type { Part, PartStream } from "../parts.ts";

export interface HeldAnswer {
  /** The answer as it came. */
  readonly parts: readonly (readonly Part[])[];
  readonly text: string;
  /** False for calls and for answers that were cut off: they say themselves what they are. */
  readonly isJudged: boolean;
}

/** An answer in a form is as long as a person reads; this is a broken one. */
const mostCharacters = 8_000_000;

/**
 * Keeps an answer to itself to the end. How far it is goes on at once, and so does where it begins.
 * @throws AppError of an error part; `engine_failed` for an answer without end.
 */
export async function* heldAnswer(source: PartStream): AsyncGenerator<readonly Part[], HeldAnswer> {
  const parts: (readonly Part[])[] = [];
  const texts = new Set<number>();
  let text = "";
  let isJudged = false;
  let hasCalls = false;
  for await (const array of source) {
    const held: Part[] = [];
    for (const part of array) {
      if (part.type === "start" || part.type === "progress") {
        yield [part];
        continue;
      }
      held.push(part);
      if (part.type === "error") throw fromErrorPart(part);
      if (part.type === "finish") isJudged = part.reason === "stop" && !hasCalls;
      if (part.type === "block-start") {
        hasCalls ||= part.kind === "tool-call";
        if (part.kind === "text") texts.add(part.index);
      }
      if (part.type === "block-delta" && texts.has(part.index)) text += part.text;
      if (text.length > mostCharacters) throw engineFailed("The engine's answer has no end.");
    }
    if (held.length > 0) parts.push(held);
  }
  return { parts, text, isJudged };
}
