import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { isSqliteError } from "./open.ts";

/** What several processes agree on: many may share a thing, one alone may change it. */
export type FileLockKind = "shared" | "exclusive";

export interface FileLock {
  release(): void;
}

/**
 * Takes a lock on the file at `path`, which is made when it is not there and stays. The kernel gives a lock back when
 * its process dies, however it dies: there are no stale ones. The caller keeps the answer alive.
 * @returns null when another holder is in the way.
 */
export function takeFileLock(path: string, kind: FileLockKind): FileLock | null {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) writeFileSync(path, "", { flag: "a", mode: 0o600 });
  const database = new Database(path, { timeout: 0 });
  try {
    // A transaction that has read keeps others from writing, one that writes keeps them from reading too.
    database.exec(kind === "exclusive" ? "BEGIN EXCLUSIVE" : "BEGIN");
    if (kind === "shared") database.prepare("SELECT count(*) FROM sqlite_master").get();
  } catch (error) {
    database.close();
    if (isSqliteError(error, "SQLITE_BUSY")) return null;
    throw error;
  }
  return {
    release: () => {
      if (!database.open) return;
      database.exec("ROLLBACK");
      database.close();
    },
  };
}
