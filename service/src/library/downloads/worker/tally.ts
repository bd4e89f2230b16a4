import type { Clock } from "../../../platform/clock.ts";
import type { TransferJob, TransferProgress, WorkerReport } from "../messages.ts";
import type { Part } from "./parts/part-store.ts";

/** Counts what is done and tells the owner a few times a second. */
export interface Tally {
  fetched(bytes: number): void;
  verified(blobId: string): void;
  /** The state now, with the paths verified since the last time. */
  take(): TransferProgress;
  /** Tells the last state; nothing comes after. */
  close(): void;
}

export interface TallyOptions {
  readonly job: TransferJob;
  /** Blobs that were in the cache before and are trusted. */
  readonly present: ReadonlySet<string>;
  /** Blobs that were there before and are not trusted until their content was read. */
  readonly doubtful: ReadonlySet<string>;
  readonly parts: ReadonlyMap<string, Part>;
  /** Bytes of unproven blobs whose checksum is computed so far. */
  readonly hashedBytes: () => number;
  readonly connections: () => number;
  readonly report: (report: WorkerReport) => void;
  readonly clock: Clock;
}

const intervalMs = 250;

export function createTally(options: TallyOptions): Tally {
  const { job, present, doubtful, parts, hashedBytes, connections, report, clock } = options;
  const sizes = new Map(job.files.map(({ blobId, sizeBytes }) => [blobId, sizeBytes]));
  const paths = Map.groupBy(job.files, ({ blobId }) => blobId);
  const proven = new Set(present);
  for (const part of parts.values()) if (part.isVerified()) proven.add(part.blobId);
  const total = sumOf(sizes.values());
  const here = job.files.filter(({ blobId }) => proven.has(blobId));
  let verified = here.map(({ path }) => path);
  let filesDone = here.length;
  let fetchedBytes = 0;
  // What is fetched or read a second time is no progress, and no way back either.
  let bytesDone = 0;
  let bytesVerified = 0;
  let phase: "downloading" | "verifying" = "downloading";
  let cancel: (() => void) | null = null;
  let isClosed = false;

  /** Of one blob: whole when it is proven, else what is in its part. What lies in the cache and is in doubt counts too. */
  const bytesOf = (blobId: string, size: number): number => {
    const parted = parts.get(blobId)?.bytesDone() ?? 0;
    return proven.has(blobId) || (doubtful.has(blobId) && parted === 0) ? size : parted;
  };
  const take = (): TransferProgress => {
    bytesDone = Math.max(bytesDone, sumOf([...sizes].map(([blobId, size]) => bytesOf(blobId, size))));
    const hashed = sumOf([...proven].map((blobId) => sizes.get(blobId) ?? 0)) + hashedBytes();
    bytesVerified = Math.min(bytesDone, Math.max(bytesVerified, hashed));
    const progress = {
      ...{ bytesDone, bytesVerified, filesDone, fetchedBytes, verified },
      connections: isClosed ? 0 : connections(),
    };
    verified = [];
    return progress;
  };
  const tell = (): void => {
    cancel = null;
    const progress = take();
    report({ type: "progress", downloadId: job.downloadId, progress });
    // All bytes are here and some are not yet proven right: a phase of its own, also back from it.
    const now = isWhole() ? "verifying" : "downloading";
    if (now !== phase) report({ type: "phase", downloadId: job.downloadId, phase: (phase = now) });
    // Checksums go on when no byte comes any more.
    if (!isClosed && proven.size < sizes.size) soon();
  };
  const isWhole = (): boolean => sumOf([...sizes].map(([blobId, size]) => bytesOf(blobId, size))) === total;
  const soon = (): void => {
    if (!isClosed) cancel ??= clock.after(intervalMs, tell);
  };

  return {
    fetched(bytes) {
      fetchedBytes += bytes;
      soon();
    },
    verified(blobId) {
      const files = paths.get(blobId) ?? [];
      proven.add(blobId);
      verified.push(...files.map(({ path }) => path));
      filesDone += files.length;
      soon();
    },
    take,
    close() {
      if (isClosed) return;
      isClosed = true;
      cancel?.();
      tell();
    },
  };
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
