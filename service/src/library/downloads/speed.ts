import type { Clock } from "../../platform/clock.ts";

/** Bytes per second over the last ten seconds: steady enough to read, quick enough to be true. */
export interface SpeedMeter {
  /** @param fetchedBytes all bytes so far in this run. */
  note(fetchedBytes: number): void;
  bytesPerSecond(): number | null;
}

const windowMs = 10_000;
const shortestMs = 500;

export function createSpeedMeter(clock: Clock): SpeedMeter {
  let samples: { at: number; bytes: number }[] = [{ at: clock.monotonic(), bytes: 0 }];
  return {
    note(fetchedBytes) {
      const at = clock.monotonic();
      // One sample older than the window stays, so that the window is always covered whole.
      const firstInside = samples.findIndex((sample) => at - sample.at <= windowMs);
      samples = [...samples.slice(Math.max(0, firstInside - 1)), { at, bytes: fetchedBytes }];
    },
    bytesPerSecond() {
      const first = samples[0];
      const last = samples.at(-1);
      if (!first || !last || last.at - first.at < shortestMs) return null;
      return Math.max(0, Math.round(((last.bytes - first.bytes) / (last.at - first.at)) * 1000));
    },
  };
}

/** Whole seconds; null while nothing moves. */
export function secondsLeft(bytesLeft: number, bytesPerSecond: number | null): number | null {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return null;
  return Math.ceil(bytesLeft / bytesPerSecond);
}
