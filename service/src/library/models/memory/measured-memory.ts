import type { MeasuredMemory } from "../../../contract/measurements.ts";

/**
 * What was measured in place of what was predicted. Between two measured contexts the error of the prediction is taken
 * to change evenly; beyond them it stays what it was, since caches grow as predicted, to the byte. Pure.
 * @param predict bytes at a context. @returns bytes, never fewer than were seen at a context this long or shorter.
 */
export function measuredBytes(
  { loadedBytes, contexts }: MeasuredMemory,
  contextTokens: number,
  predict: (contextTokens: number) => number,
): number {
  const points = contexts.map(({ tokens, peakBytes }) => ({ tokens, error: peakBytes - predict(tokens) }));
  const below = points.findLast(({ tokens }) => tokens <= contextTokens);
  const above = points.find(({ tokens }) => tokens >= contextTokens);
  const seen = contexts.filter(({ tokens }) => tokens <= contextTokens).map(({ peakBytes }) => peakBytes);
  return Math.max(loadedBytes, ...seen, predict(contextTokens) + errorBetween(below, above, contextTokens));
}

interface Point {
  readonly tokens: number;
  readonly error: number;
}

function errorBetween(below: Point | undefined, above: Point | undefined, tokens: number): number {
  if (below === undefined || above === undefined) return (below ?? above)?.error ?? 0;
  if (above.tokens === below.tokens) return below.error;
  const share = (tokens - below.tokens) / (above.tokens - below.tokens);
  return below.error + share * (above.error - below.error);
}

/** Whether it holds more than nothing: a prediction is better than the memory after loading alone. */
export function isUsable(measured: MeasuredMemory | null | undefined): measured is MeasuredMemory {
  return measured !== null && measured !== undefined && measured.contexts.length > 0;
}
