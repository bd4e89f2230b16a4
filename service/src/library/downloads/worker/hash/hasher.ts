import { Worker } from "node:worker_threads";
import { orAbort } from "../fetch/or-abort.ts";
import type { HashCommand, HashedFile, HashReport } from "./hash-runs.ts";

/** Checksums of files, also of such that still grow, in a thread of its own. */
export interface Hasher {
  /** Nothing is read before `advance`. */
  follow(file: HashedFile): HashRun;
  /**
   * Waits until so many new bytes may be written without leaving the checksums ever further behind: what is still in
   * the system's memory is read for nothing, and a receiver that runs ahead only takes their processor time.
   * @param onWait told when a wait begins and when it is over; not at all without one.
   */
  pace(bytes: number, signal: AbortSignal, onWait?: (isWaiting: boolean) => void): Promise<void>;
  /** Ends the thread when nobody needs it any more; a later `follow` starts it again. */
  rest(): Promise<void>;
}

export interface HashRun {
  /** The file is whole from its start up to here. */
  advance(end: number): void;
  /** How far the checksum has come. */
  hashed(): number;
  /** In hex, when all bytes were read. Never settles after `stop`. */
  readonly digest: Promise<string>;
  stop(): void;
}

interface Running {
  told: number;
  bytes: number;
  readonly result: PromiseWithResolvers<string>;
}

/** How far receiving may run ahead. */
const leadBytes = 32 * 1024 * 1024;

export function createHasher(entry: URL = entryBeside(import.meta.url)): Hasher {
  const running = new Map<number, Running>();
  let thread: Worker | null = null;
  let runs = 0;
  let lead = leadBytes;
  let progress = Promise.withResolvers<void>();

  const isBusy = (): boolean => [...running.values()].some(({ told, bytes }) => told > bytes);
  const wake = (): void => {
    progress.resolve();
    progress = Promise.withResolvers();
  };
  const handle = (report: HashReport): void => {
    const run = running.get(report.run);
    if (!run) return;
    if (report.type === "hashed") {
      lead = Math.min(leadBytes, lead + report.bytes - run.bytes);
      run.bytes = report.bytes;
      return wake();
    }
    end(report.run);
    if (report.type === "failed") return run.result.reject(report.error);
    run.result.resolve(report.digest);
  };
  const end = (number: number): boolean => {
    const wasRunning = running.delete(number);
    wake();
    return wasRunning;
  };
  const start = (): Worker => {
    const started = new Worker(entry, {
      env: {},
      execArgv: ["--disable-warning=ExperimentalWarning"],
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    const gone = (error: Error) => {
      if (thread !== started) return;
      thread = null;
      for (const { result } of running.values()) result.reject(error);
      running.clear();
      wake();
    };
    started.on("message", handle);
    started.on("error", gone);
    started.on("exit", () => gone(new Error("The hashing thread ended.")));
    started.unref();
    return started;
  };
  const send = (command: HashCommand): void => (thread ??= start()).postMessage(command);

  return {
    follow(file) {
      const number = (runs += 1);
      const run: Running = { told: 0, bytes: 0, result: Promise.withResolvers<string>() };
      // Who stops a run does not wait for it.
      run.result.promise.catch(() => undefined);
      running.set(number, run);
      send({ type: "start", run: number, file });
      return {
        advance(to) {
          if (to <= run.told || !running.has(number)) return;
          run.told = to;
          send({ type: "advance", run: number, end: to });
        },
        hashed: () => run.bytes,
        digest: run.result.promise,
        stop() {
          if (end(number)) send({ type: "stop", run: number });
        },
      };
    },
    async pace(bytes, signal, onWait) {
      lead -= bytes;
      // Bytes that lie behind a hole cannot be hashed yet: nobody waits for an idle thread.
      if (lead < 0 && isBusy()) {
        onWait?.(true);
        try {
          while (lead < 0 && isBusy()) await orAbort(progress.promise, signal);
        } finally {
          onWait?.(false);
        }
      }
      if (!isBusy()) lead = leadBytes;
    },
    async rest() {
      if (running.size > 0) return;
      const ending = thread;
      thread = null;
      await ending?.terminate();
    },
  };
}

/** The same folder and ending as this file, in source and in the package. */
function entryBeside(moduleUrl: string): URL {
  return new URL(`./hash-main${moduleUrl.slice(moduleUrl.lastIndexOf("."))}`, moduleUrl);
}
