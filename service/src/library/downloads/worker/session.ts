import { statfs } from "node:fs/promises";
import type { Clock } from "../../../platform/clock.ts";
import type { AppError } from "../../../platform/errors.ts";
import { isAppError, systemCode, toFailure } from "../../../platform/errors.ts";
import { diskMargin } from "../disk.ts";
import { repositoryLayout } from "../layout.ts";
import type { LogFacts, PlannedFile, TransferJob, TransferOutcome, WorkerReport } from "../messages.ts";
import { transferBlob } from "./blob-transfer.ts";
import { commitDownload } from "./committer.ts";
import { discardDownload } from "./files.ts";
import { inLanes } from "./lanes.ts";
import { openPartStore } from "./part-store.ts";
import type { PartStore } from "./part-store.ts";
import { isHere } from "./presence.ts";
import { createTally } from "./tally.ts";
import { createTransport } from "./transport.ts";
import type { Transport } from "./transport.ts";

export interface SessionOptions {
  readonly job: TransferJob;
  /** Aborts to stop fetching. */
  readonly signal: AbortSignal;
  /** Resolves when the owner allows the commit; rejects with the signal's reason. */
  readonly allowed: () => Promise<void>;
  readonly report: (report: WorkerReport) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/** One download from what is on the disk to the committed revision. Never throws: the outcome says how it ended. */
export async function runSession(options: SessionOptions): Promise<TransferOutcome> {
  const { job, signal, report } = options;
  const log = (level: "debug" | "warn" | "error", message: string, facts: LogFacts) =>
    report({ type: "log", level, message, facts: { download: job.downloadId, ...facts } });
  try {
    return await work(options, log);
  } catch (error) {
    if (signal.aborted) return { kind: "stopped" };
    if (systemCode(error) === "ENOSPC" || systemCode(error) === "EDQUOT") {
      return { kind: "disk-full", before: false, neededBytes: 0, freeBytes: await freeBytes(job.cachePath) };
    }
    if (!isAppError(error)) log("error", "download broke off", factsOf(error));
    return { kind: "failed", failure: toFailure(error) };
  }
}

type SessionLog = (level: "debug" | "warn" | "error", message: string, facts: LogFacts) => void;

async function work(options: SessionOptions, log: SessionLog): Promise<TransferOutcome> {
  const { job, signal, report, clock, random } = options;
  const layout = repositoryLayout(job.cachePath, job.model);
  const files = Map.groupBy(job.files, ({ blobId }) => blobId);
  const present = new Set<string>();
  await inLanes([...files], 16, async ([blobId, same]) => {
    if (await isHere(layout, job.commit, same)) present.add(blobId);
  });
  const wanted = [...files].flatMap(([blobId, [first]]) => (first && !present.has(blobId) ? [first] : []));
  const store = await openPartStore({ layout, downloadId: job.downloadId, blobs: wanted, tuning: job.tuning, clock });
  const tally = createTally({ job, present, parts: store.parts, report, clock });
  const transport = createTransport({ settings: job.transport, model: job.model, commit: job.commit, clock, random });
  try {
    const refused = await survey(job, wanted, store);
    if (refused) return refused;
    report({ type: "surveyed", downloadId: job.downloadId, progress: tally.take() });
    await fetchAll(options, wanted, store, transport, tally, log);
    tally.close();
  } catch (error) {
    tally.close();
    // Whatever ended it: what is there is kept and vouched for.
    await store.flushOnFullDisk();
    throw error;
  } finally {
    await store.close();
    await transport.close();
    // Without a single byte there is nothing to come back for, so nothing stays behind.
    if (wanted.length > 0 && [...store.parts.values()].every((part) => part.bytesDone() === 0 && !part.isVerified()))
      await discardDownload(layout, job.downloadId);
  }
  signal.throwIfAborted();
  report({ type: "ready", downloadId: job.downloadId });
  await options.allowed();
  await commitDownload({ ...job, layout });
  return { kind: "completed" };
}

async function fetchAll(
  { job, signal, clock, random }: SessionOptions,
  wanted: readonly PlannedFile[],
  store: PartStore,
  transport: Transport,
  tally: ReturnType<typeof createTally>,
  log: SessionLog,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const fetchOne = async (file: PlannedFile): Promise<void> => {
    const part = store.parts.get(file.blobId);
    if (!part || part.isVerified()) return;
    either.throwIfAborted();
    await transferBlob({
      ...{ file, part, transport, clock, random },
      tuning: job.tuning,
      signal: either,
      onFetched: tally.fetched,
      onFault: ({ failure }, attempt) =>
        log("debug", "attempt failed", { file: file.path, attempt, code: failure.code, ...reasonOf(failure) }),
    });
    tally.verified(file.blobId);
  };
  const lane = (files: readonly PlannedFile[], lanes: number) =>
    inLanes(files, lanes, fetchOne).catch((error: unknown) => {
      // The first error ends the others; theirs is only that they were ended.
      if (!failed.signal.aborted) failed.abort(error);
      throw error;
    });
  const isLarge = ({ sizeBytes }: PlannedFile) => sizeBytes >= job.tuning.largeFileBytes;
  const small = wanted.filter((file) => !isLarge(file));
  await Promise.allSettled([lane(wanted.filter(isLarge), 1), lane(small, job.tuning.smallFileLanes)]);
  signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  await store.flush();
}

/** Whether what is missing fits, besides what others are going to need and a margin that keeps the system alive. */
async function survey(
  job: TransferJob,
  wanted: readonly PlannedFile[],
  store: PartStore,
): Promise<TransferOutcome | null> {
  const total = wanted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const done = [...store.parts.values()].reduce((sum, part) => sum + part.bytesDone(), 0);
  if (total === done) return null;
  const { bavail, blocks, bsize } = await statfs(job.cachePath);
  const neededBytes = total - done + job.reservedBytes + diskMargin(blocks * bsize);
  const free = bavail * bsize;
  return neededBytes <= free ? null : { kind: "disk-full", before: true, neededBytes, freeBytes: free };
}

async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

function reasonOf(failure: AppError): LogFacts {
  const reason = failure.details?.["reason"] ?? failure.details?.["status"];
  return typeof reason === "string" || typeof reason === "number" ? { reason } : {};
}

function factsOf(error: unknown): LogFacts {
  return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
