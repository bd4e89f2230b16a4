import type { Clock } from "../../../../service/src/platform/clock.ts";

export interface ManualClock extends Clock {
  /** Moves time and calls what falls due, in order, letting promises settle in between. */
  advance(milliseconds: number): Promise<void>;
}

/** A clock that the test holds in its hand. */
export function manualClock(start = Date.parse("2026-01-01T00:00:00.000Z")): ManualClock {
  let time = 0;
  let timers: { at: number; call: () => void }[] = [];
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    now: () => start + time,
    monotonic: () => time,
    after(milliseconds, call) {
      const timer = { at: time + milliseconds, call };
      timers.push(timer);
      return () => void (timers = timers.filter((other) => other !== timer));
    },
    async advance(milliseconds) {
      const end = time + milliseconds;
      await settle();
      for (;;) {
        const due = timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
        if (!due) break;
        timers = timers.filter((timer) => timer !== due);
        time = due.at;
        due.call();
        await settle();
      }
      time = end;
    },
  };
}
