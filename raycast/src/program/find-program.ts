import { accessSync, constants, readdirSync } from "node:fs";
import { join } from "node:path";
import { homeFolder } from "../api/place.ts";

const NAME = "mlx-manager";

/**
 * Where `npm install --global` and Homebrew put the program. Raycast is started by launchd without the user's PATH, so the
 * usual places are looked at by their full names.
 */
export function findProgram(): string | undefined {
  return programPlaces(homeFolder()).find(isProgram);
}

function programPlaces(home: string): string[] {
  const fixed = [
    "/opt/homebrew/bin",
    "/usr/local/bin",
    join(home, ".local/bin"),
    join(home, ".npm-global/bin"),
    join(home, ".npm-packages/bin"),
    join(home, ".volta/bin"),
    join(home, ".asdf/shims"),
    join(home, ".local/share/mise/shims"),
    join(home, "Library/pnpm"),
    join(home, ".bun/bin"),
    join(home, "n/bin"),
  ];
  const perVersion = [
    { folder: join(home, ".nvm/versions/node"), bin: "bin" },
    { folder: join(home, ".local/share/fnm/node-versions"), bin: "installation/bin" },
    { folder: join(home, "Library/Application Support/fnm/node-versions"), bin: "installation/bin" },
    { folder: join(home, ".local/share/mise/installs/node"), bin: "bin" },
  ];
  const versions = perVersion.flatMap(({ folder, bin }) => newestFirst(folder).map((name) => join(folder, name, bin)));
  return [...fixed, ...versions].map((folder) => join(folder, NAME));
}

function newestFirst(folder: string): string[] {
  try {
    return readdirSync(folder).sort((one, other) => other.localeCompare(one, "en", { numeric: true }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "EPERM") return [];
    throw error;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the next place is looked at.
    return false;
  }
}
