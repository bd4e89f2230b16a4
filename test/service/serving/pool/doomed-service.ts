/** A service to be killed: keeps a pool on the given folder, starts one stubborn engine, says its pid, waits. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testDatabase } from "../database.ts";
import { createWorld, never } from "./pool-world.ts";

const folder = process.argv[2] ?? "";
const engine = fileURLToPath(new URL("stubborn-engine.mjs", import.meta.url));
const { pool, target } = createWorld({
  folder,
  database: testDatabase(join(folder, "test.db")),
  replace: { command: () => ({ file: process.execPath, args: [engine] }) },
});
const lease = await pool.ensureReady(target, never);
process.stdout.write(`${pool.get(lease.serverId).pid}\n`);
setInterval(() => undefined, 1000);
