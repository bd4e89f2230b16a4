import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import { timestamp } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";
import { takeBuildLock } from "./build-lock.ts";
import {
  environmentPath,
  folderSize,
  pythonOf,
  readComplete,
  removeEnvironment,
  writeComplete,
} from "./environment-folder.ts";
import type { Complete } from "./environment-folder.ts";
import type { EngineLock } from "./lock-file.ts";
import { readPackageIndex, toolEnvironment } from "./package-index.ts";
import { ToolError, explainToolFailure, runTool } from "./run-tool.ts";
import { findTooling } from "./tooling.ts";
import type { Tooling } from "./tooling.ts";

export interface InstallInput {
  readonly engine: string;
  /** Modules whose import proves the environment. */
  readonly modules: readonly string[];
  readonly lock: EngineLock;
  readonly enginesPath: string;
  readonly enginesFolder: string;
  readonly offline: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly architecture: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly progress: (phase: string, done?: number, total?: number) => void;
}

/** The Python that uv installs where none is. */
const installedPython = "3.12";

/**
 * Builds the environment of one lock in place and proves it by importing the engine; the mark of completeness comes
 * last. A whole folder is taken as it is. What failed or was cancelled leaves no folder.
 * @throws AppError with the next step, or the signal's reason.
 */
export async function installEnvironment(input: InstallInput): Promise<Complete> {
  const { engine, lock, enginesPath, signal, log, clock } = input;
  const folder = environmentPath(enginesPath, engine, lock.hash);
  const release = await takeBuildLock(folder, clock, signal, () =>
    log("another service is building this environment; waiting"),
  );
  try {
    const whole = readComplete(folder, engine, lock.hash);
    if (whole) {
      log("the environment is already here");
      return whole;
    }
    if (input.offline)
      throw new AppError("offline", "Offline mode is on, and the engine is not here yet. Turn it off to install.");
    if (existsSync(folder)) removeEnvironment(folder);
    try {
      return await build(input, folder);
    } catch (error) {
      removeEnvironment(folder);
      throw error instanceof ToolError ? explainToolFailure(error) : error;
    }
  } finally {
    release();
  }
}

async function build(input: InstallInput, folder: string): Promise<Complete> {
  const { engine, lock, enginesPath, enginesFolder, environment, signal, log, progress, clock } = input;
  const index = readPackageIndex(environment);
  const toolingPath = join(enginesPath, ".tooling");
  const tools = toolEnvironment({ ...environment, UV_PYTHON_INSTALL_DIR: join(toolingPath, "python") }, index);
  mkdirSync(join(folder, ".."), { recursive: true, mode: 0o700 });
  progress("finding tools");
  const { platform, architecture } = input;
  const tooling = await findTooling({
    enginesFolder,
    toolingPath,
    platform,
    architecture,
    index,
    signal,
    environment: tools,
    log,
  });
  const run = (file: string, words: readonly string[], onLine: (line: string) => void = () => undefined) =>
    runTool({ file, words, environment: tools, signal, onLine: (line) => (log(line), onLine(line)) });

  progress("creating the environment");
  await createVenv(tooling, folder, run, progress);
  const total = lock.packages.size;
  progress("installing packages", 0, total);
  let done = 0;
  const count = (line: string) => {
    if (!/^\s*\+ |^Collecting |Downloading |Downloaded |Prepared /.test(line)) return;
    done = Math.min(done + 1, total);
    progress("installing packages", done, total);
  };
  if (tooling.kind === "uv") {
    await run(
      tooling.uv,
      ["pip", "sync", "--require-hashes", "--compile-bytecode", "--python", pythonOf(folder), lock.path],
      count,
    );
  } else {
    await run(
      pythonOf(folder),
      ["-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", lock.path],
      count,
    );
  }

  progress("checking the engine", total, total);
  const check = `import importlib, importlib.metadata, sys\nfor name in ${JSON.stringify(input.modules)}: importlib.import_module(name)\nprint("versions", sys.version.split()[0], importlib.metadata.version(${JSON.stringify(engine)}))`;
  const said = await run(pythonOf(folder), ["-I", "-c", check]);
  const versions = /^versions (\S+) (\S+)$/m.exec(said);
  if (versions?.[2] !== lock.engineVersion) {
    throw new AppError(
      "engine_failed",
      `The environment holds ${engine} ${versions?.[2] ?? "?"} instead of ${lock.engineVersion}. Install again.`,
    );
  }
  const complete: Complete = {
    ...{ engine, version: lock.engineVersion, lockHash: lock.hash, pythonVersion: versions[1] ?? "" },
    ...{ sizeBytes: folderSize(folder), installedAt: timestamp(clock) },
  };
  writeComplete(folder, complete);
  return complete;
}

async function createVenv(
  tooling: Tooling,
  folder: string,
  run: (file: string, words: readonly string[]) => Promise<string>,
  progress: (phase: string) => void,
): Promise<void> {
  if (tooling.kind === "pip") {
    await run(tooling.python, ["-m", "venv", folder]);
    return;
  }
  if (tooling.python === null) {
    progress("installing Python");
    await run(tooling.uv, ["python", "install", installedPython]);
    await run(tooling.uv, ["venv", "--python-preference", "only-managed", "--python", installedPython, folder]);
    return;
  }
  await run(tooling.uv, ["venv", "--python", tooling.python, folder]);
}
