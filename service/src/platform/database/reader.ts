import { Worker } from "node:worker_threads";
import type { Clock } from "../clock.ts";
import type { Database } from "./open.ts";
import type { ReaderAnswer, ReaderQuestion } from "./reader-main.ts";

/** Values of named parameters. */
export type Values = Readonly<Record<string, string | number | null>>;

/** Long reads, in a thread of their own with a connection that cannot write: the service goes on meanwhile. */
export interface Reader {
  /** @throws Error of SQLite, or that the thread ended. */
  all<Row>(sql: string, values: Values): Promise<Row[]>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  readonly database: Database;
  /** The thread's entry, `platform/database/reader-main` of the place. */
  readonly workerFile: string;
  readonly clock: Clock;
}

interface Waiting {
  resolve(rows: never[]): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

/** Nobody pays for the thread who does not look: it starts with the first question and ends a while after the last. */
const idleMs = 60_000;

export function createReader({ database, workerFile, clock }: ReaderOptions): Reader {
  // A database in memory is seen by its own connection alone.
  if (database.memory) return inProcess(database);
  let thread: Thread | null = null;
  let cancelIdle: () => void = () => undefined;
  let lastId = 0;

  const end = async (): Promise<void> => {
    cancelIdle();
    const ending = thread;
    thread = null;
    await ending?.worker.terminate();
  };
  const start = (): Thread => {
    const worker = new Worker(workerFile, {
      workerData: { path: database.name },
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      env: {},
    });
    // Each thread with its own questions: one that ends late takes none of the next one's along.
    const waiting = new Map<number, Waiting>();
    const started: Thread = { worker, waiting };
    const fail = (error: Error): void => {
      if (thread === started) thread = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    // Nothing but its answers is waited for.
    worker.unref();
    worker.on("message", ({ id, rows, error }: ReaderAnswer) => {
      const question = waiting.get(id);
      waiting.delete(id);
      if (error === null) question?.resolve(rows as never[]);
      else question?.reject(new Error(error));
      if (thread !== started || waiting.size > 0) return;
      cancelIdle();
      cancelIdle = clock.after(idleMs, () => void end());
    });
    worker.on("error", (error) => fail(error as Error));
    worker.on("exit", () => fail(new Error("The reading thread ended.")));
    return started;
  };
  return {
    all: (sql, values) =>
      new Promise((resolve, reject) => {
        cancelIdle();
        thread ??= start();
        const id = (lastId += 1);
        thread.waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ id, sql, values } satisfies ReaderQuestion);
      }),
    close: end,
  };
}

function inProcess(database: Database): Reader {
  return {
    all: async <Row>(sql: string, values: Values) => Promise.resolve(database.prepare(sql).all(values) as Row[]),
    close: () => Promise.resolve(),
  };
}
