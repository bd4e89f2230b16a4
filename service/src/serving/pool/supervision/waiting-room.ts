import type { Clock } from "../../../platform/clock.ts";
import { abortable } from "../deferred.ts";
import type { LoadProgress } from "../lease.ts";

/** The requests that wait for one server, and what they are told meanwhile. */
export interface WaitingRoom {
  readonly isEmpty: boolean;
  wait(ready: Promise<void>, signal: AbortSignal, onProgress?: (progress: LoadProgress) => void): Promise<void>;
  /** To all who wait now, and to whoever comes before the next news. */
  tell(progress: LoadProgress): void;
  close(): void;
}

/** A load that nobody waits for any more is given up after this: a client that reconnects gets its chance. */
const unwantedMs = 5000;

/** @param onDeserted called when the last one has left and nobody came back in time. */
export function createWaitingRoom(clock: Clock, onDeserted: () => void): WaitingRoom {
  const listeners = new Set<(progress: LoadProgress) => void>();
  let latest: LoadProgress = { phase: "queued" };
  let waiters = 0;
  let cancelDeserted: () => void = () => undefined;
  return {
    get isEmpty() {
      return waiters === 0;
    },
    async wait(ready, signal, onProgress) {
      const listener = onProgress && ((progress: LoadProgress) => onProgress(progress));
      waiters += 1;
      cancelDeserted();
      if (listener) {
        listeners.add(listener);
        listener(latest);
      }
      try {
        await abortable(ready, signal);
      } finally {
        waiters -= 1;
        if (listener) listeners.delete(listener);
        if (waiters === 0) cancelDeserted = clock.after(unwantedMs, onDeserted);
      }
    },
    tell(progress) {
      latest = progress;
      for (const listener of listeners) listener(progress);
    },
    close: () => cancelDeserted(),
  };
}
