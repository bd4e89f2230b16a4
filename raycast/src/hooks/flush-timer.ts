export interface Timers {
  set(callback: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

const realTimers: Timers = {
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export interface FlushTimer {
  /** Asks for a flush within the interval; many requests make one. */
  request(): void;
  /** Flushes at once, so that what came last is never lost. */
  now(): void;
  /** Drops a waiting flush. */
  cancel(): void;
}

/**
 * Gathers changes for a render. Every render sends the whole tree to Raycast, so a stream that renders per chunk makes the
 * window crawl: 80 ms are 12.5 renders a second, under the budget of 20.
 */
export function createFlushTimer(flush: () => void, intervalMs: number, timers: Timers = realTimers): FlushTimer {
  let waiting: { timer: unknown } | undefined;
  const cancel = () => {
    if (waiting !== undefined) timers.clear(waiting.timer);
    waiting = undefined;
  };
  const now = () => {
    cancel();
    flush();
  };
  return {
    request: () => {
      waiting ??= { timer: timers.set(now, intervalMs) };
    },
    now,
    cancel,
  };
}
