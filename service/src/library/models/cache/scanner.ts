import { Worker } from "node:worker_threads";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import type { RepositoryPlace, ScanAnswer, ScanTarget } from "./scanned-model.ts";
import type { LibraryAnswer, LibraryCommand, LibraryWorkerData } from "../worker/messages.ts";
import type { Litter } from "../worker/litter.ts";
import type { Usage } from "../worker/usage.ts";

/** Reads files in a thread of its own, which lives only while there is something to read. */
export interface Scanner {
  /** Calls `take` with a few answers at a time; the next come in a later turn of the loop. */
  scan(targets: readonly ScanTarget[], take: (answers: readonly ScanAnswer[]) => void): Promise<void>;
  usage(repositories: readonly RepositoryPlace[]): Promise<Usage>;
  /** What nothing uses, judged by the time `now`. */
  litter(repositories: readonly RepositoryPlace[], now: number): Promise<Litter[]>;
  close(): Promise<void>;
}

export interface ScannerOptions {
  readonly cachePath: string;
  /** The worker's entry. */
  readonly program: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Question {
  readonly answered: (answer: LibraryAnswer) => void;
  readonly failed: (error: Error) => void;
}

type Ask = LibraryCommand extends infer Each
  ? Each extends { request: number }
    ? Omit<Each, "request">
    : never
  : never;

/** A thread costs some 15 MB for as long as it lives. */
const idleMs = 10_000;

export function createScanner({ cachePath, program, clock, log }: ScannerOptions): Scanner {
  const open = new Map<number, Question>();
  let worker: Worker | null = null;
  let cancelEnd: (() => void) | null = null;
  let last = 0;
  let isClosed = false;

  const start = (): Worker => {
    const workerData: LibraryWorkerData = { cachePath };
    const started = new Worker(program, { workerData, execArgv: ["--disable-warning=ExperimentalWarning"] });
    // A look at files must not keep a stopped service alive.
    started.unref();
    started.on("message", (answer: LibraryAnswer) => open.get(answer.request)?.answered(answer));
    started.on("error", (error) => log.error({ error }, "the library's thread failed"));
    started.on("exit", () => {
      if (worker === started) worker = null;
      for (const { failed } of open.values()) failed(new Error("The library's thread ended early."));
    });
    return started;
  };

  const ask = async (question: Ask, take: (answer: LibraryAnswer) => void): Promise<void> => {
    if (isClosed) throw new DOMException("The service is stopping.", "AbortError");
    const request = ++last;
    const asked = (worker ??= start());
    cancelEnd?.();
    asked.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        open.set(request, {
          failed: reject,
          answered: (answer) => {
            if (answer.type !== "done") return take(answer);
            if (answer.error === null) resolve();
            else reject(new Error(answer.error));
          },
        });
        asked.postMessage({ ...question, request } satisfies LibraryCommand);
      });
    } finally {
      open.delete(request);
      if (open.size === 0) rest(asked);
    }
  };

  const rest = (used: Worker): void => {
    used.unref();
    cancelEnd = clock.after(idleMs, () => {
      if (open.size > 0) return;
      worker = null;
      void used.terminate();
    });
  };

  return {
    async scan(targets, take) {
      if (targets.length === 0) return;
      await ask({ type: "scan", targets }, (answer) => {
        if (answer.type !== "scanned") return;
        take(answer.answers);
        const { request } = answer;
        setImmediate(() => worker?.postMessage({ type: "taken", request } satisfies LibraryCommand));
      });
    },
    async usage(repositories) {
      let usage: Usage = { models: [], totalBytes: 0, sharedBytes: 0 };
      await ask({ type: "usage", repositories }, (answer) => {
        if (answer.type === "usage") usage = answer.usage;
      });
      return usage;
    },
    async litter(repositories, now) {
      let litter: Litter[] = [];
      await ask({ type: "litter", repositories, now }, (answer) => {
        if (answer.type === "litter") litter = answer.litter;
      });
      return litter;
    },
    async close() {
      isClosed = true;
      cancelEnd?.();
      await worker?.terminate();
    },
  };
}
