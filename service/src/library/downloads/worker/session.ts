import { statfs } from "node:fs/promises";
import type { Clock } from "../../../platform/clock.ts";
import type { AppError } from "../../../platform/errors.ts";
import { isAppError, systemCode, toFailure } from "../../../platform/errors.ts";
import { diskMargin } from "../disk.ts";
import { repositoryLayout } from "../layout.ts";
import type { RepositoryLayout } from "../layout.ts";
import type { LogFacts, PlannedFile, TransferJob, TransferOutcome, WorkerReport } from "../messages.ts";
import { commitDownload } from "./commit/committer.ts";
import { createFetcher } from "./fetch/fetcher.ts";
import type { Fetcher } from "./fetch/fetcher.ts";
import { discardDownload, filesRemoved, isMissing } from "./commit/files.ts";
import { createFoundBlobs } from "./fetch/found-blobs.ts";
import type { FoundBlobs } from "./fetch/found-blobs.ts";
import { inLanes } from "./fetch/lanes.ts";
import { openPartStore } from "./parts/part-store.ts";
import type { PartStore } from "./parts/part-store.ts";
import { isHere } from "./commit/presence.ts";
import type { Shared } from "./shared.ts";
import { createTally } from "./tally.ts";
import { createTransport } from "./fetch/transport.ts";

export interface SessionOptions {
  readonly job: TransferJob;
  /** Aborts to stop fetching. */
  readonly signal: AbortSignal;
  /** Resolves when the owner allows the commit; rejects with the signal's reason. */
  readonly allowed: () => Promise<void>;
  readonly report: (report: WorkerReport) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly shared: Shared;
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
    // Somebody cleaned the cache, or deleted the model, while it came in.
    if (isMissing(error)) return { kind: "failed", failure: toFailure(filesRemoved(error)) };
    return { kind: "failed", failure: toFailure(error) };
  }
}

type SessionLog = (level: "debug" | "warn" | "error", message: string, facts: LogFacts) => void;

async function work(options: SessionOptions, log: SessionLog): Promise<TransferOutcome> {
  const { job, signal, report, clock, random, shared } = options;
  const layout = repositoryLayout(job.cachePath, job.model);
  const { present, doubtful, missing } = await look(job, layout);
  const blobs = [...missing, ...doubtful];
  const store = await openPartStore({ layout, downloadId: job.downloadId, blobs, tuning: job.tuning, clock });
  const owner = {};
  const { throttle, gates, hasher } = shared;
  const batchBytes = () => Math.min(job.tuning.batchBytes, throttle.grain());
  const { model, commit, transport: settings } = job;
  const transport = createTransport({ settings, model, commit, clock, random, gates, batchBytes });
  let fetcher: Fetcher | null = null;
  let found: FoundBlobs | null = null;
  let isReady = false;
  const tally = createTally({
    ...{ job, present, report, clock },
    parts: store.parts,
    doubtful: new Set(doubtful.map(({ blobId }) => blobId)),
    hashedBytes: () => (fetcher?.hashedBytes() ?? 0) + (found?.hashedBytes() ?? 0),
    connections: () => shared.connections.heldBy(owner),
  });
  try {
    const refused = await survey(job, missing, store);
    if (refused) return refused;
    report({ type: "surveyed", downloadId: job.downloadId, progress: tally.take() });
    fetcher = createFetcher({
      ...{ job, store, transport, shared, clock, random, owner, signal },
      onFetched: tally.fetched,
      onVerified: tally.verified,
      onFault: (path, { failure }, attempt) =>
        log("debug", "attempt failed", { file: path, attempt, code: failure.code, ...reasonOf(failure) }),
    });
    found = createFoundBlobs({
      ...{ layout, commit, hasher, signal: fetcher.signal },
      blobs: doubtful.map(({ blobId }) => job.files.filter((file) => file.blobId === blobId)),
      onUnreadable: (file, error) =>
        log("warn", "a blob in the cache cannot be read", { file: file.path, ...factsOf(error) }),
      onProven: ({ blobId }) => tally.verified(blobId),
      onWrong(file) {
        log("warn", "a blob in the cache is damaged and is fetched again", { file: file.path });
        fetcher?.add([file]);
      },
    });
    fetcher.add(missing);
    await found.check().catch(fetcher.fail);
    await fetcher.finish();
    await store.flush();
    isReady = true;
    tally.close();
  } catch (error) {
    tally.close();
    // Whatever ended it: what is there is kept and vouched for.
    await store.flushOnFullDisk();
    throw error;
  } finally {
    await store.close();
    await transport.close();
    // Without a single byte there is nothing to come back for, so nothing stays behind. What lies in `blobs/` may be the
    // work of a commit that was broken off: that is not nothing.
    const isEmpty = [...store.parts.values()].every((part) => part.bytesDone() === 0 && !part.isVerified());
    const isNothingHere = missing.length > 0 && missing.length === blobs.length && present.size === 0;
    if (!isReady && isNothingHere && isEmpty) await discardDownload(layout, job.downloadId);
  }
  signal.throwIfAborted();
  report({ type: "ready", downloadId: job.downloadId });
  await options.allowed();
  await commitDownload({ ...job, layout });
  return { kind: "completed" };
}

interface Findings {
  /** Blobs that are in the cache and trusted. */
  readonly present: ReadonlySet<string>;
  /** One file of each blob that is in the cache in the right size, and of which no more is known. */
  readonly doubtful: readonly PlannedFile[];
  readonly missing: readonly PlannedFile[];
}

async function look(job: TransferJob, layout: RepositoryLayout): Promise<Findings> {
  const trusted = new Set(job.trustedBlobs);
  const present = new Set<string>();
  const doubtful: PlannedFile[] = [];
  const missing: PlannedFile[] = [];
  await inLanes([...Map.groupBy(job.files, ({ blobId }) => blobId)], 16, async ([blobId, same]) => {
    const [first] = same;
    if (!first) return;
    if (!(await isHere(layout, job.commit, same))) missing.push(first);
    else if (trusted.has(blobId)) present.add(blobId);
    else doubtful.push(first);
  });
  const order = new Map(job.files.map(({ blobId }, index) => [blobId, index]));
  const inOrder = (files: PlannedFile[]) =>
    files.sort((a, b) => (order.get(a.blobId) ?? 0) - (order.get(b.blobId) ?? 0));
  return { present, doubtful: inOrder(doubtful), missing: inOrder(missing) };
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
