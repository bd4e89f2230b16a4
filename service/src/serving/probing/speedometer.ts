import type { ProbeAnswer } from "./question.ts";

/** How fast answers were written, over all of them: single ones of a few tokens say little. */
export interface Speedometer {
  note(answer: ProbeAnswer): void;
  /** Null before enough was written. */
  tokensPerSecond(): number | null;
}

const fewestTokens = 8;

export function createSpeedometer(): Speedometer {
  let tokens = 0;
  let milliseconds = 0;
  return {
    note({ tokens: { output }, firstTokenMs, lastTokenMs }) {
      // The first token belongs to the prompt.
      if (output === null || output < 2 || firstTokenMs === null || lastTokenMs === null) return;
      if (lastTokenMs <= firstTokenMs) return;
      tokens += output - 1;
      milliseconds += lastTokenMs - firstTokenMs;
    },
    tokensPerSecond: () => (tokens < fewestTokens ? null : rounded(tokens / (milliseconds / 1000))),
  };
}

/** Of the prompt: what was in no cache, in the time to the first token. */
export function prefillRate({ tokens: { input, cached }, firstTokenMs }: ProbeAnswer): number | null {
  const read = (input ?? 0) - (cached ?? 0);
  return read <= 0 || firstTokenMs === null || firstTokenMs <= 0 ? null : rounded(read / (firstTokenMs / 1000));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
