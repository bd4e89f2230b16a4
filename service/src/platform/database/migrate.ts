import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Database } from "./open.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export interface MigrateOptions {
  readonly database: Database;
  readonly migrations: readonly Migration[];
  /** The database file, for the backup beside it; undefined in memory. */
  readonly path?: string;
  readonly version: string;
  readonly now: () => string;
}

/** Why the service does not start on this database; `message` tells the person what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

const keptBackups = 3;

/** Reads `NNNN-name.sql` in order. @throws MigrationError on a gap or a stray file. */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return names.map((name, index) => {
    const number = Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1]);
    if (number !== index + 1)
      throw new MigrationError(`Migration ${name} is out of order: expected number ${index + 1}.`);
    const sql = readFileSync(join(folder, name), "utf8");
    return { number, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
  });
}

/**
 * Brings the database forward, each migration in its own recorded transaction, after a backup by `VACUUM INTO`.
 * @returns the names that were applied.
 * @throws MigrationError when the database is newer than the program, or a landed migration was edited or is missing.
 */
export function migrate(options: MigrateOptions): string[] {
  const { database, migrations } = options;
  database.exec(
    "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, version TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT",
  );
  const applied = database
    .prepare("SELECT number, name, checksum, version FROM migrations ORDER BY number")
    .all() as AppliedRow[];
  refuseForeign(applied, options);
  const pending = migrations.slice(applied.length);
  if (pending.length === 0) return [];
  if (options.path !== undefined && applied.length > 0) backUp(database, options.path, applied.length);
  const record = database.prepare(
    "INSERT INTO migrations (number, name, checksum, version, applied_at) VALUES (@number, @name, @checksum, @version, @appliedAt)",
  );
  for (const { number, name, checksum, sql } of pending) {
    database.transaction(() => {
      database.exec(sql);
      record.run({ number, name, checksum, version: options.version, appliedAt: options.now() });
    })();
  }
  return pending.map(({ name }) => name);
}

interface AppliedRow {
  number: number;
  name: string;
  checksum: string;
  version: string;
}

function refuseForeign(applied: readonly AppliedRow[], { migrations, path, version }: MigrateOptions): void {
  const last = applied.at(-1);
  if (last && applied.length > migrations.length) {
    // Only a backup that this program can read is a way back.
    const known = migrations.length;
    const backup = path === undefined ? undefined : listBackups(path).findLast((name) => migrationOf(name) <= known);
    throw new MigrationError(
      `The database was written by MLX Manager ${last.version}, which is newer than this ${version}. ` +
        `Update MLX Manager${backup === undefined ? "" : `, or go back to the backup ${basename(backup)} beside the database`}.`,
    );
  }
  for (const [index, row] of applied.entries()) {
    const ours = migrations[index];
    if (ours?.name === row.name && ours.checksum === row.checksum) continue;
    throw new MigrationError(
      `Migration ${row.name} of the database is not the one this program has. Reinstall MLX Manager ${row.version}.`,
    );
  }
}

function backUp(database: Database, path: string, from: number): void {
  const target = `${path}.backup-${String(from).padStart(4, "0")}`;
  // Made empty and 0600 first, since SQLite would make it readable for all; an older backup stays until this one is whole.
  const unfinished = `${path}.unfinished-backup`;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, "wx", 0o600));
  database.prepare("VACUUM INTO ?").run(unfinished);
  renameSync(unfinished, target);
  for (const old of listBackups(path).slice(0, -keptBackups)) rmSync(old, { force: true });
}

/** How many migrations a backup holds, from its name. */
function migrationOf(backup: string): number {
  return Number(/\.backup-(\d+)$/.exec(backup)?.[1] ?? Number.NaN);
}

function listBackups(path: string): string[] {
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(path)}.backup-`))
    .sort()
    .map((name) => join(folder, name));
}
