import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "@jest/globals";
import { openDatabase } from "../../../../service/src/platform/database/open.ts";
import { testDatabase } from "../../serving/database.ts";

test("a service that is killed leaves whole batches, every row that was told, and no text without its row", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "mlx-manager-killed-"));
  const file = path.join(folder, "log.db");
  testDatabase(file).close();
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", path.join(import.meta.dirname, "log-writer.ts"), file],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line);
    if (told === 15) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  const database = openDatabase(file);
  const count = (sql: string) => database.prepare(sql).pluck().get() as number;
  const rows = count("SELECT count(*) FROM requests");
  expect([rows >= told * 20, rows % 20, told >= 15]).toEqual([true, 0, true]);
  expect(count("SELECT count(*) FROM request_bodies")).toBe(rows);
  expect(count("SELECT count(*) FROM request_bodies WHERE request_id NOT IN (SELECT id FROM requests)")).toBe(0);
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  database.close();
  rmSync(folder, { recursive: true, force: true });
});
