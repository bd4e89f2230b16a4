import type { Clock } from "../../../../platform/clock.ts";
import { wait } from "../../../../platform/clock.ts";

/** The bandwidth limit of all downloads together. */
export interface Throttle {
  /** Counts at once, also for those that wait. Null: no limit. */
  limit(bytesPerSecond: number | null): void;
  /** The most to take at once: a tenth of a second's worth, so that bytes flow and do not come in bursts. */
  grain(): number;
  /**
   * Resolves when so many bytes were allowed, in the order of asking. Rejects with the signal's reason.
   * @param onWait told when a wait begins and when it is over; not at all without one.
   */
  take(bytes: number, signal: AbortSignal, onWait?: (isWaiting: boolean) => void): Promise<void>;
}

const smallestGrain = 4096;

export function createThrottle(clock: Clock): Throttle {
  let rate: number | null = null;
  /** Bytes taken, and bytes allowed so far; who waits, waits for its own place in the row. */
  let taken = 0;
  let allowed = 0;
  let countedAt = clock.monotonic();
  let changed = new AbortController();

  const grain = (): number => (rate === null ? Infinity : Math.max(smallestGrain, Math.floor(rate / 10)));
  const count = (): void => {
    const now = clock.monotonic();
    // What was not used is kept for a tenth of a second, no longer.
    if (rate !== null) allowed = Math.min(taken + rate / 10, allowed + (rate * (now - countedAt)) / 1000);
    countedAt = now;
  };

  return {
    grain,
    limit(bytesPerSecond) {
      if (bytesPerSecond === rate) return;
      count();
      rate = bytesPerSecond;
      allowed = Math.min(allowed, taken);
      changed.abort();
      changed = new AbortController();
    },
    async take(bytes, signal, onWait) {
      if (rate === null) return;
      count();
      taken += bytes;
      const place = taken;
      if (allowed >= place) return;
      onWait?.(true);
      try {
        while (rate !== null && allowed < place) {
          const again = AbortSignal.any([signal, changed.signal]);
          await wait(clock, Math.max(1, ((place - allowed) / rate) * 1000), again).catch(() => signal.throwIfAborted());
          count();
        }
        if (rate === null) allowed = Math.max(allowed, place);
      } finally {
        onWait?.(false);
      }
    },
  };
}
