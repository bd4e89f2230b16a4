import type { Clock } from "../platform/clock.ts";

export interface StallWatch {
  /** A token or prefill progress came. Cheap: no timer moves. */
  noteLife(): void;
  /** Nobody waits for the engine: its client has not taken yet what there is. That time does not count. */
  pause(): void;
  resume(): void;
  stop(): void;
}

/** Calls `onStall` once when `deadlineMs` pass without life. */
export function watchStall(clock: Clock, deadlineMs: number, onStall: () => void): StallWatch {
  let lastLife = clock.monotonic();
  let pausedAt: number | null = null;
  /** Null: it rang in a pause, and is set again after it. */
  let cancel: (() => void) | null = null;
  const left = (): number => lastLife + deadlineMs - clock.monotonic();
  const arm = (milliseconds: number): void => {
    cancel = clock.after(milliseconds, () => {
      cancel = null;
      if (pausedAt !== null) return;
      if (left() <= 0) onStall();
      else arm(left());
    });
  };
  arm(deadlineMs);
  return {
    noteLife() {
      lastLife = clock.monotonic();
    },
    pause() {
      pausedAt ??= clock.monotonic();
    },
    resume() {
      if (pausedAt === null) return;
      lastLife += clock.monotonic() - pausedAt;
      pausedAt = null;
      if (cancel === null) arm(Math.max(0, left()));
    },
    stop: () => cancel?.(),
  };
}
