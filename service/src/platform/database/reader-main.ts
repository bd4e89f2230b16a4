import { parentPort, workerData } from "node:worker_threads";
import { openReadOnly } from "./open.ts";

export interface ReaderQuestion {
  readonly id: number;
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number | null>>;
}

export interface ReaderAnswer {
  readonly id: number;
  readonly rows: readonly unknown[];
  readonly error: string | null;
}

const database = openReadOnly((workerData as { path: string }).path);

parentPort?.on("message", ({ id, sql, values }: ReaderQuestion) => {
  parentPort?.postMessage(answer(id, sql, values));
});

function answer(id: number, sql: string, values: ReaderQuestion["values"]): ReaderAnswer {
  try {
    return { id, rows: database.prepare(sql).all(values), error: null };
  } catch (error) {
    return { id, rows: [], error: error instanceof Error ? error.message : String(error) };
  }
}
