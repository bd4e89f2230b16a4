import { readFile } from "node:fs/promises";
import type { RepositoryLayout } from "../../layout.ts";
import { isMissing, replaceFile } from "../commit/files.ts";
import { readRanges } from "./ranges.ts";
import type { Ranges } from "./ranges.ts";

export interface PartRecord {
  readonly sizeBytes: number;
  readonly ranges: Ranges;
  readonly isVerified: boolean;
}

const version = 1;

/** What a download's journal vouches for, by blob. A journal that is missing or not ours vouches for nothing. */
export async function readJournal(path: string): Promise<Map<string, PartRecord>> {
  const records = new Map<string, PartRecord>();
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return records;
    throw error;
  }
  const journal = value as { version?: unknown; parts?: unknown } | null;
  if (journal?.version !== version || typeof journal.parts !== "object" || journal.parts === null) return records;
  for (const [blobId, entry] of Object.entries(journal.parts as Record<string, Record<string, unknown>>)) {
    const sizeBytes = entry["sizeBytes"];
    if (typeof sizeBytes !== "number") continue;
    const ranges = readRanges(entry["ranges"], sizeBytes);
    if (ranges) records.set(blobId, { sizeBytes, ranges, isVerified: entry["isVerified"] === true });
  }
  return records;
}

/** Parts without a byte are left out: a missing record means the same. */
export async function writeJournal(
  layout: RepositoryLayout,
  downloadId: string,
  records: ReadonlyMap<string, PartRecord>,
): Promise<void> {
  const parts = Object.fromEntries(
    [...records].filter(([, { ranges, isVerified }]) => ranges.length > 0 || isVerified),
  );
  const content = JSON.stringify({ version, parts });
  await replaceFile(layout.journal(downloadId), layout.aside(downloadId, "journal"), content, 0o600);
}
