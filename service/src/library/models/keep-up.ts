import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../platform/clock.ts";
import { isAbort } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { FolderWatch } from "./folder-watch.ts";
import type { Looks } from "./looks.ts";

/** Notices what other programs do to the library: within a second where the system tells, else within a few. */
export interface KeepUp {
  /** After the first look at everything, with the models it found. */
  begin(ids: readonly string[]): Promise<void>;
  /** Something happened, or may have, at the place of this model. */
  stirred(id: string, afterMs?: number): void;
  /** Resolves when no comparison runs any more. */
  close(): Promise<void>;
}

export interface KeepUpOptions {
  readonly looks: Looks;
  readonly watch: FolderWatch;
  /** Where the model lies, or would. */
  readonly locationOf: (id: string) => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A download stirs its folder with every write; one look a second is plenty. */
const stirMs = 1_000;
export const settleMs = 2_600;
/** Comparing everything: rarely where the system tells of changes, for network disks do not. */
const quietIntervalMs = 30_000;
const blindIntervalMs = 3_000;
/** Comparing takes 40 µs a model: it may take one part in fifty of the time. */
const restFactor = 50;
const watchesAtOnce = 50;

export function createKeepUp({ looks, watch, locationOf, clock, log }: KeepUpOptions): KeepUp {
  const timers = new Map<string, () => void>();
  let cancelNext: (() => void) | null = null;
  let isClosed = false;
  let comparing: Promise<void> = Promise.resolve();

  const failed = (error: unknown): void => {
    // A thread that is ended with the service fails whoever waits for it.
    if (!isClosed && !isAbort(error)) log.warn({ error }, "the library cannot be looked at");
  };

  const stirred: KeepUp["stirred"] = (id, afterMs = stirMs) => {
    if (isClosed || timers.has(id)) return;
    const cancel = clock.after(afterMs, () => {
      timers.delete(id);
      // Anew, since folders may have gone and come back; and first, so that what happens meanwhile stirs again.
      watch.remove(id);
      watch.add(id, locationOf(id));
      void looks.changed(id).catch(failed);
    });
    timers.set(id, cancel);
  };

  const compare = async (): Promise<void> => {
    let took = 0;
    try {
      watch.begin();
      took = (await looks.all()).milliseconds;
    } catch (error) {
      failed(error);
    }
    if (isClosed) return;
    const interval = watch.isWhole() ? quietIntervalMs : blindIntervalMs;
    schedule(Math.max(interval, took * restFactor));
  };

  const schedule = (milliseconds: number): void => {
    cancelNext = clock.after(milliseconds, () => void (comparing = compare()));
  };

  return {
    async begin(ids) {
      for (const [index, id] of ids.entries()) {
        if (isClosed) return;
        if (index % watchesAtOnce === 0) await nextTurn();
        watch.add(id, locationOf(id));
      }
      if (isClosed) return;
      watch.begin();
      // Once soon: what happened between the first look and now stirred nobody.
      schedule(stirMs);
    },
    stirred,
    async close() {
      isClosed = true;
      cancelNext?.();
      for (const cancel of timers.values()) cancel();
      watch.close();
      await comparing;
    },
  };
}
