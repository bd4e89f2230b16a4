import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "@jest/globals";
import { takeFileLock } from "../../../service/src/platform/database/file-lock.ts";
import { MigrationError, migrate, readMigrations } from "../../../service/src/platform/database/migrate.ts";
import { isDatabaseWell, openDatabase } from "../../../service/src/platform/database/open.ts";
import type { Database } from "../../../service/src/platform/database/open.ts";
import { decodeCursor, encodeCursor, pageOf } from "../../../service/src/platform/database/page.ts";
import { findPlace } from "../../../service/src/platform/place.ts";
import { testDatabase } from "../serving/database.ts";
import { temporaryFolder } from "../../tools/temporary-folder.ts";

const folder = temporaryFolder();
const modeOf = (file: string) => statSync(file).mode & 0o777;
const now = () => "2026-01-01T00:00:00.000Z";

describe("the schema", () => {
  test("has the five seed tables, and every table is STRICT", () => {
    const database = testDatabase();
    const tables = database
      .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
      .all() as { name: string; strict: number }[];
    const names = tables.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["server_profiles", "running_instances", "downloaded_models", "downloads", "settings"]),
    );
    expect(tables.filter(({ name, strict }) => strict === 0 && !name.startsWith("sqlite_"))).toEqual([]);
    database.close();
  });

  test("allows one active job, download and live server for the same thing", () => {
    const database = testDatabase();
    const job = database.prepare(
      "INSERT INTO jobs (id, kind, subject, state, created_at) VALUES (?, 'k', 's', ?, 't')",
    );
    job.run("1", "failed");
    job.run("2", "running");
    expect(() => job.run("3", "queued")).toThrow("UNIQUE constraint failed");
    const download = database.prepare(
      "INSERT INTO downloads (id, model_id, revision, state, created_at, updated_at) VALUES (?, 'm', 'main', ?, 't', 't')",
    );
    download.run("1", "completed");
    download.run("2", "paused");
    expect(() => download.run("3", "queued")).toThrow("UNIQUE constraint failed");
    database.close();
  });
});

