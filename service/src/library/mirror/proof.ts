import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelVerification } from "../../contract/library.ts";
import { systemCode } from "../../platform/errors.ts";
import { isEssential } from "./shared-files.ts";
import type { ListedFile, SharedFile } from "./shared-files.ts";

/**
 * Which of a model's blobs our own downloads have found right, and until when (milliseconds) a file must have been
 * written for that to still hold.
 */
export type ProvenBlobs = (model: string, blobIds: ReadonlySet<string>) => Promise<ReadonlyMap<string, number>>;

/** What is known of a revision's content: by its downloads, and by the last time all of it was read again. */
export interface Evidence {
  readonly proven: ReadonlyMap<string, number>;
  readonly verification: ModelVerification | null;
}

/**
 * The files that were once read whole and found right, and have not been written since. Others are left out, as if
 * they were not here: a machine that pulls from this one must not get what nobody has checked.
 * @returns null when a file without which the model cannot run is not among them.
 */
export async function provenFiles(
  snapshotPath: string,
  files: readonly ListedFile[],
  evidence: Evidence,
): Promise<SharedFile[] | null> {
  const shared: SharedFile[] = [];
  for (const file of files) {
    const writtenMs = await writtenAt(join(snapshotPath, file.localPath));
    const { sinceMs, untilMs } = spanOf(file, evidence);
    if (writtenMs !== null && writtenMs > sinceMs && writtenMs <= untilMs) shared.push({ ...file, untilMs });
    else if (isEssential(file.path)) return null;
  }
  return shared.length === 0 ? null : shared;
}

/** When a file must have been written to count as checked. One found wrong must have been fetched again after that. */
function spanOf({ path, localPath, blobId }: ListedFile, { proven, verification }: Evidence) {
  const downloadedMs = proven.get(blobId) ?? -Infinity;
  if (verification === null) return { sinceMs: -Infinity, untilMs: downloadedMs };
  const checkedMs = Date.parse(verification.verifiedAt);
  const isWrong = verification.wrongFiles.some((wrong) => wrong.path === path || wrong.path === localPath);
  if (isWrong) return { sinceMs: checkedMs, untilMs: downloadedMs };
  return { sinceMs: -Infinity, untilMs: Math.max(checkedMs, downloadedMs) };
}

async function writtenAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
}
