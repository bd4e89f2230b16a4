import { access, constants, lstat, open, readFile, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { systemCode } from "../../../../platform/errors.ts";
import type { RepositoryLayout } from "../../layout.ts";
import type { PlannedFile } from "../../messages.ts";
import { isMissing, syncFolder } from "./files.ts";

/**
 * The store of blobs that huggingface_hub 2.0 shares between repositories: `<cache>/blobs/<2 hex>/<xet hash>`. Its
 * payloads belong to everybody, so they are linked to and never written, replaced or removed here.
 */

const marker = ".huggingface-shared-blobs";
/** The only form of the store that we know how to join. */
const markerContent = "1\n";

/**
 * The store's payload for a file, where the store is in use and has it: a regular file of the right size that we may
 * read. Nobody has checked its content; that is the caller's to do before anything is linked to it.
 */
export async function sharedPayload(layout: RepositoryLayout, file: PlannedFile): Promise<string | null> {
  const { xetHash, sizeBytes } = file;
  if (xetHash === null || !/^[0-9a-f]{64}$/.test(xetHash)) return null;
  const store = join(dirname(layout.root), "blobs");
  if (!(await isInUse(store))) return null;
  const payload = join(store, xetHash.slice(0, 2), xetHash);
  try {
    const found = await lstat(payload);
    if (!found.isFile() || found.size !== sizeBytes) return null;
    await access(payload, constants.R_OK);
    return payload;
  } catch (error) {
    if (isMissing(error) || systemCode(error) === "EACCES") return null;
    throw error;
  }
}

async function isInUse(store: string): Promise<boolean> {
  try {
    return (await readFile(join(store, marker), "utf8")) === markerContent;
  } catch (error) {
    if (isMissing(error) || systemCode(error) === "EACCES") return false;
    throw error;
  }
}

/**
 * Makes the repository's blob a link to the payload. The reference is on the disk before the link is: whoever cleans
 * the store counts references, and must not miss one that is about to be used. Python does that under a file lock
 * which Node cannot take, so afterwards we look whether a cleaning crossed us, and do it again.
 * @returns false when it cannot be: no symbolic links here, no right to write in the store, or the payload went away.
 */
export async function linkPayload(
  layout: RepositoryLayout,
  downloadId: string,
  blobId: string,
  payload: string,
): Promise<boolean> {
  const blob = layout.blob(blobId);
  const aside = layout.blobLink(blobId, downloadId);
  const reference = `${basename(layout.root)}/blobs/${blobId}`;
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await rm(aside, { force: true });
      await symlink(relative(layout.blobs, payload), aside);
      await addReference(payload, reference);
      await rename(aside, blob);
      if ((await hasReference(payload, reference)) && (await isFile(payload))) return true;
      // A link to nothing would hide the whole repository from Python.
      await rm(blob, { force: true });
      if (!(await isFile(payload))) return false;
    }
    return false;
  } catch (error) {
    if (!unable.includes(systemCode(error) ?? "")) throw error;
    await rm(aside, { force: true });
    return false;
  }
}

const attempts = 3;
const unable = ["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP", "EACCES", "EROFS", "EINVAL", "ELOOP"];

async function addReference(payload: string, reference: string): Promise<void> {
  const path = `${payload}.refs`;
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o666);
  try {
    const text = await handle.readFile("utf8");
    if (text.split("\n").includes(reference)) return;
    // One write, so that lines of two programs never mix; one that a crash cut off must not swallow ours.
    const isCut = text !== "" && !text.endsWith("\n");
    await handle.appendFile(`${isCut ? "\n" : ""}${reference}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(dirname(path));
}

async function hasReference(payload: string, reference: string): Promise<boolean> {
  try {
    return (await readFile(`${payload}.refs`, "utf8")).split("\n").includes(reference);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
