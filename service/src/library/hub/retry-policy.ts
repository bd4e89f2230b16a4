export const retryLimits = {
  attempts: 4,
  /** The longest single wait a server may ask of us before we answer `rate_limited` instead. */
  longestWaitSeconds: 10,
  firstDelayMs: 400,
} as const;

export interface Answer {
  readonly status: number;
  header(name: string): string | null;
}

/** Answers that may be better the next time. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 504 && status !== 501);
}

/**
 * Milliseconds until the next attempt, or null to give up.
 * @param attempt counts from 1, the one that just failed.
 * @param random from 0 to 1: spreads the clients that were refused together.
 */
export function retryDelay(answer: Answer | null, attempt: number, random: number): number | null {
  if (attempt >= retryLimits.attempts) return null;
  if (answer !== null && !isTransient(answer.status)) return null;
  const asked = answer === null ? null : secondsAsked(answer);
  if (asked !== null && asked > retryLimits.longestWaitSeconds) return null;
  const own = retryLimits.firstDelayMs * 2 ** (attempt - 1) * (0.5 + random / 2);
  // A second more than asked, as the window's end is rounded down on the way.
  return asked === null ? own : Math.max(own, (asked + random) * 1000);
}

/** What the server asks for: `Retry-After` in seconds, or `t` of the Hub's `RateLimit: "api";r=0;t=42`. */
export function secondsAsked(answer: Answer): number | null {
  const after = Number.parseFloat(answer.header("retry-after") ?? "");
  if (Number.isFinite(after) && after >= 0) return after;
  if (answer.status !== 429) return null;
  const window = /(?:^|;)\s*t=(\d+)/.exec(answer.header("ratelimit") ?? "")?.[1];
  return window === undefined ? null : Number(window);
}
