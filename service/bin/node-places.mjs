import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { compareNewestFirst, parseVersion } from "./node-version.mjs";

/** Fedora, Debian and hand-made installs put a second Node beside the first under one of these names. */
const programNames = ["node", "node22", "node-22", "nodejs"];

/** A launcher such as Raycast passes a short PATH, so the usual folders are searched in any case. */
const usualFolders = ["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"];

const homebrewKegs = [
  "/opt/homebrew/opt/node@22/bin",
  "/usr/local/opt/node@22/bin",
  "/home/linuxbrew/.linuxbrew/opt/node@22/bin",
];

/**
 * Every path at which a Node may lie, best guess first, without running anything.
 * Yields `{path, version, isOnPath?}`; the version is null where only running the program can tell.
 * @param {{env: Record<string, string | undefined>, home: string}} surroundings
 */
export function* nodePlaces({ env, home }) {
  const pathFolders = (env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const place of programsIn(pathFolders)) yield { ...place, isOnPath: true };
  for (const store of versionStores(env, home)) yield* storedVersions(store);
  yield* programsIn(homebrewKegs);
  yield* programsIn(usualFolders);
}

function* programsIn(folders) {
  for (const folder of folders) for (const name of programNames) yield { path: join(folder, name), version: null };
}

/** Where version managers keep their copies: a folder with one entry per version, and the program below an entry. */
function versionStores(env, home) {
  const data = env.XDG_DATA_HOME || join(home, ".local", "share");
  const stores = (folders, inside) => folders.filter(Boolean).map((folder) => ({ folder, inside }));
  return [
    ...stores(
      [env.NVM_DIR || join(home, ".nvm"), join(env.XDG_CONFIG_HOME || join(home, ".config"), "nvm")].map(
        below("versions/node"),
      ),
      "bin/node",
    ),
    ...stores(
      [env.FNM_DIR, join(data, "fnm"), join(home, "Library", "Application Support", "fnm"), join(home, ".fnm")].map(
        below("node-versions"),
      ),
      "installation/bin/node",
    ),
    ...stores([env.VOLTA_HOME || join(home, ".volta")].map(below("tools/image/node")), "bin/node"),
    ...stores([env.ASDF_DATA_DIR || join(home, ".asdf")].map(below("installs/nodejs")), "bin/node"),
    ...stores([env.MISE_DATA_DIR || join(data, "mise")].map(below("installs/node")), "bin/node"),
    ...stores([env.N_PREFIX, "/usr/local"].map(below("n/versions/node")), "bin/node"),
    ...stores([env.NODENV_ROOT || join(home, ".nodenv")].map(below("versions")), "bin/node"),
    ...stores([env.NODEBREW_ROOT || join(home, ".nodebrew")].map(below("node")), "bin/node"),
  ];
}

function below(part) {
  return (folder) => (folder ? join(folder, part) : "");
}

function* storedVersions({ folder, inside }) {
  const versions = listFolder(folder)
    .map((entry) => ({ entry, version: parseVersion(entry) }))
    .filter(({ version }) => version !== null)
    .sort((left, right) => compareNewestFirst(left.version, right.version));
  for (const { entry, version } of versions) yield { path: join(folder, entry, inside), version };
}

/** A version manager that is not installed has no folder, and one that we may not read is as good as absent. */
function listFolder(folder) {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(error.code)) return [];
    throw error;
  }
}
