import type { ChatRequest } from "../../contract/openai.ts";

/** Prompts of a wanted length, without a tokenizer: the engine counts, and equal pieces take equally many tokens. */
const piece = "The river runs down to the sea, and the wind goes with it. ";
export const answerTokens = 8;
const sampleSizes = [4, 24] as const;

export interface PromptScale {
  readonly tokensPerPiece: number;
  /** Of the template and the words around the pieces. */
  readonly fixedTokens: number;
}

/** Begins with a number of its own, so that no cached prompt is the beginning of another. */
export function longQuestion(pieces: number, turn: number): ChatRequest {
  const content = `${turn}. ${piece.repeat(pieces)}Where does the river run?`;
  return { messages: [{ role: "user", content }], temperature: 0, max_tokens: answerTokens };
}

/** Two sizes make a line. */
export const sampleQuestions: readonly { readonly pieces: number; readonly request: ChatRequest }[] = sampleSizes.map(
  (pieces, index) => ({ pieces, request: longQuestion(pieces, index + 1) }),
);

/** Null where the engine does not count, or counts what makes no sense. */
export function scaleOf(
  samples: readonly { readonly pieces: number; readonly input: number | null }[],
): PromptScale | null {
  const [short, long] = samples;
  if (short === undefined || long === undefined || short.input === null || long.input === null) return null;
  const tokensPerPiece = (long.input - short.input) / (long.pieces - short.pieces);
  if (!(tokensPerPiece >= 1)) return null;
  return { tokensPerPiece, fixedTokens: Math.max(0, short.input - short.pieces * tokensPerPiece) };
}

/** As many pieces as make, with the answer, at most so many tokens; null: not even one fits. */
export function piecesFor(contextTokens: number, { tokensPerPiece, fixedTokens }: PromptScale): number | null {
  // One for the rounding where pieces meet the words around them.
  const pieces = Math.floor((contextTokens - answerTokens - fixedTokens - 1) / tokensPerPiece);
  return pieces >= 1 ? pieces : null;
}

const usualContexts = [256, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576];

/** Rising, the longest last. */
export function contextsUpTo(longest: number): number[] {
  return [...usualContexts.filter((context) => context < longest), longest];
}
