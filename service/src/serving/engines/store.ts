import type { Database } from "../../platform/database/open.ts";

export interface EnvironmentRow {
  readonly engine: string;
  readonly lockHash: string;
  readonly version: string;
  readonly pythonVersion: string;
  readonly sizeBytes: number;
  readonly installedAt: string;
}

export interface EnvironmentStore {
  current(engine: string): EnvironmentRow | null;
  /** Every environment of the engine: the current one first, then the newest. */
  all(engine: string): EnvironmentRow[];
  /** Makes it the current one; the others stay for rollback. */
  switchTo(row: EnvironmentRow): void;
  remove(engine: string, lockHash: string): void;
}

export function createEnvironmentStore(database: Database): EnvironmentStore {
  const all = database.prepare(
    "SELECT * FROM engine_environments WHERE engine = @engine ORDER BY current DESC, installed_at DESC",
  );
  const current = database.prepare("SELECT * FROM engine_environments WHERE engine = @engine AND current = 1");
  const clear = database.prepare("UPDATE engine_environments SET current = 0 WHERE engine = @engine");
  const upsert = database.prepare(
    `INSERT INTO engine_environments (engine, lock_hash, version, python_version, size_bytes, current, installed_at)
     VALUES (@engine, @lockHash, @version, @pythonVersion, @sizeBytes, 1, @installedAt)
     ON CONFLICT (engine, lock_hash) DO UPDATE SET version = excluded.version, python_version = excluded.python_version,
       size_bytes = excluded.size_bytes, current = 1, installed_at = excluded.installed_at`,
  );
  const remove = database.prepare("DELETE FROM engine_environments WHERE engine = @engine AND lock_hash = @lockHash");
  const change = database.transaction((row: EnvironmentRow) => {
    clear.run({ engine: row.engine });
    upsert.run(row);
  });
  // Every request asks; all writes pass here.
  const known = new Map<string, EnvironmentRow | null>();
  return {
    current(engine) {
      const found = known.get(engine);
      if (found !== undefined) return found;
      const row = current.get({ engine }) as Row | undefined;
      const now = row === undefined ? null : toRow(row);
      known.set(engine, now);
      return now;
    },
    all: (engine) => (all.all({ engine }) as Row[]).map(toRow),
    switchTo(row) {
      known.clear();
      change(row);
    },
    remove(engine, lockHash) {
      known.clear();
      remove.run({ engine, lockHash });
    },
  };
}

interface Row {
  engine: string;
  lock_hash: string;
  version: string;
  python_version: string;
  size_bytes: number;
  installed_at: string;
}

function toRow(row: Row): EnvironmentRow {
  return {
    engine: row.engine,
    lockHash: row.lock_hash,
    version: row.version,
    pythonVersion: row.python_version,
    sizeBytes: row.size_bytes,
    installedAt: row.installed_at,
  };
}
