import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";

export type Database = Database.Database;

/**
 * Opens the one writer connection. `:memory:` gives a private database (tests).
 * The file is made 0600 before SQLite touches it, so that `-wal` and `-shm` inherit the mode.
 */
export function openDatabase(path: string): Database {
  if (path !== ":memory:") {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  }
  const database = new Database(path);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma("foreign_keys = ON");
  database.pragma("busy_timeout = 5000");
  return database;
}

/** A further connection that only reads, for a thread of its own. */
export function openReadOnly(path: string): Database {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  database.pragma("busy_timeout = 5000");
  return database;
}

/** Whether the database answers, by one read of the schema. */
export function isDatabaseWell(database: Database): boolean {
  try {
    return database.open && database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() !== undefined;
  } catch (error) {
    // An unreadable file is the very answer that was asked for.
    if (isSqliteError(error)) return false;
    throw error;
  }
}

/**
 * Whether SQLite itself failed, optionally by a code's beginning (`SQLITE_BUSY`). By name: the native part keeps the
 * error class of whoever loaded it first, so `instanceof` would be false for a second loader in the process.
 */
export function isSqliteError(error: unknown, code = "SQLITE_"): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { name, code: actual } = error as { name?: unknown; code?: unknown };
  return name === "SqliteError" && typeof actual === "string" && actual.startsWith(code);
}
