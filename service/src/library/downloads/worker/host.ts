import type { Clock } from "../../../platform/clock.ts";
import { repositoryLayout } from "../layout.ts";
import type { DownloadTarget, TransferJob, WorkerCommand, WorkerReport } from "../messages.ts";
import { discardDownload } from "./commit/files.ts";
import { runSession } from "./session.ts";
import { createShared } from "./shared.ts";

export interface TransferHost {
  handle(command: WorkerCommand): void;
}

export interface TransferHostOptions {
  readonly report: (report: WorkerReport) => void;
  /** All sessions have ended after `close`. */
  readonly onClosed: () => void;
  readonly clock: Clock;
  readonly random: () => number;
}

interface Session {
  readonly controller: AbortController;
  readonly gate: PromiseWithResolvers<void>;
  readonly model: string;
  isCommitting: boolean;
  readonly done: Promise<void>;
}

/** The sessions of one worker thread: commands in, reports out. */
export function createTransferHost({ report, onClosed, clock, random }: TransferHostOptions): TransferHost {
  const sessions = new Map<string, Session>();
  const shared = createShared(clock);
  /** Per model, the end of the tidying that is going on: a download must not begin in folders that are being removed. */
  const tidying = new Map<string, Promise<void>>();

  const start = (job: TransferJob): void => {
    const controller = new AbortController();
    const gate = Promise.withResolvers<void>();
    gate.promise.catch(() => undefined); // nobody waits at it when the session is stopped earlier
    const { signal } = controller;
    const session = (tidying.get(job.model) ?? Promise.resolve()).then(() =>
      runSession({ job, signal, allowed: () => gate.promise, report, clock, random, shared }),
    );
    const done = session.then((outcome) => {
      sessions.delete(job.downloadId);
      if (sessions.size === 0) void shared.hasher.rest();
      report({ type: "ended", downloadId: job.downloadId, outcome });
    });
    sessions.set(job.downloadId, { controller, gate, done, model: job.model, isCommitting: false });
  };

  const stop = (session: Session | undefined): void => {
    // A commit takes a moment and leaves a whole revision; half of one would have to be repaired.
    if (!session || session.isCommitting) return;
    const reason = new DOMException("The download was stopped.", "AbortError");
    session.controller.abort(reason);
    session.gate.reject(reason);
  };

  const commit = (session: Session | undefined): void => {
    if (!session || session.controller.signal.aborted) return;
    session.isCommitting = true;
    session.gate.resolve();
  };

  const discard = async (requestId: number, target: DownloadTarget): Promise<void> => {
    let problem: string | null = null;
    const { downloadId, model } = target;
    try {
      await sessions.get(downloadId)?.done;
      const isShared = [...sessions.values()].some((session) => session.model === model);
      const before = tidying.get(model) ?? Promise.resolve();
      const work = before.then(() => discardDownload(repositoryLayout(target.cachePath, model), downloadId, isShared));
      const done: Promise<void> = work
        .catch(() => undefined) // its poster gets the error
        .then(() => void (tidying.get(model) === done && tidying.delete(model)));
      tidying.set(model, done);
      await work;
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    report({ type: "discarded", requestId, problem });
  };

  const close = async (): Promise<void> => {
    for (const session of sessions.values()) stop(session);
    await Promise.all([...sessions.values()].map(({ done }) => done));
    await shared.hasher.rest();
    onClosed();
  };

  return {
    handle(command) {
      switch (command.type) {
        case "start":
          return start(command.job);
        case "stop":
          return stop(sessions.get(command.downloadId));
        case "commit":
          return commit(sessions.get(command.downloadId));
        case "discard":
          return void discard(command.requestId, command.target);
        case "limits":
          return shared.limit(command.limits);
        case "close":
          return void close();
      }
    },
  };
}
