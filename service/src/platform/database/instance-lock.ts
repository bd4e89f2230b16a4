import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import Database from "better-sqlite3";

export interface InstanceLock {
  release(): void;
}

/**
 * Takes the data directory for this process by `BEGIN EXCLUSIVE` on its own file: the kernel gives the lock back
 * when the process dies, however it dies. The caller keeps the answer alive, for a collected handle loses the lock.
 * @returns null when another process has it.
 */
export function takeInstanceLock(path: string): InstanceLock | null {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const database = new Database(path, { timeout: 0 });
  try {
    // A rollback journal: in WAL mode an exclusive transaction would still admit readers, and leave files behind.
    database.pragma("journal_mode = DELETE");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY")) return null;
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