describe("opening", () => {
  test("makes folder and files for the owner alone, and closes what was open to others", () => {
    const file = folder.in("deep", "data.db");
    const database = testDatabase(file);
    for (const name of ["data.db", "data.db-wal", "data.db-shm"]) expect(modeOf(folder.in("deep", name))).toBe(0o600);
    expect(modeOf(folder.in("deep"))).toBe(0o700);
    database.close();
    chmodSync(file, 0o644);
    openDatabase(file).close();
    expect(modeOf(file)).toBe(0o600);
  });

  test("turns on WAL and foreign keys", () => {
    const database = openDatabase(folder.in("data.db"));
    expect(database.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(database.pragma("foreign_keys", { simple: true })).toBe(1);
    database.close();
  });

  test("a database is well while it answers, and not when it is closed or its file is damaged", () => {
    const file = folder.in("data.db");
    const database = testDatabase(file);
    expect(isDatabaseWell(database)).toBe(true);
    database.close();
    expect(isDatabaseWell(database)).toBe(false);
    const damaged = openDatabase(file);
    writeFileSync(file, Buffer.alloc(8192, 0x41));
    rmSync(`${file}-wal`, { force: true });
    expect(isDatabaseWell(damaged)).toBe(false);
    damaged.close();
  });
});

describe("migrations", () => {
  const write = (files: Record<string, string>, name = "migrations") => {
    mkdirSync(folder.in(name), { recursive: true });
    for (const [file, sql] of Object.entries(files)) writeFileSync(folder.in(name, file), sql);
    return readMigrations(folder.in(name));
  };
  const one = { "0001-first.sql": "CREATE TABLE first (id TEXT) STRICT" };
  const two = { ...one, "0002-second.sql": "CREATE TABLE second (id TEXT) STRICT" };
  const three = { ...two, "0003-third.sql": "CREATE TABLE third (id TEXT) STRICT" };
  const run = (database: Database, files: Record<string, string>, version = "1.0.0") => {
    rmSync(folder.in("migrations"), { recursive: true, force: true });
    return migrate({ database, migrations: write(files), path: folder.in("data.db"), version, now });
  };
  const open = () => openDatabase(folder.in("data.db"));
  const backups = () => readdirSync(folder.in()).filter((name) => name.includes("backup"));

  test("are applied once, in order, and recorded with checksum, version and time", () => {
    const database = open();
    expect(run(database, two)).toEqual(["0001-first.sql", "0002-second.sql"]);
    expect(run(database, two)).toEqual([]);
    expect(database.prepare("SELECT * FROM migrations").all()).toEqual([
      {
        number: 1,
        name: "0001-first.sql",
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
        version: "1.0.0",
        applied_at: now(),
      },
      { number: 2, name: "0002-second.sql", checksum: expect.any(String), version: "1.0.0", applied_at: now() },
    ]);
    database.close();
  });

  test("that fail leave nothing of their own, and everything of those before", () => {
    const database = open();
    const broken = {
      ...one,
      "0002-broken.sql": "CREATE TABLE half (id TEXT) STRICT; CREATE TABLE half (id TEXT) STRICT",
    };
    expect(() => run(database, broken)).toThrow("table half already exists");
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    expect(tables).toEqual(["migrations", "first"]);
    expect(run(database, two)).toEqual(["0002-second.sql"]);
    database.close();
  });

  test("are preceded by a whole backup for the owner alone, and the last three are kept", () => {
    const database = open();
    run(database, one);
    expect(backups()).toEqual([]);
    database.exec("INSERT INTO first VALUES ('before')");
    let files: Record<string, string> = one;
    for (let number = 2; number <= 6; number += 1) {
      files = { ...files, [`000${number}-more.sql`]: `CREATE TABLE more_${number} (id TEXT) STRICT` };
      run(database, files);
    }
    database.close();
    expect(backups()).toEqual(["data.db.backup-0003", "data.db.backup-0004", "data.db.backup-0005"]);
    const backup = folder.in("data.db.backup-0005");
    expect(modeOf(backup)).toBe(0o600);
    const copy = openDatabase(backup);
    expect(copy.prepare("SELECT id FROM first").pluck().all()).toEqual(["before"]);
    expect(copy.prepare("SELECT count(*) FROM migrations").pluck().get()).toBe(5);
    copy.close();
  });

  test("of a newer program stop the start with both versions and a backup that this one can read", () => {
    const database = open();
    run(database, one, "1.0.0");
    run(database, two, "2.0.0");
    run(database, three, "3.0.0");
    expect(backups()).toEqual(["data.db.backup-0001", "data.db.backup-0002"]);
    expect(() => run(database, one, "1.0.0")).toThrow(
      new MigrationError(
        "The database was written by MLX Manager 3.0.0, which is newer than this 1.0.0. Update MLX Manager, or go back to the backup data.db.backup-0001 beside the database.",
      ),
    );
    for (const name of backups()) rmSync(folder.in(name));
    expect(() => run(database, one, "1.0.0")).toThrow(/newer than this 1\.0\.0\. Update MLX Manager\.$/);
    database.close();
  });

  test("that were edited after they landed stop the start", () => {
    const database = open();
    run(database, two);
    const edited = { ...two, "0001-first.sql": "CREATE TABLE first (id TEXT, more TEXT) STRICT" };
    expect(() => run(database, edited)).toThrow(
      "Migration 0001-first.sql of the database is not the one this program has. Reinstall MLX Manager 1.0.0.",
    );
    database.close();
  });

  test("that are missing, renamed or out of order stop the start", () => {
    expect(() => write({ "0001-first.sql": "", "0003-third.sql": "" }, "gap")).toThrow(
      "0003-third.sql is out of order: expected number 2",
    );
    expect(() => write({ "first.sql": "" }, "stray")).toThrow("first.sql is out of order: expected number 1");
    const database = open();
    run(database, two);
    expect(() =>
      run(database, { "0001-first.sql": one["0001-first.sql"], "0002-other.sql": two["0002-second.sql"] }),
    ).toThrow("Migration 0002-second.sql of the database is not the one this program has.");
    database.close();
  });

  test("of ours go from nothing to the present, and a database of each earlier step goes on", () => {
    const ours = readMigrations(findPlace().migrations);
    for (let known = 1; known <= ours.length; known += 1) {
      const database = openDatabase(":memory:");
      expect(migrate({ database, migrations: ours.slice(0, known), version: "0", now })).toHaveLength(known);
      expect(migrate({ database, migrations: ours, version: "1", now })).toHaveLength(ours.length - known);
      database.close();
    }
  });
});

describe("the instance lock", () => {
  const holder = path.join(import.meta.dirname, "lock-holder.ts");
  const start = async (file: string) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", holder, file], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [answer] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return { answer, child, ended: once(child, "close") };
  };

  test("is refused to a second process, and given back when the first is killed without a chance", async () => {
    const file = folder.in("lock.db");
    const first = await start(file);
    expect(first.answer).toBe("taken");
    const second = await start(file);
    expect(second.answer).toBe("refused");
    await second.ended;
    expect(takeFileLock(file, "exclusive")).toBeNull();
    first.child.kill("SIGKILL");
    await first.ended;
    const third = await start(file);
    expect(third.answer).toBe("taken");
    third.child.stdin.end("release");
    await third.ended;
    expect(readdirSync(folder.in())).toEqual(["lock.db"]);
  });

  test("is for the owner alone, and can be taken again after its release", () => {
    const file = folder.in("lock.db");
    const lock = takeFileLock(file, "exclusive");
    expect(modeOf(file)).toBe(0o600);
    expect(takeFileLock(file, "exclusive")).toBeNull();
    lock?.release();
    lock?.release();
    const again = takeFileLock(file, "exclusive");
    expect(again).not.toBeNull();
    again?.release();
  });

  test("of a file that is no database is an error, not a refusal", () => {
    const file = folder.in("lock.db");
    copyFileSync(holder, file);
    const before = readFileSync(file);
    expect(() => takeFileLock(file, "exclusive")).toThrow("file is not a database");
    expect(readFileSync(file)).toEqual(before);
  });
});

describe("paging", () => {
  const rows = ["a", "b", "c"].map((id) => ({ id, time: "2026-01-01T00:00:00.000Z" }));

  test("ends with the last row, and not before", () => {
    const position = (row: (typeof rows)[number]) => row;
    expect(pageOf(rows, 2, position)).toEqual({ items: rows.slice(0, 2), nextCursor: encodeCursor(rows[1] as never) });
    expect(pageOf(rows, 3, position)).toEqual({ items: rows, nextCursor: null });
    expect(pageOf([] as typeof rows, 3, position)).toEqual({ items: [], nextCursor: null });
  });

  test("a cursor says where the page ended, and a foreign one is refused", () => {
    expect(decodeCursor(undefined)).toBeNull();
    expect(decodeCursor(encodeCursor({ time: "t", id: "ü" }))).toEqual({ time: "t", id: "ü" });
    for (const cursor of ["x", "", "bnVsbA", Buffer.from("[1,2]").toString("base64url")])
      expect(() => decodeCursor(cursor)).toThrow("The cursor is not valid. Start again without it.");
  });
});
