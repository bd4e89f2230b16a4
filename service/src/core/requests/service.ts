import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Log } from "../../platform/log.ts";
import { createRequestStore } from "./store.ts";
import type { RequestRow } from "./store.ts";

/** The gateway's audit log. Rows are written when a request has ended, in batches, off the answer's path. */
export interface Requests {
  record(row: RequestRow): void;
  /** Writes what waits; for tests, statistics and the stop. */
  flush(): void;
  close(): void;
}

export interface RequestsDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

const flushAfterMs = 200;
const retentionMs = 30 * 24 * 60 * 60 * 1000;
const pruneEveryMs = 60 * 60 * 1000;
const pruneSlice = 500;

export function createRequests({ database, clock, log }: RequestsDependencies): Requests {
  const store = createRequestStore(database);
  let waiting: RequestRow[] = [];
  let cancelFlush: (() => void) | null = null;
  let cancelPrune: () => void = () => undefined;

  const flush = (): void => {
    cancelFlush?.();
    cancelFlush = null;
    const rows = waiting;
    waiting = [];
    if (rows.length === 0) return;
    try {
      store.insert(rows);
    } catch (error) {
      // A full disk must not fail answers that were already given.
      log.error({ error, rows: rows.length }, "request rows could not be written");
    }
  };

  // One slice at a time with a pause between, so that retention never holds the writer for long.
  const prune = (): void => {
    let removed = 0;
    try {
      removed = store.deleteBefore(new Date(clock.now() - retentionMs).toISOString(), pruneSlice);
    } catch (error) {
      // Called by a timer: thrown on, it would end the service. The next hour may fare better.
      log.error({ error }, "old request rows could not be deleted");
    }
    cancelPrune = clock.after(removed === pruneSlice ? 100 : pruneEveryMs, prune);
  };
  cancelPrune = clock.after(pruneEveryMs, prune);

  return {
    record(row) {
      waiting.push(row);
      cancelFlush ??= clock.after(flushAfterMs, flush);
    },
    flush,
    close() {
      cancelPrune();
      flush();
    },
  };
}
