import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { AppError, isAbort, isAppError } from "../../platform/errors.ts";
import { fetchUv } from "./fetch-uv.ts";
import type { FetchUvOptions } from "./fetch-uv.ts";
import { isFitPython, parsePythonVersion } from "./python-version.ts";
import { runTool } from "./run-tool.ts";

/** How environments are made here. */
export type Tooling =
  | { readonly kind: "uv"; readonly uv: string; /** Null: uv installs one. */ readonly python: string | null }
  | { readonly kind: "pip"; readonly python: string };

export interface ToolingOptions extends FetchUvOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/** uv of the PATH, else our pinned one from the index, else a fit Python with venv and pip. */
export async function findTooling(options: ToolingOptions): Promise<Tooling> {
  const { environment, log, signal } = options;
  const python = await findPython(environment, signal);
  log(python === null ? "no Python 3.11 or newer on the PATH" : `Python: ${python}`);
  const own = await findOnPath("uv", environment, signal);
  if (own !== null) {
    log(`uv: ${own}`);
    return { kind: "uv", uv: own, python };
  }
  try {
    const uv = await fetchUv(options);
    log("uv: the pinned one from the package index");
    return { kind: "uv", uv, python };
  } catch (error) {
    if (isAbort(error) || signal.aborted) throw error;
    // A wrong checksum is never worked around: somebody is between us and the index.
    if (isAppError(error) && error.code === "checksum_mismatch") throw error;
    log(`uv cannot be fetched: ${error instanceof Error ? error.message : String(error)}`);
    if (python === null) {
      const message =
        "Neither uv nor Python 3.11 or newer is here, and uv cannot be fetched. Install one of them, then install again.";
      throw new AppError(isAppError(error) ? error.code : "hub_unreachable", message, { cause: error });
    }
    return { kind: "pip", python };
  }
}

async function findPython(environment: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string | null> {
  for (const name of ["python3", "python3.13", "python3.12", "python3.11", "python3.14"]) {
    for (const path of onPath(name, environment)) {
      const code = "import sys, venv, ensurepip; print(sys.version.split()[0])";
      const said = await tryTool(path, ["-I", "-c", code], environment, signal);
      const version = said === null ? null : parsePythonVersion(said);
      if (version !== null && isFitPython(version)) return path;
    }
  }
  return null;
}

async function findOnPath(
  name: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | null> {
  for (const path of onPath(name, environment)) {
    const said = await tryTool(path, ["--version"], environment, signal);
    // `uv pip sync --require-hashes` with system certificates by variable needs a recent uv.
    if (said !== null && Number(/^uv 0\.(\d+)/.exec(said)?.[1] ?? "999") >= 8) return path;
  }
  return null;
}

function onPath(name: string, environment: Readonly<Record<string, string>>): string[] {
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  // Where the service was started by the launcher, the PATH lacks the usual homes of tools.
  const usual = ["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", join(environment["HOME"] ?? "/", ".local", "bin")];
  return [...new Set([...folders, ...usual])].map((folder) => join(folder, name)).filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not for us: the next place is looked at.
  }
}

/** What the program says, or null when it fails: a broken tool is as good as none. */
async function tryTool(
  file: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | null> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
  try {
    return await runTool({ file, words, environment, signal: limit, onLine: () => undefined });
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}
