import { stat } from "node:fs/promises";
import { systemCode } from "../../platform/errors.ts";
import type { RepositoryLayout } from "./layout.ts";

const lookedAtOnce = 32;

/**
 * The blobs of the cache whose content need not be read again: proven by us, and not written since. Another client may
 * have put a file under the same name after ours was deleted, and no client but us checks what it puts there.
 * @param proven by blob: until when (milliseconds) its file must have been written.
 */
export async function trustedBlobs(layout: RepositoryLayout, proven: ReadonlyMap<string, number>): Promise<string[]> {
  const queue = [...proven];
  const trusted: string[] = [];
  const look = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [blobId, until] = next;
      const written = await writtenAt(layout.blob(blobId));
      if (written !== null && written <= until) trusted.push(blobId);
    }
  };
  await Promise.all(Array.from({ length: lookedAtOnce }, look));
  return trusted;
}

async function writtenAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}
