import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { AppError, isAppError } from "../../platform/errors.ts";
import { fetchUv } from "./fetch-uv.ts";
import type { FetchUvOptions } from "./fetch-uv.ts";
import { factsProgram, isFitPython, parseFacts } from "./python-version.ts";
import type { PythonFacts } from "./python-version.ts";
import { ToolError, runTool } from "./run-tool.ts";

/** How environments are made here. */
export type Tooling =
  | { readonly kind: "uv"; readonly uv: string; /** Null: uv installs one. */ readonly python: string | null }
  | { readonly kind: "pip"; readonly python: string };

export interface ToolingOptions extends FetchUvOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly clean: (line: string) => string;
  readonly log: (line: string) => void;
}

/** A tool that says nothing for so long is broken. */
const answerLimitMs = 20_000;
/** The first that knows every option we use. */
const lowestUvMinor = 8;
const pythonNames = ["python3", "python3.13", "python3.12", "python3.11", "python3.14"];

/**
 * uv of the PATH, else our pinned one from the index, else a fit Python with venv and pip.
 * @throws AppError with the next step when there is neither.
 */
export async function findTooling(options: ToolingOptions): Promise<Tooling> {
  const { log, signal } = options;
  const pythons = await findPythons(options);
  const python = pythons[0]?.executable ?? null;
  log(python === null ? "no fit Python on the PATH" : `Python ${pythons[0]?.version}: ${python}`);
  const uv = await findUv(options);
  if (uv !== null) return { kind: "uv", uv, python };
  try {
    const fetched = await fetchUv(options);
    log("uv: the pinned one from the package index");
    return { kind: "uv", uv: fetched, python };
  } catch (error) {
    signal.throwIfAborted();
    // A wrong checksum is never worked around: somebody is between us and the index.
    if (isAppError(error) && error.code === "checksum_mismatch") throw error;
    log(options.clean(`uv cannot be fetched: ${error instanceof Error ? error.message : String(error)}`));
    const withVenv = pythons.find(({ hasVenv }) => hasVenv);
    if (withVenv) return { kind: "pip", python: withVenv.executable };
    const message =
      "There is neither uv nor Python 3.11 or newer with venv here, and uv cannot be fetched. Install one of them, then install again.";
    throw new AppError(isAppError(error) ? error.code : "hub_unreachable", message, { cause: error });
  }
}

async function findUv(options: ToolingOptions): Promise<string | null> {
  for (const path of onPath("uv", options)) {
    const [, version, major, minor] =
      /^uv ((\d+)\.(\d+)\S*)/m.exec((await ask(path, ["--version"], options)) ?? "") ?? [];
    if (version === undefined) continue;
    options.log(`uv ${version}: ${path}`);
    if (Number(major) > 0 || Number(minor) >= lowestUvMinor) return path;
    options.log("that one is too old");
  }
  return null;
}

/** Fit ones in the order of the PATH; one that can make environments by itself is enough. */
async function findPythons(options: ToolingOptions): Promise<PythonFacts[]> {
  const found: PythonFacts[] = [];
  for (const path of pythonNames.flatMap((name) => onPath(name, options))) {
    const facts = parseFacts((await ask(path, ["-I", "-c", factsProgram], options)) ?? "");
    if (facts === null || !isFitPython(facts, options.architecture)) continue;
    found.push(facts);
    if (facts.hasVenv) break;
  }
  return found;
}

function onPath(name: string, { environment, platform }: ToolingOptions): string[] {
  const home = environment["HOME"];
  const folders = [
    ...(environment["PATH"] ?? "").split(delimiter).filter((folder) => folder.startsWith("/")),
    // What a login shell would add and launchd does not: where uv puts itself, and where Homebrew puts all.
    ...(home === undefined ? [] : [join(home, ".local", "bin"), join(home, ".cargo", "bin")]),
    ...(platform === "darwin" ? ["/opt/homebrew/bin", "/usr/local/bin"] : []),
  ];
  const paths = [...new Set(folders)].map((folder) => join(folder, name)).filter(isExecutable);
  // Without Apple's command line tools that one opens a dialog that offers them; with them it is too old.
  return platform === "darwin" ? paths.filter((path) => path !== "/usr/bin/python3") : paths;
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
async function ask(file: string, words: readonly string[], options: ToolingOptions): Promise<string | null> {
  const { environment, signal, clean } = options;
  try {
    return await runTool({ file, words, environment, signal, clean, limitMs: answerLimitMs });
  } catch (error) {
    if (error instanceof ToolError) return null;
    throw error;
  }
}
