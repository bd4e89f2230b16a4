import { join } from "node:path";
import type { RepositoryLayout } from "../../layout.ts";
import type { PlannedFile } from "../../messages.ts";
import { fileSize } from "./files.ts";
import { sharedPayload } from "./shared-store.ts";

/**
 * Files of the right size that stand for a blob: the one in the cache; where links do not work, its places in the
 * snapshot; or the payload in the store that repositories share. Empty: it has to be fetched. Of the right size is
 * not right: unless the blob is trusted, read every one of them and compare with the blob's checksum.
 * @param files all files of the plan that have this blob.
 */
export async function placesOf(
  layout: RepositoryLayout,
  commit: string,
  files: readonly PlannedFile[],
): Promise<string[]> {
  const [first] = files;
  if (!first) return [];
  const blob = layout.blob(first.blobId);
  if ((await fileSize(blob)) === first.sizeBytes) return [blob];
  const copies = files.map(({ path }) => join(layout.snapshots, commit, path));
  if (await areAll(copies, first.sizeBytes)) return copies;
  const payload = await sharedPayload(layout, first);
  return payload === null ? [] : [payload];
}

/** Whether a blob need not be fetched, as far as its size tells. */
export async function isHere(
  layout: RepositoryLayout,
  commit: string,
  files: readonly PlannedFile[],
): Promise<boolean> {
  return files.length === 0 || (await placesOf(layout, commit, files)).length > 0;
}

async function areAll(paths: readonly string[], sizeBytes: number): Promise<boolean> {
  for (const path of paths) if ((await fileSize(path)) !== sizeBytes) return false;
  return true;
}
