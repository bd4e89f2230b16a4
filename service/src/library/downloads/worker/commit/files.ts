import { mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { AppError, systemCode } from "../../../../platform/errors.ts";
import type { RepositoryLayout } from "../../layout.ts";
import { withdraw } from "./intent.ts";

/** Size of the file, links followed; null where there is none. */
export async function fileSize(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Files of ours that are gone, although nobody but us has a use for them. */
export function filesRemoved(cause?: unknown): AppError {
  return new AppError("conflict", "Another program removed files of this download. Try again.", { cause });
}

/** Makes the entries of a folder survive a power cut. Network file systems may refuse; then there is nothing to do. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!["EINVAL", "ENOTSUP", "EISDIR", "EPERM"].includes(systemCode(error) ?? "")) throw error;
  } finally {
    await handle.close();
  }
}

/** Writes aside, then renames: readers see the old content or the new one, never a part. */
export async function replaceFile(path: string, aside: string, content: string, mode = 0o666): Promise<void> {
  await rm(aside, { force: true });
  const handle = await open(aside, "wx", mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, path);
}

/** The folders a download needs. `snapshots` too: scans of other tools call a repository without it corrupt. */
export async function makeFolders(layout: RepositoryLayout): Promise<void> {
  await mkdir(layout.parts, { recursive: true });
  await mkdir(layout.snapshots, { recursive: true });
}

/**
 * Removes what belongs to one download, also what a broken commit has moved, then folders that are empty. A repository in which any file or link is left,
 * ours or foreign, keeps its folders: another client may be at work in them.
 * @param isShared another download of ours is at work in the repository: its folders stay, and so does every blob.
 */
export async function discardDownload(layout: RepositoryLayout, downloadId: string, isShared = false): Promise<void> {
  if (!isShared) await withdraw(layout, downloadId);
  for (const name of await entriesOf(layout.parts)) {
    const isOurs = name.startsWith(`${downloadId}.`) || name.endsWith(`.${downloadId}.part`);
    if (isOurs) await rm(`${layout.parts}/${name}`, { recursive: true, force: true });
  }
  if (isShared) return;
  await removeIfEmpty(layout.parts);
  const known = [layout.snapshots, layout.blobs, layout.trees, layout.refs];
  const left = (await entriesOf(layout.root)).map((name) => `${layout.root}/${name}`);
  for (const path of left) if (!known.includes(path) || (await entriesOf(path)).length > 0) return;
  for (const path of left) await removeIfEmpty(path);
  await removeIfEmpty(layout.root);
}

export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isMissing(error) && !["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
