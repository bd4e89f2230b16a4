import type { Clock } from "../../service/src/platform/clock.ts";

/** Time that moves only when told; timers run in the order they fall due. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void;
  /** How many timers wait: what was closed leaves none. */
  timers(): number;
}

/** A clock that the test holds in its hand. */
export function manualClock(start = Date.parse("2026-01-01T00:00:00.000Z")): ManualClock {
  let time = 0;
  const waiting = new Set<{ at: number; call: () => void }>();
  return {
    now: () => start + time,
    monotonic: () => time,
    after(milliseconds, call) {
      const timer = { at: time + milliseconds, call };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    advance(milliseconds) {
      const end = time + milliseconds;
      for (;;) {
        const due = [...waiting].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
        if (!due) break;
        waiting.delete(due);
        time = due.at;
        due.call();
      }
      time = end;
    },
    timers: () => waiting.size,
  };
}
