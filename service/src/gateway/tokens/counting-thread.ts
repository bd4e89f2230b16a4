import { Worker } from "node:worker_threads";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { CountAnswer, CountJob } from "./job.ts";

/** Counts prompts in a thread of its own, which lives only while there is something to count. */
export interface CountingThread {
  /** Null: not to be counted here, too slow, or not wanted any more. Never throws. */
  count(job: Omit<CountJob, "number">, signal: AbortSignal): Promise<number | null>;
  close(): Promise<void>;
}

export interface CountingThreadOptions {
  /** The worker's entry, `gateway/tokens/main` of the place. */
  readonly program: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiting {
  readonly job: Omit<CountJob, "number">;
  readonly settle: (tokens: number | null) => void;
}

/** Reading a large vocabulary takes a second; a template that runs for ever ends here. */
const deadlineMs = 10_000;
/** A model that cost a deadline or the thread is not asked about again for so long. */
const avoidedMs = 600_000;
/** A thread with a large vocabulary holds some 100 MB. */
const idleMs = 60_000;
const mostWaiting = 256;
const memoryMb = 1024;

export function createCountingThread({ program, clock, log }: CountingThreadOptions): CountingThread {
  const waiting: Waiting[] = [];
  const avoidedUntil = new Map<string, number>();
  let worker: Worker | null = null;
  let current: Waiting | null = null;
  let cancelTimer: () => void = () => undefined;
  let last = 0;
  let isClosed = false;

  const start = (): Worker => {
    const execArgv = ["--disable-warning=ExperimentalWarning"];
    const started = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: memoryMb }, env: {}, execArgv });
    // Counting must not keep a stopped service alive.
    started.unref();
    started.on("message", (answer: CountAnswer) => {
      if (worker === started && answer.number === last) answered(answer);
    });
    started.on("error", (error) => log.warn({ error }, "the thread that counts tokens failed"));
    started.on("exit", () => {
      if (worker === started) lost("the thread ended");
    });
    return started;
  };

  const answered = (answer: CountAnswer): void => {
    if ("failure" in answer) log.debug({ reason: answer.failure }, "a prompt could not be counted");
    finish("failure" in answer ? null : answer.tokens);
  };

  const finish = (tokens: number | null): void => {
    cancelTimer();
    const finished = current;
    current = null;
    finished?.settle(tokens);
    next();
  };

  /** The job that was running takes its thread with it, nobody else's. */
  const lost = (reason: string): void => {
    const ended = worker;
    worker = null;
    void ended?.terminate();
    if (current !== null) {
      avoidedUntil.set(current.job.folder, clock.monotonic() + avoidedMs);
      log.warn({ reason }, "tokens of a model cannot be counted; its prompts go uncounted for a while");
    }
    finish(null);
  };

  const next = (): void => {
    if (current !== null || isClosed) return;
    // Others of a model that just cost a deadline would each cost another.
    for (const entry of waiting.filter(({ job }) => isAvoided(job.folder))) take(entry);
    current = waiting.shift() ?? null;
    if (current === null) {
      if (worker !== null) cancelTimer = clock.after(idleMs, rest);
      return;
    }
    cancelTimer();
    worker ??= start();
    cancelTimer = clock.after(deadlineMs, () => lost("it took too long"));
    worker.postMessage({ ...current.job, number: ++last } satisfies CountJob);
  };

  const isAvoided = (folder: string): boolean => (avoidedUntil.get(folder) ?? -Infinity) > clock.monotonic();

  /** Out of the queue, uncounted. */
  const take = (entry: Waiting): void => {
    const place = waiting.indexOf(entry);
    if (place === -1) return;
    waiting.splice(place, 1);
    entry.settle(null);
  };

  const rest = (): void => {
    const ended = worker;
    worker = null;
    void ended?.terminate();
  };

  return {
    count(job, signal) {
      const isRefused = isClosed || signal.aborted || isAvoided(job.folder) || waiting.length >= mostWaiting;
      if (isRefused) return Promise.resolve(null);
      return new Promise((resolve) => {
        const entry: Waiting = {
          job,
          settle(tokens) {
            signal.removeEventListener("abort", leave);
            resolve(tokens);
          },
        };
        const leave = (): void => take(entry);
        signal.addEventListener("abort", leave, { once: true });
        waiting.push(entry);
        next();
      });
    },
    async close() {
      isClosed = true;
      cancelTimer();
      const ended = worker;
      worker = null;
      for (const { settle } of [...(current === null ? [] : [current]), ...waiting.splice(0)]) settle(null);
      current = null;
      await ended?.terminate();
    },
  };
}
