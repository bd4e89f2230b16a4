import { lstat, readFile, readdir, rmdir, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ModelCleaning } from "../../../contract/library.ts";
import type { Clock } from "../../../platform/clock.ts";
import { systemCode } from "../../../platform/errors.ts";
import type { Log } from "../../../platform/log.ts";
import { folderOfId, listRepositories } from "../cache/cache-layout.ts";
import type { Deletion } from "./deletion.ts";
import { isAbsent } from "../json-file.ts";
import type { Leases } from "../leases.ts";
import type { Looks } from "../looks.ts";
import type { Scanner } from "../cache/scanner.ts";
import type { SharedStore } from "../cache/shared-store.ts";
import { statOrNull } from "../cache/snapshot-files.ts";
import type { Litter } from "../worker/litter.ts";

/** Parts of our own downloads that nobody will continue; the downloads know which. */
export interface StaleParts {
  list(): Promise<readonly StalePart[]>;
  /** Removes what `list` tells of. @returns what was removed. */
  clean(): Promise<readonly StalePart[]>;
}

export interface StalePart {
  readonly model: string;
  readonly bytes: number;
}

export interface CleaningOptions {
  readonly cachePath: string;
  readonly deletion: Deletion;
  readonly leases: Leases;
  readonly looks: Looks;
  readonly scanner: Scanner;
  readonly store: SharedStore;
  readonly isDownloading: (id: string) => boolean;
  readonly staleParts: StaleParts;
  readonly clock: Clock;
  readonly log: Log;
}

type Item = ModelCleaning["items"][number];

/** Lists, or removes, what downloads left behind. What is in use, or has changed since it was listed, stays. */
export function createCleaning(options: CleaningOptions): (dryRun: boolean) => Promise<ModelCleaning> {
  const { cachePath, deletion, leases, looks, scanner, store, isDownloading, staleParts, clock, log } = options;

  const isInUse = ({ model }: Litter): boolean =>
    model !== null && (isDownloading(model) || leases.reasons(model).length > 0);

  const find = async (): Promise<Litter[]> => {
    const locked = await lockedFiles();
    const litter = (await scanner.litter(await listRepositories(cachePath), clock.now())).filter(
      (item) => !isInUse(item),
    );
    const kept: Litter[] = [];
    for (const item of litter) {
      if (item.kind === "foreign-part" && (await isLocked(cachePath, item, locked))) continue;
      if (item.kind === "unused-shared-blob" && !(await store.isUnused(item.path, ""))) continue;
      kept.push(item);
    }
    return kept;
  };

  const remove = async (item: Litter): Promise<boolean> => {
    try {
      if (isInUse(item) || (await lstat(item.path)).mtimeMs !== item.modifiedMs) return false;
      if (item.kind === "empty-repository") await removeEmpty(item.path);
      else if (item.kind === "unused-shared-blob") return await store.sweep(item.path);
      else await unlink(item.path);
      return true;
    } catch (error) {
      if (!isAbsent(error) && !["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? ""))
        log.warn({ error, model: item.model, kind: item.kind }, "this cannot be cleaned");
      return false;
    }
  };

  /** They lie in a hidden folder of their repository. */
  const ownPart = ({ model, bytes }: StalePart): Item => ({
    kind: "own-part",
    model,
    path: join(cachePath, folderOfId(model)),
    sizeBytes: bytes,
  });

  return async (dryRun) => {
    const found = await find();
    if (dryRun) return cleaning(dryRun, [...(await staleParts.list()).map(ownPart), ...found.map(shown)]);
    const removed = await deletion.inTurn(async () => {
      const gone: Litter[] = [];
      for (const item of found) if (await remove(item)) gone.push(item);
      return gone;
    });
    const own = (await staleParts.clean()).map(ownPart);
    await looks.all();
    return cleaning(dryRun, [...own, ...removed.map(shown)]);
  };
}

function cleaning(dryRun: boolean, items: Item[]): ModelCleaning {
  return { dryRun, items, bytes: items.reduce((total, { sizeBytes }) => total + sizeBytes, 0) };
}

function shown({ kind, model, path, sizeBytes }: Litter): Item {
  return { kind, model, path, sizeBytes };
}

/** Only folders go, from the bottom up: a file that came meanwhile keeps all that leads to it. */
async function removeEmpty(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmpty(join(folder, entry.name));
  }
  await rmdir(folder);
}

/** Other clients hold a lock of the file system on `.locks/<repository>/<etag>.lock` while they write. */
async function isLocked(cachePath: string, { path }: Litter, locked: ReadonlySet<number>): Promise<boolean> {
  if (locked.size === 0) return false;
  const [etag = ""] = basename(path).split(".");
  const repository = basename(join(path, "..", ".."));
  const lock = await statOrNull(join(cachePath, ".locks", repository, `${etag}.lock`));
  return lock !== null && locked.has(lock.ino);
}

/** Inodes that somebody holds a lock on. Only Linux tells; elsewhere the age of a day has to do. */
async function lockedFiles(): Promise<Set<number>> {
  try {
    const text = await readFile("/proc/locks", "utf8");
    return new Set([...text.matchAll(/ [0-9a-f]+:[0-9a-f]+:(\d+) /g)].map(([, inode]) => Number(inode)));
  } catch (error) {
    if (isAbsent(error) || systemCode(error) === "EACCES") return new Set();
    throw error;
  }
}
