import { join } from "node:path";
import type { RepositoryLayout } from "../layout.ts";
import type { PlannedFile } from "../messages.ts";
import { fileSize } from "./files.ts";

/**
 * Whether a blob need not be fetched: it is in the cache, or, where links do not work, at all its places in the
 * snapshot. The right size is taken for proof, as every Hub client does; `verify` reads the content again.
 * @param files all files of the plan that have this blob.
 */
export async function isHere(
  layout: RepositoryLayout,
  commit: string,
  files: readonly PlannedFile[],
): Promise<boolean> {
  const [first] = files;
  if (!first) return true;
  if ((await fileSize(layout.blob(first.blobId))) === first.sizeBytes) return true;
  for (const { path, sizeBytes } of files) {
    if ((await fileSize(join(layout.snapshots, commit, path))) !== sizeBytes) return false;
  }
  return true;
}
