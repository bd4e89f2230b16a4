import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";
import type { EngineDefinition } from "./definitions.ts";
import { environmentPath, folderSize, pythonOf, readComplete } from "./environment-folder.ts";
import { removeEnvironment, writeComplete } from "./environment-folder.ts";
import type { Complete } from "./environment-folder.ts";
import { waitForChange } from "./environment-lock.ts";
import { createCredentialFilter } from "./hide-credentials.ts";
import { explainInstallFailure } from "./install-failures.ts";
import { endLeftTool, forgetTool, noteTool } from "./left-tool.ts";
import { createInstallCounter } from "./install-output.ts";
import type { EngineLock } from "./lock-file.ts";
import { readPackageIndex, secretAddresses, toolEnvironment } from "./package-index.ts";
import type { PackageIndex } from "./package-index.ts";
import { proveEnvironment } from "./prove-environment.ts";
import { ToolError, runTool } from "./run-tool.ts";
import { findTooling } from "./tooling.ts";
import type { Tooling } from "./tooling.ts";

export interface InstallOptions {
  readonly engine: string;
  readonly definition: EngineDefinition;
  readonly lock: EngineLock;
  readonly enginesPath: string;
  /** `service/engines`: holds tooling.json. */
  readonly enginesFolder: string;
  readonly offline: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly architecture: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly progress: (phase: string, done?: number, total?: number) => void;
  /** Whether a server of ours runs from this environment. */
  readonly isInUse: () => boolean;
}

/** The Python that uv installs where none is. */
const installedPython = "3.12";

/** What every step of an installation runs programs with. */
interface Tools {
  readonly index: PackageIndex;
  readonly environment: Readonly<Record<string, string>>;
  readonly clean: (text: string) => string;
  readonly run: (file: string, words: readonly string[], onLine?: (line: string) => void) => Promise<string>;
}

/**
 * Sees to it that the environment of one lock is there and works. It is built in place, since an environment cannot be
 * moved; the mark of completeness comes last. A whole one is only proven. What failed or was cancelled leaves no folder.
 * @throws AppError with the next step, or the signal's reason.
 */
export async function installEnvironment(options: InstallOptions): Promise<Complete> {
  const { engine, lock, enginesPath, signal, log, clock } = options;
  const folder = environmentPath(enginesPath, engine, lock.hash);
  const tools = createTools(options, folder, () => undefined);
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    const damaged = readComplete(folder, engine, lock.hash);
    if (damaged !== null && (await isProven(options, folder, tools))) return damaged;
    if (damaged !== null && options.isInUse()) {
      throw new AppError(
        "conflict",
        "The engine is damaged, and a server runs from it. Stop its servers, then install again.",
      );
    }
    const change = await waitForChange(folder, clock, signal, () => {
      log("another service builds or runs this environment; waiting for it");
      options.progress("waiting for another service");
    });
    try {
      const whole = readComplete(folder, engine, lock.hash);
      if (whole !== null && whole.installedAt !== damaged?.installedAt) {
        log("another service has built the environment meanwhile");
        return whole;
      }
      if (options.offline) throw offlineError();
      // Left by a crash, with a tool that may still write into it; or damaged.
      endLeftTool(folder);
      await removeEnvironment(folder);
      return await build(
        options,
        folder,
        createTools(options, folder, (pid) => noteTool(folder, pid)),
      );
    } finally {
      forgetTool(folder);
      change.release();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw explainInstallFailure(error);
  }
}

function createTools(options: InstallOptions, folder: string, onStart: (pid: number) => void): Tools {
  const { signal, log } = options;
  const index = readPackageIndex(options.environment);
  const clean = createCredentialFilter(secretAddresses(index));
  const pythons = { UV_PYTHON_INSTALL_DIR: join(toolingPath(options), "python") };
  const environment = { ...toolEnvironment(options.environment, index), ...pythons };
  return {
    ...{ index, environment, clean },
    run: (file, words, onLine) =>
      runTool({
        ...{ file, words, environment, signal, clean, folder: dirname(folder), onStart },
        onLine: (line) => {
          log(line);
          onLine?.(line);
        },
      }),
  };
}

/** Fetched tools, for all engines. */
function toolingPath({ enginesPath }: InstallOptions): string {
  return join(enginesPath, ".tooling");
}

export function offlineError(): AppError {
  return new AppError("offline", "Offline mode is on, and the engine is not here yet. Turn it off to install.");
}

/** Whether the whole environment still works; files may have been taken out of it since it was made. */
async function isProven(options: InstallOptions, folder: string, tools: Tools): Promise<boolean> {
  const { definition, lock, log, progress } = options;
  progress("checking the engine");
  try {
    await proveEnvironment((words) => tools.run(pythonOf(folder), words), definition, lock);
    log("the environment is here and works");
    return true;
  } catch (error) {
    if (!(error instanceof ToolError) && !(error instanceof AppError)) throw error;
    log("the environment is here but does not work; it is built anew");
    return false;
  }
}

async function build(options: InstallOptions, folder: string, tools: Tools): Promise<Complete> {
  const { engine, definition, lock, progress, clock, signal } = options;
  const total = lock.packages.size;
  try {
    progress("finding tools");
    const tooling = await findTooling({ ...options, ...tools, toolingPath: toolingPath(options) });
    progress("creating the environment");
    await createVenv(tooling, folder, tools, progress);
    progress("downloading packages", 0, total);
    const count = createInstallCounter(total);
    await tools.run(...installCommand(tooling, folder, lock, tools.index.noIndex), (line) => {
      const now = count(line);
      if (now !== null) progress(now.phase, now.done, total);
    });
    progress("checking the engine", total, total);
    const pythonVersion = await proveEnvironment((words) => tools.run(pythonOf(folder), words), definition, lock);
    const complete: Complete = {
      ...{ engine, version: lock.engineVersion, lockHash: lock.hash, pythonVersion },
      ...{ sizeBytes: await folderSize(folder), installedAt: timestamp(clock) },
    };
    signal.throwIfAborted();
    await writeComplete(folder, complete);
    return complete;
  } catch (error) {
    await removeEnvironment(folder);
    throw error;
  }
}

function installCommand(
  tooling: Tooling,
  folder: string,
  lock: EngineLock,
  noIndex: boolean,
): [file: string, words: string[]] {
  const python = pythonOf(folder);
  if (tooling.kind === "pip") {
    return [python, ["-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", lock.path]];
  }
  // No byte code ahead of time: it takes four times as long as all the rest, and the check below compiles what is used.
  const words = ["pip", "sync", "--require-hashes", "--only-binary", ":all:", "--python", python];
  // pip takes that one from its variable, uv has none for it.
  return [tooling.uv, [...words, ...(noIndex ? ["--no-index"] : []), lock.path]];
}

async function createVenv(
  tooling: Tooling,
  folder: string,
  { run }: Tools,
  progress: (phase: string) => void,
): Promise<void> {
  if (tooling.kind === "pip") {
    await run(tooling.python, ["-m", "venv", folder]);
  } else if (tooling.python !== null) {
    await run(tooling.uv, ["venv", "--no-project", "--python", tooling.python, folder]);
  } else {
    progress("installing Python");
    await run(tooling.uv, ["python", "install", "--no-bin", installedPython]);
    await run(tooling.uv, ["venv", "--no-project", "--managed-python", "--python", installedPython, folder]);
  }
}
