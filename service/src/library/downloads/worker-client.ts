import { Worker } from "node:worker_threads";
import type { Log } from "../../platform/log.ts";
import type { DownloadTarget, TransferJob, TransferLimits, TransferOutcome, TransferProgress } from "./messages.ts";
import type { WorkerCommand, WorkerReport } from "./messages.ts";

export interface TransferListener {
  surveyed(progress: TransferProgress): void;
  progress(progress: TransferProgress): void;
  phase(phase: "downloading" | "verifying"): void;
  /** Everything is verified. The commit begins on true; on false the download is stopped. */
  ready(): boolean;
}

/** The transfer thread seen from the main loop. Started at the first use, and again after it died. */
export interface TransferWorker {
  /** Starts the thread if there is none, so that it is ready when the plan is. */
  prepare(): void;
  /** Resolves when the download has ended in whatever way. An abort stops it; it still ends by itself. */
  transfer(job: TransferJob, listener: TransferListener, signal: AbortSignal): Promise<TransferOutcome>;
  discard(target: DownloadTarget): Promise<void>;
  /** For all downloads from now on; a thread that is started later hears of it first. */
  limit(limits: TransferLimits): void;
  close(): Promise<void>;
}

interface Running {
  readonly listener: TransferListener;
  readonly settle: (outcome: TransferOutcome) => void;
}

export function createTransferWorker(entry: string, log: Log): TransferWorker {
  const running = new Map<string, Running>();
  const discards = new Map<number, PromiseWithResolvers<void>>();
  let worker: Worker | null = null;
  let limits: TransferLimits | null = null;
  let requests = 0;

  const handle = (report: WorkerReport): void => {
    switch (report.type) {
      case "surveyed":
        return running.get(report.downloadId)?.listener.surveyed(report.progress);
      case "progress":
        return running.get(report.downloadId)?.listener.progress(report.progress);
      case "phase":
        return running.get(report.downloadId)?.listener.phase(report.phase);
      case "ready":
        return void running.get(report.downloadId)?.listener.ready();
      case "ended":
        return running.get(report.downloadId)?.settle(report.outcome);
      case "discarded": {
        const request = discards.get(report.requestId);
        discards.delete(report.requestId);
        if (report.problem === null) request?.resolve();
        else request?.reject(new Error(report.problem));
        return;
      }
      case "log":
        return log[report.level](report.facts, report.message);
    }
  };

  /** Nobody is left waiting for a thread that is gone. */
  const gone = (dead: Worker): void => {
    if (worker !== dead) return;
    worker = null;
    for (const { settle } of [...running.values()]) settle({ kind: "worker-died" });
    for (const { reject } of discards.values()) reject(new Error("The transfer worker died."));
    discards.clear();
  };

  const start = (): Worker => {
    // Nothing of the environment: proxies and tokens come with each job, as the configuration read them.
    const started = new Worker(entry, {
      env: {},
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // Bytes pass through outside the heap; room for short-lived objects would only be memory held.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    started.on("message", handle);
    started.on("error", (error) => log.error({ error }, "transfer worker failed"));
    started.on("exit", (code) => {
      if (worker === started && code !== 0) log.warn({ code }, "transfer worker ended");
      gone(started);
    });
    started.unref();
    if (limits) started.postMessage({ type: "limits", limits } satisfies WorkerCommand);
    return started;
  };
  const send = (command: WorkerCommand): void => (worker ??= start()).postMessage(command);

  return {
    prepare: () => void (worker ??= start()),
    transfer(job, listener, signal) {
      const { downloadId } = job;
      return new Promise((resolve) => {
        const stop = () => send({ type: "stop", downloadId });
        const settle = (outcome: TransferOutcome) => {
          running.delete(downloadId);
          signal.removeEventListener("abort", stop);
          resolve(outcome);
        };
        if (signal.aborted) return settle({ kind: "stopped" });
        running.set(downloadId, {
          settle,
          listener: {
            ...listener,
            ready() {
              const mayCommit = listener.ready();
              send({ type: mayCommit ? "commit" : "stop", downloadId });
              return mayCommit;
            },
          },
        });
        signal.addEventListener("abort", stop, { once: true });
        send({ type: "start", job });
      });
    },
    discard(target) {
      const request = Promise.withResolvers<void>();
      requests += 1;
      discards.set(requests, request);
      send({ type: "discard", requestId: requests, target });
      return request.promise;
    },
    limit(wanted) {
      limits = wanted;
      worker?.postMessage({ type: "limits", limits } satisfies WorkerCommand);
    },
    async close() {
      const closing = worker;
      if (!closing) return;
      const ended = new Promise((resolve) => closing.once("exit", resolve));
      closing.ref();
      send({ type: "close" });
      await ended;
    },
  };
}
