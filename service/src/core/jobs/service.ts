import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Job, JobKind, JobState } from "../../contract/jobs.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Page } from "../../platform/database/page.ts";
import { AppError, toFailure } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import { assertMove } from "../../platform/machine.ts";
import { closedLog, createLogFile } from "../../platform/process/log-file.ts";
import type { LogFile, LogSource } from "../../platform/process/log-file.ts";
import { isActive, jobTransitions } from "./machine.ts";
import { createJobStore } from "./store.ts";
import type { JobFilter } from "./store.ts";

export interface JobProgress {
  readonly phase: string;
  readonly done?: number;
  readonly total?: number;
  readonly unit?: "bytes" | "packages" | "steps";
}

export interface JobContext {
  readonly jobId: string;
  /** Aborts on cancel, with an AbortError, and when the service stops. */
  readonly signal: AbortSignal;
  log(line: string): void;
  progress(progress: JobProgress): void;
}

export interface JobRunner {
  /** What becomes of a job that a crash or stop interrupted: begun anew, or failed. */
  readonly afterRestart: "queue" | "fail";
  /** Does the work. Throws an AppError to fail; after an abort, whatever it throws means cancelled. */
  run(subject: string, context: JobContext): Promise<void>;
}

export interface Jobs {
  register(kind: JobKind, runner: JobRunner): void;
  /** Starts the work, or answers the active job of the same kind and subject. */
  start(kind: JobKind, subject: string): Job;
  active(kind: JobKind, subject: string): Job | null;
  latest(kind: JobKind, subject: string): Job | null;
  /** @throws AppError `not_found` */
  get(id: string): Job;
  list(filter: JobFilter): Page<Job>;
  /** Asks the job to stop and waits until it has. A finished job is answered as it is. */
  cancel(id: string): Promise<Job>;
  /** Resolves with the finished job, whatever its end. */
  finished(id: string, signal?: AbortSignal): Promise<Job>;
  log(id: string): LogSource;
  allActive(): Job[];
  /** Takes up what the last run left. Call after every runner is registered. */
  recover(): void;
  close(): Promise<void>;
}

export interface JobsDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly logFolder: string;
}

interface Running {
  /** The row with its present progress, which is never written while the job runs. */
  readonly present: () => Job;
  readonly controller: AbortController;
  readonly done: Promise<void>;
  readonly file: LogFile;
}

const noProgress = { phase: null, done: null, total: null, unit: null };
/** Finished jobs that a start keeps, with their logs. */
const keptJobs = 50;
const stopped = new DOMException("The service is stopping.", "AbortError");
const cancelled = new DOMException("The job was cancelled.", "AbortError");

