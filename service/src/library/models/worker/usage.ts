import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RepositoryPlace } from "../cache/scanned-model.ts";
import { referencedBlobs } from "./referenced-blobs.ts";
import { walk } from "./walk.ts";

export interface Usage {
  readonly models: {
    readonly model: string;
    readonly totalBytes: number;
    readonly exclusiveBytes: number;
    readonly foreignBytes: number;
    readonly unusedBytes: number;
  }[];
  readonly totalBytes: number;
  readonly sharedBytes: number;
}

interface Repository {
  readonly id: string;
  /** Bytes by device and inode: a blob that several links or models lead to is one. */
  readonly bytes: Map<string, number>;
  readonly foreignBytes: number;
  readonly unusedBytes: number;
}

/** Measures every model of the cache. The files of the shared store count with each model that links to them. */
export async function measureUsage(places: readonly RepositoryPlace[]): Promise<Usage> {
  const repositories: Repository[] = [];
  for (const { id, location } of places) {
    repositories.push(measure(id, location));
    await nextTurn();
  }
  const owners = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const { bytes } of repositories) {
    for (const [key, size] of bytes) {
      owners.set(key, (owners.get(key) ?? 0) + 1);
      sizes.set(key, size);
    }
  }
  const sumOf = (keys: Iterable<[string, number]>, fits: (key: string) => boolean) =>
    [...keys].reduce((total, [key, size]) => total + (fits(key) ? size : 0), 0);
  return {
    models: repositories
      .map(({ id, bytes, foreignBytes, unusedBytes }) => ({
        model: id,
        totalBytes: sumOf(bytes, () => true),
        exclusiveBytes: sumOf(bytes, (key) => owners.get(key) === 1),
        ...{ foreignBytes, unusedBytes },
      }))
      .filter(({ totalBytes }) => totalBytes > 0)
      .sort((one, other) => other.totalBytes - one.totalBytes),
    totalBytes: sumOf(sizes, () => true),
    sharedBytes: sumOf(sizes, (key) => owners.get(key) !== 1),
  };
}

function measure(id: string, location: string): Repository {
  const bytes = new Map<string, number>();
  const used = referencedBlobs(location);
  let foreignBytes = 0;
  let unusedBytes = 0;
  for (const { path, facts } of walk(location)) {
    const isBlob = path.startsWith("blobs/");
    // A blob may be a link into the shared store. Links of a snapshot lead to blobs, which are counted themselves.
    const target = facts.isSymbolicLink() && isBlob ? statSync(join(location, path), { throwIfNoEntry: false }) : facts;
    if (target === undefined || !target.isFile()) continue;
    bytes.set(`${target.dev}:${target.ino}`, target.size);
    if (!isBlob) continue;
    if (path.endsWith(".incomplete")) foreignBytes += target.size;
    else if (!used.has(basename(path))) unusedBytes += target.size;
  }
  return { id, bytes, foreignBytes, unusedBytes };
}
