import type { Clock } from "../../../platform/clock.ts";
import type { TransferJob, TransferProgress, WorkerReport } from "../messages.ts";
import type { Part } from "./part-store.ts";

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
  /** Blobs that were in the cache before. */
  readonly present: ReadonlySet<string>;
  readonly parts: ReadonlyMap<string, Part>;
  readonly report: (report: WorkerReport) => void;
  readonly clock: Clock;
}

const intervalMs = 250;

export function createTally({ job, present, parts, report, clock }: TallyOptions): Tally {
  const sizes = new Map(job.files.map(({ blobId, sizeBytes }) => [blobId, sizeBytes]));
  const paths = Map.groupBy(job.files, ({ blobId }) => blobId);
  let presentBytes = 0;
  let total = 0;
  for (const [blobId, size] of sizes) {
    total += size;
    if (present.has(blobId)) presentBytes += size;
  }
  const isThere = ({ blobId }: { blobId: string }) => present.has(blobId) || parts.get(blobId)?.isVerified() === true;
  const here = job.files.filter(isThere);
  let verified = here.map(({ path }) => path);
  let filesDone = here.length;
  let fetchedBytes = 0;
  let phase: "downloading" | "verifying" = "downloading";
  let cancel: (() => void) | null = null;
  let isClosed = false;

  const take = (): TransferProgress => {
    const parted = [...parts.values()].reduce((sum, part) => sum + part.bytesDone(), 0);
    const proven = [...parts.values()].reduce((sum, part) => sum + (part.isVerified() ? part.sizeBytes : 0), 0);
    const progress = {
      ...{ bytesDone: presentBytes + parted, filesDone, fetchedBytes, verified },
      ...{ bytesVerified: presentBytes + proven, connections: 0 },
    };
    verified = [];
    return progress;
  };
  const tell = (): void => {
    cancel = null;
    const progress = take();
    report({ type: "progress", downloadId: job.downloadId, progress });
    // All bytes are here and some are not yet proven right: a phase of its own, also back from it.
    const now = progress.bytesDone === total ? "verifying" : "downloading";
    if (now !== phase) report({ type: "phase", downloadId: job.downloadId, phase: (phase = now) });
  };
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
