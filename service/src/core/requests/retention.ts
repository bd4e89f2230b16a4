import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { RequestReadStore } from "./read-store.ts";
import type { RequestStore } from "./store.ts";

export interface RetentionDependencies {
  readonly store: Pick<RequestStore, "deleteBefore" | "deleteOldest">;
  readonly reads: Pick<RequestReadStore, "size">;
  readonly settings: { values(): RetentionSettings };
  readonly clock: Clock;
  readonly log: Log;
}

export interface RetentionSettings {
  readonly requestLogDays: number;
  readonly requestLogBytes: number;
}

/** Keeps the log within its age and its size. One run at a time, in slices with a pause between. */
export interface Retention {
  /** So many bytes were written. */
  added(bytes: number): void;
  /** The limits may have become narrower. */
  soon(): void;
  close(): void;
}

const dayMs = 24 * 60 * 60 * 1000;
const everyMs = 60 * 60 * 1000;
const pauseMs = 100;
const sliceRows = 500;

export function createRetention({ store, reads, settings, clock, log }: RetentionDependencies): Retention {
  let cancel: () => void = () => undefined;
  let isClosed = false;
  let isRunning = false;
  let isWanted = false;
  let addedBytes = 0;

  const run = async (): Promise<void> => {
    isRunning = true;
    isWanted = false;
    try {
      const before = new Date(clock.now() - settings.values().requestLogDays * dayMs).toISOString();
      while (!isClosed && store.deleteBefore(before, sliceRows) === sliceRows) await pause();
      addedBytes = 0;
      let excess = isClosed ? 0 : (await reads.size()) - settings.values().requestLogBytes;
      while (!isClosed && excess > 0) {
        const freed = store.deleteOldest(excess, sliceRows);
        if (freed.rows === 0) break;
        excess -= freed.bytes;
        if (excess > 0) await pause();
      }
    } catch (error) {
      // Called by a timer: thrown on, it would end the service. The next hour may fare better.
      if (!isClosed) log.error({ error }, "old request rows could not be deleted");
    } finally {
      isRunning = false;
      if (!isClosed) after(isWanted ? pauseMs : everyMs);
    }
  };
  const pause = (): Promise<void> => new Promise((resolve) => (cancel = clock.after(pauseMs, resolve)));
  const after = (milliseconds: number): void => {
    cancel();
    cancel = clock.after(milliseconds, () => void run());
  };
  const soon = (): void => {
    if (isClosed || isWanted) return;
    isWanted = true;
    if (!isRunning) after(pauseMs);
  };
  after(everyMs);

  return {
    added(bytes) {
      addedBytes += bytes;
      // Kept bodies fill the log in minutes: an hour is too long then.
      if (addedBytes > settings.values().requestLogBytes / 10) soon();
    },
    soon,
    close() {
      isClosed = true;
      cancel();
    },
  };
}
