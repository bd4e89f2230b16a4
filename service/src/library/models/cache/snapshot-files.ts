import { readdirSync, readlinkSync, statSync } from "node:fs";
import { readdir, readlink, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { basename, join } from "node:path";
import { isAbsent } from "../json-file.ts";
import type { ModelFile } from "../local-model.ts";

export interface SnapshotFile extends ModelFile {
  /** Device and inode of the bytes: equal for a blob that several revisions share. */
  readonly bytesKey: string;
  readonly modifiedMs: number;
}

/** Files of a snapshot, links followed; what is listed but not there (a broken link) is left out. Sorted by path. */
export async function listSnapshot(folder: string, below = ""): Promise<SnapshotFile[]> {
  const files: SnapshotFile[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      files.push(...(await listSnapshot(folder, path)));
      continue;
    }
    const facts = await statOrNull(join(folder, path));
    // A linked folder is no part of the layout, and following it could go round in circles.
    if (facts === null || !facts.isFile()) continue;
    files.push(toFile(path, facts, entry.isSymbolicLink() ? await readlink(join(folder, path)) : null));
  }
  return below === "" ? files.sort(byPath) : files;
}

/** The same at once, for threads that have nothing else to do: a tenth of the cost. */
export function readSnapshot(folder: string, below = ""): SnapshotFile[] {
  const files: SnapshotFile[] = [];
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      files.push(...readSnapshot(folder, path));
      continue;
    }
    const facts = statSync(join(folder, path), { throwIfNoEntry: false });
    if (!facts?.isFile()) continue;
    files.push(toFile(path, facts, entry.isSymbolicLink() ? readlinkSync(join(folder, path)) : null));
  }
  return below === "" ? files.sort(byPath) : files;
}

function toFile(path: string, facts: Stats, link: string | null): SnapshotFile {
  return {
    path,
    sizeBytes: facts.size,
    blobId: link === null ? null : basename(link),
    bytesKey: `${facts.dev}:${facts.ino}`,
    modifiedMs: facts.mtimeMs,
  };
}

function byPath(one: SnapshotFile, other: SnapshotFile): number {
  return one.path < other.path ? -1 : 1;
}

export async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Names in a folder; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
