import type { Part } from "../parts.ts";
import { heldSuffix } from "./held-suffix.ts";
import type { Stage } from "./stage.ts";

export interface StopState {
  /** The open text block and what of it is held back. */
  readonly block: number | null;
  readonly held: string;
  /** Deltas are tokens: all that is known of the usage when the engine is cut off before it counts. */
  readonly deltas: number;
}

/**
 * Ends the answer before the first stop text, in text blocks alone: thinking and arguments are not the answer.
 * The engine's own `stop` deletes the text and goes on (mlx-lm 0.32.2), so it never sees these.
 */
export function stopSequences(words: readonly string[]): Stage<StopState> {
  return {
    initial: { block: null, held: "", deltas: 0 },
    step(state, parts) {
      const next = { ...state };
      const out: Part[] = [];
      for (const part of parts) {
        if (stepPart(next, part, words, out)) break;
      }
      return [next, out];
    },
  };
}

/** True when a stop text was found: the stream ends here. */
function stepPart(
  state: { -readonly [Key in keyof StopState]: StopState[Key] },
  part: Part,
  words: readonly string[],
  out: Part[],
): boolean {
  if (part.type === "block-start" && part.kind === "text") state.block = part.index;
  if (part.type === "block-end" && part.index === state.block) {
    if (state.held !== "") out.push({ type: "block-delta", index: part.index, text: state.held });
    state.block = null;
    state.held = "";
  }
  if (part.type !== "block-delta") {
    out.push(part);
    return false;
  }
  state.deltas += 1;
  if (part.index !== state.block) {
    out.push(part);
    return false;
  }
  const text = state.held + part.text;
  const hit = firstHit(text, words);
  const sure = hit ? hit.at : text.length - heldSuffix(text, words);
  if (sure > 0) out.push({ type: "block-delta", index: part.index, text: text.slice(0, sure) });
  state.held = hit ? "" : text.slice(sure);
  if (!hit) return false;
  out.push(
    { type: "block-end", index: part.index },
    { type: "usage", input: null, output: state.deltas, cached: null, reasoning: null },
    { type: "finish", reason: "stop-sequence", stopSequence: hit.word },
  );
  return true;
}

/** The hit that is complete first, so that the result does not depend on how the text was cut. */
function firstHit(text: string, words: readonly string[]): { at: number; word: string } | null {
  let found: { at: number; end: number; word: string } | null = null;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at === -1) continue;
    const end = at + word.length;
    if (found === null || end < found.end || (end === found.end && at < found.at)) found = { at, end, word };
  }
  return found;
}
