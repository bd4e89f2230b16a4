import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode } from "../../platform/errors.ts";
import { endLeftTool } from "../engines/index.ts";

/** The folders of models that are made here: each in its own, and while it is made in one that nobody sees. */
export interface Workshop {
  /** Where the finished model lies. */
  place(name: string): string;
  exists(name: string): Promise<boolean>;
  /** An empty folder to work in. */
  begin(name: string): Promise<string>;
  /** In one step: there is no moment at which half a model lies in its place. */
  finish(name: string, result: string): Promise<void>;
  /** What is left of work that ended. */
  leave(name: string): Promise<void>;
  removePlace(name: string): Promise<void>;
  /** Ends tools that outlived a killed service, and removes what they made. Call before anything begins. */
  recover(): Promise<void>;
}

export function createWorkshop(modelsPath: string): Workshop {
  const bench = join(modelsPath, ".making");
  const folder = (name: string): string => join(bench, name);
  const place = (name: string): string => join(modelsPath, name);
  return {
    place,
    exists: (name) => isThere(place(name)),
    async begin(name) {
      await rm(folder(name), { recursive: true, force: true });
      await mkdir(folder(name), { recursive: true, mode: 0o700 });
      return folder(name);
    },
    finish: (name, result) => rename(result, place(name)),
    leave: (name) => rm(folder(name), { recursive: true, force: true, maxRetries: 3 }),
    removePlace: (name) => rm(place(name), { recursive: true, force: true }),
    async recover() {
      for (const name of await namesIn(bench)) if (!name.endsWith(".tool")) endLeftTool(folder(name));
      await rm(bench, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Bytes of the files below; what comes and goes meanwhile counts as it is met. */
export async function folderBytes(path: string): Promise<number> {
  let total = 0;
  for (const entry of await entriesIn(path)) {
    if (!entry.isFile()) continue;
    total += (await statOrNull(join(entry.parentPath, entry.name)))?.size ?? 0;
  }
  return total;
}

/** The folder itself, or the nearest above it that is there: a disk can be asked by it. */
export async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    if ((await isThere(folder)) || folder === dirname(folder)) return folder;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await statOrNull(path)) !== null;
}

async function statOrNull(path: string) {
  return await orWhenAbsent(stat(path), null);
}

async function namesIn(path: string): Promise<string[]> {
  return await orWhenAbsent(readdir(path), []);
}

async function entriesIn(path: string) {
  return await orWhenAbsent(readdir(path, { withFileTypes: true, recursive: true }), []);
}

async function orWhenAbsent<Found, Else>(work: Promise<Found>, otherwise: Else): Promise<Found | Else> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return otherwise;
    throw error;
  }
}
