import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../service/src/platform/clock.ts";
import { waitForChange } from "../../service/src/serving/engines/environment-lock.ts";
import { testCache } from "./engine-environment.ts";

const requirements = fileURLToPath(new URL("../python/requirements.txt", import.meta.url));

/** A Python environment with the hashed packages of `test/python/requirements.txt`, made once per machine. */
export async function pythonEnvironment(): Promise<{ readonly python: string; readonly folder: string }> {
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
  const folder = join(testCache(), `python-${hash}`);
  const python = join(folder, "bin", "python");
  const mark = join(folder, "complete");
  if (existsSync(mark)) return { python, folder };
  const lock = await waitForChange(folder, systemClock, new AbortController().signal, () => undefined);
  try {
    if (!existsSync(mark)) build(folder, python);
    writeFileSync(mark, "");
  } finally {
    lock.release();
  }
  return { python, folder };
}

function build(folder: string, python: string): void {
  const words = ["-m", "pip", "install", "--quiet", "--require-hashes", "--disable-pip-version-check"];
  rmSync(folder, { recursive: true, force: true });
  execFileSync("python3", ["-m", "venv", folder], { stdio: "pipe" });
  execFileSync(python, [...words, "-r", requirements], { stdio: "pipe" });
}
