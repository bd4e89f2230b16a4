import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { SetupError } from "./setup-error.mjs";

/**
 * The npm-cli.js of the caller, to be run by a Node of our choice: the packages that hold a Node hold no npm.
 * @param {{env: Record<string, string | undefined>, nodes: string[]}} where environment and Node programs to look beside
 * @returns {string} absolute path of npm-cli.js
 * @throws {SetupError} when there is none
 */
export function findNpm({ env, nodes }) {
  for (const candidate of npmPlaces(env, nodes)) {
    const file = realFile(candidate);
    // Under pnpm and yarn npm_execpath names their own program.
    if (file !== null && basename(file) === "npm-cli.js") return file;
  }
  throw new SetupError("npm was not found. Install Node with npm from https://nodejs.org and run this again.");
}

/**
 * The environment for an npm of ours inside `npm start`. The outer npm exports its own run (workspace, omit, dry-run,
 * global, package and script names) to every child; only what describes the network, the account and the cache may pass.
 */
export function npmEnvironment(env, nodePath) {
  const kept = Object.entries(env).filter(([name]) => !isOuterRun(name));
  const ours = { PATH: withFolderFirst(env.PATH, dirname(nodePath)), npm_config_update_notifier: "false" };
  return { ...Object.fromEntries(kept), ...ours };
}

/** PATH with one folder first, unchanged when it is there already. */
export function withFolderFirst(path, folder) {
  const folders = (path ?? "").split(delimiter).filter(Boolean);
  return folders[0] === folder ? path : [folder, ...folders].join(delimiter);
}

const keptSettings = new Set(
  (
    "registry replace_registry_host proxy https_proxy http_proxy noproxy ca cafile cert key certfile keyfile strict_ssl " +
    "cache userconfig globalconfig maxsockets local_address offline prefer_offline prefer_online " +
    "fetch_retries fetch_retry_factor fetch_retry_mintimeout fetch_retry_maxtimeout fetch_timeout"
  ).split(" "),
);

const outerNames = new Set(["npm_command", "npm_execpath", "npm_node_execpath", "INIT_CWD", "NODE"]);

function isOuterRun(name) {
  if (outerNames.has(name) || /^npm_(package|lifecycle)_/i.test(name)) return true;
  const setting = /^npm_config_(.*)$/i.exec(name)?.[1].toLowerCase().replace(/-/g, "_");
  if (setting === undefined) return false;
  // "@scope:registry" and "//host/:_authtoken" are settings of a registry too.
  return !(keptSettings.has(setting) || setting.startsWith("//") || /^@.*:registry$/.test(setting));
}

function* npmPlaces(env, nodes) {
  if (env.npm_execpath) yield env.npm_execpath;
  for (const node of nodes) yield join(dirname(realFile(node) ?? node), "../lib/node_modules/npm/bin/npm-cli.js");
  for (const folder of (env.PATH ?? "").split(delimiter).filter(Boolean)) yield join(folder, "npm");
  yield askedPath(env);
}

/** A version manager's npm is a shim of its own; asked, it tells where the real one lies. */
function askedPath(env) {
  const options = {
    env,
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "ignore"],
  };
  const asked = spawnSync("npm", ["exec", "--offline", "-c", 'echo "$npm_execpath"'], options);
  return asked.status === 0 ? asked.stdout.trim() : "";
}

function realFile(path) {
  return path !== "" && existsSync(path) ? realpathSync(resolve(path)) : null;
}
