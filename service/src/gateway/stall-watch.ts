import type { Clock } from "../platform/clock.ts";

export interface StallWatch {
  /** A token or prefill progress came. Cheap: no timer moves. */
  noteLife(): void;
  stop(): void;
}

/** Calls `onStall` once when `deadlineMs` pass without life. */
export function watchStall(clock: Clock, deadlineMs: number, onStall: () => void): StallWatch {
  let lastLife = clock.monotonic();
  let cancel: () => void = () => undefined;
  const arm = (milliseconds: number): void => {
    cancel = clock.after(milliseconds, () => {
      const left = lastLife + deadlineMs - clock.monotonic();
      if (left <= 0) onStall();
      else arm(left);
    });
  };
  arm(deadlineMs);
  return {
    noteLife: () => {
      lastLife = clock.monotonic();
    },
    stop: () => cancel(),
  };
}
