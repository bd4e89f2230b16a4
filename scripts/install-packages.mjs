import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { findNpm, npmEnvironment } from "../service/bin/npm-program.mjs";
import { runChild } from "../service/bin/run-child.mjs";
import { InterruptedError, SetupError } from "../service/bin/setup-error.mjs";
import { step } from "../service/bin/step.mjs";
import { withInstallLock } from "./install-lock.mjs";

/**
 * Runs `npm ci` in each folder whose lock changed since the last time; silent and without npm when none did.
 * Two at once: one installs, the other waits and finds the work done.
 * @param {{root: string, folders: string[], node: {path: string, version: string}, env: Record<string, string | undefined>,
 *   write: (text: string) => void}} options folders are relative to the root, "" is the root itself
 * @throws {SetupError} when npm fails; its own output is part of the message
 * @throws {InterruptedError} a signal came meanwhile
 */
export async function installPackages({ root, folders, node, env, write }) {
  const isDue = (folder) => !isInstalled(join(root, folder), node);
  if (!folders.some(isDue)) return;
  const npm = findNpm({ env, nodes: [process.execPath, node.path] });
  await withInstallLock({ file: join(root, ".install-lock"), write }, async () => {
    for (const folder of folders.filter(isDue)) {
      const text = `installing the packages of ${folder === "" ? "the workspace" : folder}`;
      await step(write, text, () => install({ folder: join(root, folder), npm, node, env }));
    }
  });
}

function stampFile(folder) {
  return join(folder, "node_modules", ".installed");
}

function isInstalled(folder, node) {
  const file = stampFile(folder);
  return existsSync(file) && readFileSync(file, "utf8") === stamp(folder, node);
}

/** Native parts are chosen by system and Node line at install time, so a lock alone does not tell whether they fit. */
function stamp(folder, node) {
  const lock = join(folder, "package-lock.json");
  if (!existsSync(lock)) throw new SetupError(`${lock} is missing. Restore it (git checkout) and run this again.`);
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex");
  return `${hash} node-${node.version.split(".")[0]} ${process.platform}-${process.arch}\n`;
}

/** The stamp goes first and comes back last: an install cut short at any moment is done again. */
async function install({ folder, npm, node, env }) {
  const expected = stamp(folder, node);
  rmSync(stampFile(folder), { force: true });
  // Install scripts stay off: everything we use works without them, and nothing gets to run or compile by surprise.
  // Short pauses between retries: without a network the reason shows after seconds instead of a silent minute.
  const settings = "--ignore-scripts --include=dev --include=optional --no-audit --no-fund --loglevel=error";
  const retries = "--fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000";
  const parameters = ["ci", ...settings.split(" "), ...retries.split(" ")];
  const result = await runChild(node.path, [npm, ...parameters], {
    cwd: folder,
    env: npmEnvironment(env, node.path),
    capture: true,
  });
  if (result.interrupted !== null) throw new InterruptedError(result.interrupted);
  if (result.code !== 0) throw new SetupError(`${failure(folder, result, env)}\n${lastLines(result.output)}`);
  mkdirSync(dirname(stampFile(folder)), { recursive: true });
  writeFileSync(stampFile(folder), expected);
}

function failure(folder, result, env) {
  const reason = result.signal ?? `exit code ${result.code}`;
  const cache = env.npm_config_cache || join(env.HOME || homedir(), ".npm");
  const blocked = [
    { path: cache, cure: "Set npm_config_cache to a folder that you can write to" },
    { path: folder, cure: "Make it writable for you" },
  ].find(({ path }) => !canWrite(path));
  if (blocked)
    return `npm ci failed in ${folder} (${reason}): the folder ${blocked.path} cannot be written. ${blocked.cure} and run this again.`;
  return `npm ci failed in ${folder} (${reason}). Check the network, or the npm registry and proxy settings, and run this again.`;
}

/** npm creates its cache, so for a folder that is not there the nearest one above it counts. */
function canWrite(path) {
  if (!existsSync(path) && dirname(path) !== path) return canWrite(dirname(path));
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (error.code === undefined) throw error;
    return false;
  }
}

function lastLines(output) {
  return output.trim().split("\n").slice(-30).join("\n");
}
