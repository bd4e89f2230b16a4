import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testCache } from "./engine-environment.ts";

const requirements = fileURLToPath(new URL("../python/requirements.txt", import.meta.url));

/** A Python environment with the hashed packages of `test/python/requirements.txt`, made once per machine. */
export async function pythonEnvironment(): Promise<{ readonly python: string; readonly folder: string }> {
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
  const folder = join(testCache(), `python-${hash}`);
  const python = join(folder, "bin", "python");
  const mark = join(folder, "complete");
  if (!existsSync(mark)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(testCache(), { recursive: true });
    execFileSync("python3", ["-m", "venv", folder], { stdio: "pipe" });
    execFileSync(
      python,
      ["-m", "pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check", "-r", requirements],
      { stdio: "pipe" },
    );
    writeFileSync(mark, "");
  }
  return { python, folder };
}
