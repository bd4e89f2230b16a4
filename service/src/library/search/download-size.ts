import { planFiles } from "../downloads/index.ts";
import type { FileSize } from "../hub/index.ts";

/** The files a download of everything would fetch; none for an empty repository. */
export function downloadedFiles(files: readonly FileSize[]): readonly FileSize[] {
  return files.length === 0 ? [] : planFiles(files, null).chosen;
}

/** What they take on the disk: a content that several files share lies there once. */
export function downloadedBytes(files: readonly FileSize[]): number {
  return files.length === 0 ? 0 : planFiles(files, null).bytesTotal;
}
