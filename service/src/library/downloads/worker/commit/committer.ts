import { copyFile, constants, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAppError, systemCode } from "../../../../platform/errors.ts";
import type { TreeFile } from "../../../hub/index.ts";
import type { RepositoryLayout } from "../../layout.ts";
import type { PlannedFile } from "../../messages.ts";
import { fileSize, filesRemoved, isMissing, makeFolders, removeIfEmpty, replaceFile, syncFolder } from "./files.ts";
import { readIntent, takeOver } from "./intent.ts";
import type { Intent } from "./intent.ts";
import { readJournal } from "../parts/journal.ts";
import { inLanes } from "../fetch/lanes.ts";
import { placesOf } from "./presence.ts";
import { removeRef, writeRef } from "./refs.ts";
import { linkPayload } from "./shared-store.ts";
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

/** What has just been done. Tests end the process there. */
export type CommitStep = "intent" | "blob" | "blobs" | "listing" | "snapshot" | "tag" | "ref" | "journal" | "end";

const lanes = 8;

/**
 * Makes verified parts a revision of the cache that every Hub client accepts. The order is the promise: blobs,
 * listing, snapshot, tag of the cache, and the ref last, so that a reader finds the old revision or the whole new one.
 * May run again after a crash at any point: what is already in its place stays.
 * @throws AppError `conflict` when another program removed what was here.
 */
export async function commitDownload(commit: Commit, done: (step: CommitStep) => void = () => {}): Promise<void> {
  try {
    await putInPlace(commit, done);
  } catch (error) {
    if (isAppError(error) && error.code === "conflict") await tidyRemains(commit);
    throw error;
  }
}

async function putInPlace(commit: Commit, done: (step: CommitStep) => void): Promise<void> {
  const { layout, downloadId } = commit;
  await makeFolders(layout);
  const blobs = Map.groupBy(commit.files, (file) => file.blobId);
  const verified = await verifiedParts(commit);
  const intent = await writeIntent(commit, verified);
  done("intent");
  await mkdir(layout.blobs, { recursive: true });
  await inLanes([...blobs], lanes, async ([blobId, files]) => {
    await placeBlob(commit, files, verified.has(blobId));
    done("blob");
  });
  await syncFolder(layout.blobs);
  done("blobs");
  if (commit.listing) await writeListing(layout, downloadId, commit.commit, commit.listing);
  done("listing");
  await placeSnapshot({ ...commit, ours: new Set(intent.blobs) });
  done("snapshot");
  await tagCache(commit);
  done("tag");
  await writeRef(commit);
  done("ref");
  await refuseRemoved(commit);
  await rm(layout.journal(downloadId), { force: true });
  done("journal");
  await takeOver(layout, commit.commit);
  await removeIfEmpty(layout.parts);
  done("end");
}

/** Until the ref is there, `hf cache prune` takes the new revision for one that nobody wants. */
async function refuseRemoved({ layout, commit, files }: Commit): Promise<void> {
  await inLanes(files, lanes, async ({ path, sizeBytes }) => {
    if ((await fileSize(join(layout.snapshots, commit, path))) !== sizeBytes) throw filesRemoved();
  });
}

/**
 * What another program's deletion and our commit leave together: a name that leads nowhere, or a repository without
 * `snapshots`, would be a fault to Python's client. Nothing is created where the repository is gone.
 */
async function tidyRemains({ layout, revision, commit }: Commit): Promise<void> {
  if (!(await isFolder(join(layout.snapshots, commit)))) await removeRef({ layout, revision, commit });
  await removeIfEmpty(layout.refs);
  await removeIfEmpty(layout.parts);
  try {
    await mkdir(layout.snapshots);
  } catch (error) {
    if (!isMissing(error) && systemCode(error) !== "EEXIST") throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Only the journal knows: a part of the right size may be one that nobody got to check. */
async function verifiedParts({ layout, downloadId, files }: Commit): Promise<Set<string>> {
  const records = await readJournal(layout.journal(downloadId));
  const verified = new Set<string>();
  await inLanes(files, lanes, async ({ blobId, sizeBytes }) => {
    if (!records.get(blobId)?.isVerified) return;
    if ((await fileSize(layout.part(blobId, downloadId))) === sizeBytes) verified.add(blobId);
  });
  return verified;
}

async function writeIntent(commit: Commit, verified: ReadonlySet<string>): Promise<Intent> {
  const { layout, downloadId } = commit;
  const listing = join(layout.trees, `${commit.commit}.json`);
  const earlier = await readIntent(layout, downloadId);
  const known = earlier?.commit === commit.commit ? earlier : null;
  const intent: Intent = {
    commit: commit.commit,
    blobs: [...new Set([...(earlier?.blobs ?? []), ...verified])],
    bringsSnapshot: known?.bringsSnapshot ?? !(await isFolder(join(layout.snapshots, commit.commit))),
    bringsListing: known?.bringsListing ?? (commit.listing !== null && (await fileSize(listing)) === null),
  };
  await replaceFile(layout.intent(downloadId), layout.aside(downloadId, "draft"), JSON.stringify(intent));
  await syncFolder(layout.parts);
  return intent;
}

/** @param files those of the plan that have this blob. */
async function placeBlob(commit: Commit, files: readonly PlannedFile[], isVerified: boolean): Promise<void> {
  const { layout, downloadId } = commit;
  const [file] = files;
  if (!file) return;
  const part = layout.part(file.blobId, downloadId);
  // Also over one that is there: what was fetched although a file of that size was here replaces a wrong content.
  // Whoever has the old file open keeps it.
  if (isVerified) return moveBlob(part, layout.blob(file.blobId));
  const [place] = await placesOf(layout, commit.commit, files);
  if (place === undefined) throw filesRemoved();
  await rm(part, { force: true });
  if (place.startsWith(join(layout.root, "/"))) return;
  if (await linkPayload(layout, downloadId, file.blobId, place)) return;
  // The store's payload cannot be linked to, so its content comes here.
  await copyFile(place, part, constants.COPYFILE_FICLONE);
  await moveBlob(part, layout.blob(file.blobId));
}

async function moveBlob(part: string, blob: string): Promise<void> {
  await syncFile(part);
  await rename(part, blob);
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

async function tagCache({ layout, cachePath, downloadId }: Commit): Promise<void> {
  const path = join(cachePath, "CACHEDIR.TAG");
  if ((await fileSize(path)) === null) await replaceFile(path, layout.aside(downloadId, "tag"), cacheTag);
}
