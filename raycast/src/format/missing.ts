import type { Model } from "../api/schemas.ts";
import { formatBytes } from "./bytes.ts";

/** What an incomplete model lacks: `2 files, 1.2 GB`, as far as it is known. */
export function missingText({ missingFiles, missingBytes, foreignBytes }: NonNullable<Model["partial"]>): string {
  const parts = [
    ...(missingFiles === null || missingFiles === 0
      ? []
      : [`${missingFiles} ${missingFiles === 1 ? "file" : "files"}`]),
    ...(missingBytes === null || missingBytes === 0 ? [] : [formatBytes(missingBytes)]),
    ...(foreignBytes === 0 ? [] : [`${formatBytes(foreignBytes)} unfinished by another program`]),
  ];
  return parts.length === 0 ? "Some files" : parts.join(", ");
}
