import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openDatabase } from "../../../service/src/platform/database/open.ts";
import type { Database } from "../../../service/src/platform/database/open.ts";
import { createReader } from "../../../service/src/platform/database/reader.ts";
import type { Reader } from "../../../service/src/platform/database/reader.ts";
import { findPlace } from "../../../service/src/platform/place.ts";
import { manualClock } from "../../tools/manual-clock.ts";

const clock = manualClock();
let folder: string;
let database: Database;
let reader: Reader;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "mlx-manager-reader-"));
  database = openDatabase(path.join(folder, "some.db"));
  database.exec("CREATE TABLE numbers (number INTEGER); INSERT INTO numbers VALUES (1), (2)");
  reader = createReader({ database, clock, workerFile: findPlace().worker("platform/database/reader-main") });
});
afterEach(async () => {
  await reader.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});
const sum = (from: number) => reader.all("SELECT SUM(number) AS sum FROM numbers WHERE number >= @from", { from });

test("it sees what was written last, and answers many questions at once", async () => {
  expect(await Promise.all([sum(1), sum(2), sum(3)])).toEqual([[{ sum: 3 }], [{ sum: 2 }], [{ sum: null }]]);
  database.exec("INSERT INTO numbers VALUES (10)");
  expect(await sum(1)).toEqual([{ sum: 13 }]);
});

test("it cannot write, and a question that fails is told and leaves the next one alone", async () => {
  await expect(reader.all("DELETE FROM numbers RETURNING number", {})).rejects.toThrow("readonly");
  await expect(reader.all("SELECT number FROM nowhere", {})).rejects.toThrow("no such table");
  expect(await sum(1)).toEqual([{ sum: 3 }]);
});

test("its thread ends a while after the last question, and the next one starts it anew", async () => {
  await sum(1);
  expect(clock.timers()).toBe(1);
  clock.advance(60_000);
  expect(clock.timers()).toBe(0);
  expect(await sum(1)).toEqual([{ sum: 3 }]);
});

test("a close ends what still waits", async () => {
  const waiting = sum(1);
  const failed = expect(waiting).rejects.toThrow("The reading thread ended.");
  await reader.close();
  await failed;
});
