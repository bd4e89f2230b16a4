import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../service/src/config.ts";
import { systemClock } from "../../service/src/platform/clock.ts";
import { waitForChange } from "../../service/src/serving/engines/environment-lock.ts";
import { readPackageIndex, toolEnvironment } from "../../service/src/serving/engines/package-index.ts";
import { sharedUv, testCache } from "./engine-environment.ts";

export interface PythonEnvironment {
  readonly python: string;
  readonly folder: string;
}

/** A Python environment with the hashed packages of `test/python/requirements.txt`, made once per machine. */
export function pythonEnvironment(): Promise<PythonEnvironment> {
  return environmentOf("python", "requirements.txt");
}

/** The same with the official clients of `test/python/clients.txt`. */
export function pythonClients(): Promise<PythonEnvironment> {
  return environmentOf("clients", "clients.txt");
}

async function environmentOf(name: string, file: string): Promise<PythonEnvironment> {
  const requirements = fileURLToPath(new URL(`../python/${file}`, import.meta.url));
  const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
  const folder = join(testCache(), `${name}-${hash}`);
  const python = join(folder, "bin", "python");
  const mark = join(folder, "complete");
  if (existsSync(mark)) return { python, folder };
  const uv = await sharedUv();
  const lock = await waitForChange(folder, systemClock, new AbortController().signal, () => undefined);
  try {
    if (!existsSync(mark)) build(uv, folder, requirements);
    writeFileSync(mark, "");
  } finally {
    lock.release();
  }
  return { python, folder };
}

function build(uv: string, folder: string, requirements: string): void {
  const { childEnvironment } = readConfig(process.env);
  const env = toolEnvironment(childEnvironment, readPackageIndex(childEnvironment));
  const run = (...words: string[]): unknown => execFileSync(uv, words, { env, stdio: "pipe", cwd: testCache() });
  rmSync(folder, { recursive: true, force: true });
  run("venv", "--no-project", "--python", "python3", folder);
  // Compiled once, not by each of many short programs.
  const words = ["pip", "sync", "--require-hashes", "--compile-bytecode", "--python", join(folder, "bin", "python")];
  try {
    run(...words, requirements);
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? "");
    throw new Error(`${basename(requirements)} could not be installed:\n${said}`, { cause: error });
  }
}
