import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join, sep } from "node:path";
import { systemCode } from "../../platform/errors.ts";
import type { SharedFile } from "./shared-files.ts";

/**
 * Opens a file of a snapshot for reading. It must end, all links followed, at a regular file inside the cache and be as
 * long and as old as when it was checked: whoever can place a link in the cache must not make us publish another file by it.
 * @returns null when it is not there any more, or is not what it was.
 */
export async function openShared(
  cachePath: string,
  snapshotPath: string,
  { localPath, sizeBytes, untilMs }: SharedFile,
): Promise<FileHandle | null> {
  let handle: FileHandle | null = null;
  try {
    const root = await realpath(cachePath);
    const path = await realpath(join(snapshotPath, localPath));
    if (!path.startsWith(root + sep)) return null;
    // What was resolved is opened: a link that took its place in between is not followed.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (facts.isFile() && facts.size === sizeBytes && facts.mtimeMs <= untilMs) return handle;
  } catch (error) {
    await handle?.close();
    if (["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "ENXIO"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
  await handle.close();
  return null;
}

/** The text of a small file; null for one that is not there or larger than `limitBytes`. */
export async function readShared(
  cachePath: string,
  snapshotPath: string,
  file: SharedFile | undefined,
  limitBytes: number,
): Promise<string | null> {
  if (file === undefined || file.sizeBytes > limitBytes) return null;
  const handle = await openShared(cachePath, snapshotPath, file);
  if (handle === null) return null;
  try {
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
