// Writes the lock beside it anew, after a change of a version: `node test/clients/lock.mjs`.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** For processors of before 2013, beside a package for all others: 180 MB that no test runs. */
const unwanted = ["opencode-linux-x64-baseline"];
const target = fileURLToPath(new URL("package-lock.json", import.meta.url));

// Elsewhere: npm would take the project's own folders into account.
const folder = mkdtempSync(join(tmpdir(), "mlx-manager-lock-"));
try {
  copyFileSync(new URL("package.json", import.meta.url), join(folder, "package.json"));
  const words = ["install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"];
  execFileSync("npm", words, { cwd: folder, stdio: "inherit" });
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  for (const name of unwanted) delete lock.packages[`node_modules/${name}`];
  for (const [path, entry] of Object.entries(lock.packages)) forgetMissing(lock.packages, path, entry);
  writeFileSync(target, `${JSON.stringify(lock, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Binaries for other systems that the registry does not have at this version are holes, and `npm ci` refuses a lock with
 * holes: what has no entry is no longer asked for. test/tools/coding-agents.ts fetches such a binary where it is needed.
 */
function forgetMissing(packages, path, entry) {
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    const isThere = `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages;
    if (!isThere) delete entry.optionalDependencies[name];
  }
  if (Object.keys(entry.optionalDependencies ?? {}).length === 0) delete entry.optionalDependencies;
}
