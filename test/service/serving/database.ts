import { migrate, readMigrations } from "../../../service/src/platform/database/migrate.ts";
import { openDatabase } from "../../../service/src/platform/database/open.ts";
import type { Database } from "../../../service/src/platform/database/open.ts";
import { findPlace } from "../../../service/src/platform/place.ts";

/** A migrated database: private in memory, or the file at `path`. */
export function testDatabase(path = ":memory:"): Database {
  const database = openDatabase(path);
  const migrations = readMigrations(findPlace().migrations);
  migrate({ database, migrations, version: "0.0.0", now: () => "2026-01-01T00:00:00.000Z" });
  return database;
}