export function createJobs({ database, events, clock, ids, log, logFolder }: JobsDependencies): Jobs {
  const store = createJobStore(database);
  const runners = new Map<JobKind, JobRunner>();
  const running = new Map<string, Running>();

  /** The one place where a job's state changes: row first, event after. */
  const move = (job: Job, state: JobState, changes: Partial<Job> = {}): Job => {
    assertMove(jobTransitions, job.state, state, "job");
    const next: Job = { ...job, ...changes, state };
    store.update(next);
    events.publish("job.changed", next);
    return next;
  };

  /** A job that cannot keep its log fails at once: left queued, it would stand in the way of every later one. */
  const openLog = (job: Job): LogFile | null => {
    try {
      const path = store.logFile(job.id) ?? join(logFolder, `job-${job.id}.log`);
      return createLogFile(path, (error) => log.warn({ error, job: job.id }, "the job's log ends early"));
    } catch (error) {
      log.error({ error, job: job.id }, "the job's log cannot be written");
      const message = "The log folder cannot be written. Check its permissions and the free space, then start again.";
      move(job, "failed", { finishedAt: timestamp(clock), error: { code: "internal", message } });
      return null;
    }
  };

  const launch = (queued: Job, runner: JobRunner): void => {
    const controller = new AbortController();
    const file = openLog(queued);
    if (file === null) return;
    let job = move(queued, "running", { startedAt: timestamp(clock), ...noProgress });
    const context: JobContext = {
      jobId: job.id,
      signal: controller.signal,
      log: (line) => file.write(`${timestamp(clock)} ${line}\n`),
      progress: ({ phase, done, total, unit }) => {
        // Work that was aborted may report once more; its job is over.
        if (job.state !== "running") return;
        job = { ...job, phase, done: done ?? null, total: total ?? null, unit: unit ?? null };
        events.sample("job.progress", job.id, job);
      },
    };
    const work = async () => {
      try {
        await runner.run(job.subject, context);
        job = move(job, "succeeded", { finishedAt: timestamp(clock) });
      } catch (error) {
        if (controller.signal.reason === stopped) {
          job = move(job, "queued", noProgress);
        } else if (controller.signal.aborted) {
          job = move(job, "cancelled", { finishedAt: timestamp(clock) });
        } else {
          log.warn({ error, job: job.id, kind: job.kind }, "job failed");
          file.write(`${timestamp(clock)} failed: ${toFailure(error).message}\n`);
          job = move(job, "failed", { finishedAt: timestamp(clock), error: toFailure(error) });
        }
      } finally {
        running.delete(job.id);
        await file.close();
      }
    };
    // Begins in a later turn, so that the caller has the row before the first effect.
    const done = Promise.resolve()
      .then(work)
      .catch((error: unknown) => log.error({ error, job: queued.id }, "the end of a job could not be recorded"));
    running.set(job.id, { present: () => job, controller, done, file });
  };

  const runnerOf = (kind: JobKind): JobRunner => {
    const runner = runners.get(kind);
    if (!runner) throw new Error(`No runner for jobs of kind ${kind}.`);
    return runner;
  };

  const present = (job: Job): Job => running.get(job.id)?.present() ?? job;
  const presentOrNull = (job: Job | null): Job | null => (job === null ? null : present(job));

  const get: Jobs["get"] = (id) => {
    const job = store.find(id);
    if (!job) throw new AppError("not_found", "There is no such job.");
    return present(job);
  };

  return {
    register: (kind, runner) => void runners.set(kind, runner),
    start(kind, subject) {
      const active = store.active(kind, subject);
      if (active) return present(active);
      const runner = runnerOf(kind);
      const id = ids("job");
      const job: Job = {
        ...{ id, kind, subject, state: "queued", phase: null, done: null, total: null, unit: null, error: null },
        ...{ createdAt: timestamp(clock), startedAt: null, finishedAt: null },
      };
      store.insert(job, join(logFolder, `job-${id}.log`));
      events.publish("job.changed", job);
      launch(job, runner);
      return get(id);
    },
    active: (kind, subject) => presentOrNull(store.active(kind, subject)),
    latest: (kind, subject) => presentOrNull(store.latest(kind, subject)),
    get,
    list(filter) {
      const { items, nextCursor } = store.list(filter);
      return { items: items.map(present), nextCursor };
    },
    allActive: () => store.allActive().map(present),
    async cancel(id) {
      const job = get(id);
      const entry = running.get(id);
      if (entry) {
        entry.controller.abort(cancelled);
        await entry.done;
      } else if (isActive(job.state)) {
        move(job, "cancelled", { finishedAt: timestamp(clock) });
      }
      return get(id);
    },
    async finished(id, signal) {
      const entry = running.get(id);
      if (entry) await unlessAborted(entry.done, signal);
      return get(id);
    },
    log(id) {
      get(id);
      return running.get(id)?.file ?? closedLog(store.logFile(id) ?? join(logFolder, `job-${id}.log`));
    },
    recover() {
      for (const file of store.removeOld(keptJobs)) rmSync(file, { force: true });
      for (const job of store.allActive()) {
        const runner = runners.get(job.kind);
        if (runner?.afterRestart !== "queue") {
          const message = "The service stopped while this ran. Start it again.";
          const error = { code: "internal", message, details: { reason: "interrupted" } } as const;
          move(job, "failed", { finishedAt: timestamp(clock), error });
          continue;
        }
        launch(job.state === "queued" ? job : move(job, "queued"), runner);
      }
    },
    async close() {
      const entries = [...running.values()];
      for (const { controller } of entries) controller.abort(stopped);
      await Promise.all(entries.map(({ done }) => done));
    },
  };
}

/** Waits for the work, or rejects with the signal's reason; leaves no listener behind. */
function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
