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

/** Nobody pays for the thread who does not look: it starts with the first question and ends a while after the last. */
const idleMs = 60_000;

export function createReader({ database, workerFile, clock }: ReaderOptions): Reader {
  // A database in memory is seen by its own connection alone.
  if (database.memory) return inProcess(database);
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let cancelIdle: () => void = () => undefined;
  let lastId = 0;

  const end = async (): Promise<void> => {
    cancelIdle();
    const ending = worker;
    worker = null;
    await ending?.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(workerFile, {
      workerData: { path: database.name },
      resourceLimits: { maxOldGenerationSizeMb: 128 },
      env: {},
    });
    const fail = (error: Error): void => {
      if (worker === started) worker = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    // Nothing but its answers is waited for.
    started.unref();
    started.on("message", ({ id, rows, error }: ReaderAnswer) => {
      const question = waiting.get(id);
      waiting.delete(id);
      if (error === null) question?.resolve(rows as never[]);
      else question?.reject(new Error(error));
      cancelIdle();
      if (waiting.size === 0) cancelIdle = clock.after(idleMs, () => void end());
    });
    started.on("error", (error) => fail(error as Error));
    started.on("exit", () => fail(new Error("The reading thread ended.")));
    return started;
  };
  return {
    all: (sql, values) =>
      new Promise((resolve, reject) => {
        cancelIdle();
        worker ??= start();
        const id = (lastId += 1);
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, sql, values } satisfies ReaderQuestion);
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
