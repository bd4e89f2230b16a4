import type { Clock } from "../../platform/clock.ts";

/** Lets so many through in a minute: all at once if they come so, and one more as each one's share of time has passed. */
export interface RateLimit {
  /** Counts one. @returns 0, or the milliseconds until the next one may come; then nothing was counted. */
  take(): number;
}

export function createRateLimit(perMinute: number, clock: Pick<Clock, "monotonic">): RateLimit {
  const msForOne = 60_000 / perMinute;
  let left = perMinute;
  let filledAt = clock.monotonic();
  return {
    take() {
      const now = clock.monotonic();
      left = Math.min(perMinute, left + (now - filledAt) / msForOne);
      filledAt = now;
      if (left < 1) return (1 - left) * msForOne;
      left -= 1;
      return 0;
    },
  };
}
