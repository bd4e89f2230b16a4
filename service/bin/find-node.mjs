import { spawnSync } from "node:child_process";
import { realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { cachedNode, fetchNode, makeFolder, nodeCacheFolder } from "./fetch-node.mjs";
import { nodePackages } from "./node-packages.mjs";
import { nodePlaces } from "./node-places.mjs";
import { isFit, isSecondChoice, parseVersion, requiredFlags, requiredNode } from "./node-version.mjs";
import { findNpm } from "./npm-program.mjs";
import { InterruptedError, SetupError } from "./setup-error.mjs";
import { step } from "./step.mjs";

/**
 * Finds a Node that runs this program, or fetches one: the running one, the PATH, version managers, Homebrew, our cache,
 * the npm registry. Where no 22 can be had, a later line is used, which then has to run with the returned flags.
 * Plain JavaScript for Node 18, without dependencies: it runs before anything is installed.
 *
 * @param {object} options every part can be given by a test; the defaults are this process and this machine
 * @param {{path: string, version: string}} [options.running] the Node that runs us
 * @param {(text: string) => void} [options.write] gets one line per step; nothing when nothing had to be done
 * @returns {Promise<{path: string, version: string, flags: string[], isRunning: boolean}>}
 * @throws {SetupError} no Node can be had; the message says what to do
 * @throws {InterruptedError} a signal came while fetching
 */
export async function findOrFetchNode(options = {}) {
  const surroundings = {
    env: process.env,
    home: process.env.HOME || homedir(),
    platform: process.platform,
    running: { path: process.execPath, version: process.version },
    nodePackage: nodePackages[`${process.platform}-${process.arch}`],
    places: nodePlaces,
    write: () => {},
    ...options,
  };
  const { found, secondChoice } = searchMachine(surroundings);
  if (found !== null) return found;
  return obtain(surroundings, secondChoice);
}

const tryMilliseconds = 10_000;

/**
 * The version that a program reports when it is run, or null for whatever does not answer like a Node in time.
 * A file name proves nothing: shims, broken links and programs for another machine carry the same names.
 */
export function tryNode(path, milliseconds = tryMilliseconds) {
  const options = {
    encoding: "utf8",
    timeout: milliseconds,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "ignore"],
  };
  const answer = spawnSync(path, ["--version"], options);
  return answer.status === 0 ? parseVersion(answer.stdout) : null;
}

/** Stops at the first fit one; remembers the first later one on the way. */
function searchMachine(surroundings) {
  const { running } = surroundings;
  const runningVersion = parseVersion(running.version);
  if (isFit(runningVersion)) return { found: answer(running.path, runningVersion, true), secondChoice: null };
  let secondChoice = isSecondChoice(runningVersion) ? answer(running.path, runningVersion, true) : null;

  const seen = new Set([realPath(running.path)]);
  for (const place of placesWithCache(surroundings)) {
    const path = realPath(place.path);
    const isPromising = place.version === null || isFit(place.version) || isSecondChoice(place.version);
    if (path === null || seen.has(path) || !isPromising) continue;
    seen.add(path);
    const version = tryNode(place.path);
    if (version === null) continue;
    if (isFit(version)) return { found: answer(programBehind(place), version, false), secondChoice };
    if (isSecondChoice(version)) secondChoice ??= answer(programBehind(place), version, false);
  }
  return { found: null, secondChoice };
}

function* placesWithCache(surroundings) {
  yield* surroundings.places(surroundings);
  if (surroundings.nodePackage)
    yield { path: cachedNode(nodeCacheFolder(surroundings), surroundings.nodePackage), version: null };
}

function answer(path, version, isRunning) {
  return { path, version: version.text, flags: requiredFlags(version), isRunning };
}

/** A version manager's shim picks a version by the folder it is called in, so the program behind it is asked for. */
function programBehind({ path, isOnPath }) {
  if (!isOnPath) return path;
  const options = {
    encoding: "utf8",
    timeout: tryMilliseconds,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "ignore"],
  };
  const asked = spawnSync(path, ["-p", "process.execPath"], options);
  const program = asked.status === 0 ? asked.stdout.trim() : "";
  return realPath(program) === null ? path : program;
}

async function obtain(surroundings, secondChoice) {
  const { env, nodePackage, running, write } = surroundings;
  const folder = nodeCacheFolder(surroundings);
  if (secondChoice !== null && hasFailedLately(folder)) return secondChoice;
  try {
    if (!nodePackage)
      throw new SetupError(`no Node for this system can be fetched. Install Node ${requiredNode} and run this again.`);
    const npm = findNpm({ env, nodes: [running.path] });
    const path = await step(write, `fetching Node ${nodePackage.version} into ${folder}`, () =>
      fetchNode({ folder, nodePackage, npm, runner: running.path, env, tryNode }),
    );
    return answer(path, parseVersion(nodePackage.version), false);
  } catch (error) {
    if (secondChoice === null || error instanceof InterruptedError) throw error;
    write(`mlx-manager: using Node ${secondChoice.version} with Maglev off, because ${error.message}\n`);
    rememberFailure(folder, error);
    return secondChoice;
  }
}

/** Without this every command of an offline machine would wait for the registry again. */
const retryMilliseconds = 10 * 60 * 1000;
const failureFile = "fetch-failed";

function hasFailedLately(folder) {
  const status = statSync(join(folder, failureFile), { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs < retryMilliseconds;
}

/** The note only saves time; where it cannot be written, for instance in a read-only home, the next run tries again. */
function rememberFailure(folder, error) {
  try {
    makeFolder(folder);
    rmSync(join(folder, failureFile), { force: true });
    writeFileSync(join(folder, failureFile), `${error.message}\n`);
  } catch (writeError) {
    if (writeError.code === undefined) throw writeError;
  }
}

function realPath(path) {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error.code === undefined) throw error;
    return null;
  }
}
