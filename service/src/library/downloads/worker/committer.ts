import { link, mkdir, open, rename, rm, stat, unlink } from "node:fs/promises";
import { AppError, systemCode } from "../../../platform/errors.ts";
import type { TreeFile } from "../../hub/index.ts";
import type { RepositoryLayout } from "../layout.ts";
import type { PlannedFile } from "../messages.ts";
import { fileSize, isMissing, removeIfEmpty, replaceFile, syncFolder } from "./files.ts";
import { isHere } from "./presence.ts";
import { writeRef } from "./refs.ts";
import { placeSnapshot } from "./snapshot.ts";

export interface Commit {
  readonly layout: RepositoryLayout;
  readonly cachePath: string;
  readonly downloadId: string;
  readonly commit: string;
  readonly revision: string;
  readonly files: readonly PlannedFile[];
  readonly listing: readonly TreeFile[] | null;
  readonly movesRef: boolean;
}

/**
 * Makes verified parts a revision of the cache that every Hub client accepts. The order is the promise: blobs,
 * listing, snapshot, tag of the cache, and the ref last, so that a reader finds the old revision or the whole new one.
 * May run again after a crash at any point: what is already in its place stays.
 */
export async function commitDownload(commit: Commit): Promise<void> {
  const { layout, downloadId } = commit;
  await mkdir(layout.blobs, { recursive: true });
  const ours = new Set<string>();
  for (const [blobId, files] of Map.groupBy(commit.files, (file) => file.blobId)) {
    const part = layout.part(blobId, downloadId);
    if (await isHere(layout, commit.commit, files)) {
      await rm(part, { force: true });
      continue;
    }
    await moveBlob(part, layout.blob(blobId), files[0]?.sizeBytes ?? 0);
    ours.add(blobId);
  }
  await syncFolder(layout.blobs);
  if (commit.listing) await writeListing(layout, downloadId, commit.commit, commit.listing);
  await placeSnapshot({ ...commit, ours });
  await tagCache(commit.cachePath);
  await writeRef(commit);
  await rm(layout.journal(downloadId), { force: true });
  await removeIfEmpty(layout.parts);
}

/** Into `blobs/`, never over a blob that is there: it may be in use. One of the wrong size is no blob, and gives way. */
async function moveBlob(part: string, blob: string, sizeBytes: number): Promise<void> {
  if ((await fileSize(part)) !== sizeBytes) {
    throw new AppError("conflict", "Another program removed files of this download. Try again.");
  }
  await syncFile(part);
  if ((await exists(blob)) === false) {
    try {
      await link(part, blob);
      await unlink(part);
      return;
    } catch (error) {
      // No hard links here (exFAT, some network disks), or somebody was faster: the same content under the same name.
      if (!["EPERM", "ENOTSUP", "ENOSYS", "EMLINK", "EEXIST", "EOPNOTSUPP"].includes(systemCode(error) ?? ""))
        throw error;
    }
  }
  await rename(part, blob);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The commit's listing as huggingface_hub 1.22 and later keeps it; an existing one is the same and stays. */
async function writeListing(
  layout: RepositoryLayout,
  downloadId: string,
  commit: string,
  listing: readonly TreeFile[],
): Promise<void> {
  const target = `${layout.trees}/${commit}.json`;
  if ((await fileSize(target)) !== null) return;
  await mkdir(layout.trees, { recursive: true });
  await replaceFile(target, layout.aside(downloadId, "tree"), formatListing(listing), 0o600);
  await syncFolder(layout.trees);
}

/** Key order and white space as Python's `json.dump(…, indent=1)`, which escapes everything that is not ASCII. */
export function formatListing(listing: readonly TreeFile[]): string {
  const sorted = [...listing].sort((a, b) => byCodePoint(a.path, b.path));
  const files = Object.fromEntries(
    sorted.map(({ path, sizeBytes, blobId, algorithm, gitOid, xetHash }) => [
      // A prefix keeps names that look like numbers in their place; it is cut off below.
      `:${path}`,
      {
        size: sizeBytes,
        blob_id: gitOid,
        ...(algorithm === "sha256" ? { lfs_sha256: blobId, lfs_size: sizeBytes } : {}),
        ...(xetHash === null ? {} : { xet_hash: xetHash }),
      },
    ]),
  );
  return JSON.stringify({ format_version: 1, files }, null, 1)
    .replace(/^ {2}":/gm, '  "')
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const cacheTag = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of model files and can be left out of backups.
# For information about cache directory tags see https://bford.info/cachedir/
`;

async function tagCache(cachePath: string): Promise<void> {
  try {
    const handle = await open(`${cachePath}/CACHEDIR.TAG`, "wx");
    await handle.writeFile(cacheTag);
    await handle.close();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}
