import type { Download } from "../../contract/downloads.ts";
import type { Log } from "../../platform/log.ts";
import { nextTurns } from "./queue.ts";
import type { AtWork } from "./queue.ts";
import type { RunOutcome } from "./run.ts";
import { stopReasons } from "./settle.ts";
import type { Settler } from "./settle.ts";

/** Gives the queue's downloads their turn, and owns those that are at work. */
export interface Dispatcher {
  /** Looks at the queue: after anything that may have changed whose turn it is. */
  schedule(): void;
  /** Ends the work on it, if there is any, and resolves after its last step. */
  stop(id: string, reason: DOMException): Promise<void>;
  close(): Promise<void>;
}

export interface DispatcherDependencies {
  /** All that are neither finished nor given up, oldest first. */
  readonly active: () => readonly Download[];
  readonly limit: () => number;
  /** False keeps everything in the queue. */
  readonly mayRun: () => boolean;
  readonly run: (id: string, signal: AbortSignal) => Promise<RunOutcome>;
  readonly settle: Settler;
  readonly log: Log;
}

interface Run {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

export function createDispatcher(dependencies: DispatcherDependencies): Dispatcher {
  const { active, limit, mayRun, run, settle, log } = dependencies;
  const runs = new Map<string, Run>();
  let isClosing = false;

  const launch = (id: string): void => {
    const controller = new AbortController();
    const work = async () => {
      const outcome = await run(id, controller.signal);
      try {
        await settle(id, outcome, controller.signal.reason);
      } catch (error) {
        log.error({ error, download: id }, "download could not be settled");
      }
      runs.delete(id);
      schedule();
    };
    // Begins in a later turn, so that the caller has the row before the first effect.
    runs.set(id, { controller, done: Promise.resolve().then(work) });
  };

  const atWork = ({ id, model, priority, state }: Download): AtWork[] => {
    const isLeaving = runs.get(id)?.controller.signal.aborted;
    return isLeaving === undefined ? [] : [{ id, model, priority, isLeaving, mayYield: state !== "committing" }];
  };

  const schedule = (): void => {
    if (isClosing || !mayRun()) return;
    const downloads = active();
    const waiting = downloads.filter(({ id, state }) => state === "queued" && !runs.has(id));
    const turns = nextTurns(waiting, downloads.flatMap(atWork), limit());
    for (const id of turns.yield) runs.get(id)?.controller.abort(stopReasons.yielding);
    for (const id of turns.start) launch(id);
  };

  return {
    schedule,
    async stop(id, reason) {
      // More than once: one that was already leaving for another reason may have begun anew.
      for (let found = runs.get(id); found; found = runs.get(id)) {
        found.controller.abort(reason);
        await found.done;
      }
    },
    async close() {
      isClosing = true;
      for (const { controller } of runs.values()) controller.abort(stopReasons.stopping);
      await Promise.all([...runs.values()].map(({ done }) => done));
    },
  };
}
