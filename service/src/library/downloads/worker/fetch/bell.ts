import type { Clock } from "../../../../platform/clock.ts";

/** Wakes those who wait for news, or for a time. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at the latest after so many milliseconds. */
  heard(withinMs: number): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let waiting: (() => void)[] = [];
  return {
    ring() {
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    heard(withinMs) {
      return new Promise((resolve) => {
        const cancel = clock.after(withinMs, () => {
          waiting = waiting.filter((one) => one !== wake);
          resolve();
        });
        const wake = () => {
          cancel();
          resolve();
        };
        waiting.push(wake);
      });
    },
  };
}
