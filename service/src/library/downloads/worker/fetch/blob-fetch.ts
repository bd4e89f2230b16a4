import type { Clock } from "../../../../platform/clock.ts";
import type { PlannedFile, TransferTuning } from "../../messages.ts";
import { createAttempts } from "./attempts.ts";
import type { Connection } from "./connections.ts";
import { changedContent, checksumMismatch, cutShort } from "./content-failures.ts";
import type { HashRun, Hasher } from "../hash/hasher.ts";
import { createLeaseBook, runLength } from "./leases.ts";
import type { Lease } from "./leases.ts";
import { orAbort } from "./or-abort.ts";
import type { Part } from "../parts/part-store.ts";
import { receive } from "./receive.ts";
import { TransferFault } from "./retry.ts";
import type { Throttle } from "./throttle.ts";
import type { Transport } from "./transport.ts";

export interface BlobFetchOptions {
  readonly file: PlannedFile;
  readonly part: Part;
  readonly transport: Transport;
  readonly hasher: Hasher;
  readonly throttle: Throttle;
  readonly tuning: TransferTuning;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  onFetched(bytes: number): void;
  /** Why an attempt came to nothing; for the log. */
  onFault(fault: TransferFault, attempt: number): void;
  /** A sign of too many connections. */
  onTrouble(): void;
  /** There may be work that was not there before, or the file is done. */
  onNews(): void;
  /** No way to go on with the download. */
  onFailed(error: unknown): void;
}

/** One large file on its way into its part, by any number of connections. */
export interface BlobFetch {
  readonly file: PlannedFile;
  /** To be called once: what is whole already from an earlier run is proven. */
  begin(): void;
  /**
   * Work for one more connection; null: none for now.
   * @param how bytes that nobody has, or a share of what another connection has before it.
   */
  take(streams: number, how: "gap" | "share"): Lease | null;
  hasWork(): boolean;
  /** Fetches what was leased. Only what ends the whole download is thrown. */
  fetch(lease: Lease, connection: Connection): Promise<void>;
  /** When work that waits is due, as the clock's monotonic time; null: nothing waits. */
  dueAt(): number | null;
  /** Received, proven and marked so. */
  isDone(): boolean;
  /** Bytes whose checksum is computed. */
  hashedBytes(): number;
  /** Ends the hashing. Resolves when nothing of the file is touched any more. */
  stop(): Promise<void>;
}

/** A file that begins anew so often will not be finished. */
const restartLimit = 5;
const troubleBytes = 4 * 1024 * 1024;
/** After a reset, until so many bytes came without another. */
const carefulBytes = 256 * 1024 * 1024;

export function createBlobFetch(options: BlobFetchOptions): BlobFetch {
  const { file, part, transport, hasher, tuning, clock, random, signal, onNews } = options;
  const { sizeBytes } = file;
  const attempts = createAttempts(tuning, random);
  let isSingle = sizeBytes < tuning.largeFileBytes;
  const book = createLeaseBook({
    ...{ sizeBytes, present: part.ranges(), segmentBytes: tuning.segmentBytes },
    isShared: () => !isSingle,
  });
  let generation = new AbortController();
  let etag: string | null = null;
  let open = 0;
  let opening: Promise<void> | null = null;
  let run: HashRun | null = null;
  let restarts = 0;
  let mismatches = 0;
  let finishing: Promise<void> = Promise.resolve();
  let state: "fetching" | "restarting" | "finishing" | "done" = "fetching";
  let carefulUntil = 0;
  /** What a connection gets, to plan by. */
  let bytesPerSecond = 0;

  const isCareful = (): boolean => part.bytesDone() < carefulUntil;
  const isOpen = (): boolean => state === "fetching" && clock.monotonic() >= attempts.notBefore();
  const prepare = async (): Promise<void> => {
    opening ??= part.open();
    await opening;
    if (run) return;
    run = hasher.follow({ path: part.path, sizeBytes, algorithm: file.algorithm });
    // A resumed file: the trusted start is hashed again while the rest comes in.
    run.advance(part.prefix());
  };

  const wantRestart = (fault: TransferFault): void => {
    restarts += 1;
    if (restarts > restartLimit) throw fault.failure;
    state = "restarting";
    generation.abort(new DOMException("The file begins anew.", "AbortError"));
  };
  /** Only when no connection writes any more: a late write would put old bytes into the new file. */
  const restart = async (): Promise<void> => {
    run?.stop();
    run = null;
    await part.reset();
    etag = null;
    generation = new AbortController();
    book.reset();
    state = "fetching";
  };

  const prove = async (): Promise<void> => {
    await prepare();
    const digest = await orAbort((run as HashRun | null)?.digest ?? Promise.resolve(""), signal);
    if (digest === file.blobId) {
      part.markVerified();
      await part.close();
      state = "done";
      return;
    }
    // Once more from the start: a bad proxy or disk may have been at fault, and a fresh copy tells.
    mismatches += 1;
    await restart();
    if (mismatches === 2) throw checksumMismatch(file.path);
  };
  /** Aside: no connection waits for checksums. */
  const finish = (): void => {
    state = "finishing";
    finishing = prove().catch(options.onFailed).finally(onNews);
  };

  const check = (found: string | null): void => {
    if (etag !== null && found !== etag) throw new TransferFault(changedContent(), { isRestart: true });
    etag = found;
  };

  const attempt = async (lease: Lease, connection: Connection): Promise<void> => {
    await prepare();
    const end = lease.end;
    const { path } = file;
    const segment = { path, sizeBytes, start: lease.position, end };
    const either = AbortSignal.any([signal, generation.signal]);
    const body = await transport.open(segment, either, connection.received);
    try {
      check(body.etag);
      await receive({
        ...{ body, lease, connection, book, part, throttle: options.throttle, hasher, signal: either, clock },
        ...{ askedEnd: end, segmentBytes: tuning.segmentBytes, onFetched: options.onFetched },
        onWritten: () => run?.advance(part.prefix()),
      });
    } finally {
      body.abort();
    }
    bytesPerSecond = lease.bytesPerSecond;
    if (lease.position < lease.end) throw new TransferFault(cutShort(), { isTrouble: true });
  };

  const judge = (error: unknown, lease: Lease, startedAt: number): void => {
    signal.throwIfAborted();
    if (generation.signal.aborted) return;
    if (!(error instanceof TransferFault)) throw error;
    const gainedBytes = lease.position - lease.start;
    attempts.note(error, { now: clock.monotonic(), startedAt, doneBytes: part.bytesDone(), gainedBytes });
    options.onFault(error, attempts.count());
    if (error.facts.isReset) carefulUntil = part.bytesDone() + carefulBytes;
    // One that broke after much good work says nothing about their number.
    if (error.facts.isTrouble && gainedBytes < troubleBytes) options.onTrouble();
    if (error.facts.isWhole) isSingle = true;
    if (error.facts.isRestart || error.facts.isWhole) wantRestart(error);
  };

  return {
    file,
    begin() {
      if (book.isComplete()) finish();
    },
    take(streams, how) {
      if (!isOpen()) return null;
      const { segmentBytes } = tuning;
      const runBytes = isSingle
        ? Infinity
        : runLength({
            ...{ streams, bytesPerSecond, segmentBytes },
            gapBytes: book.gapBytes(),
            isCareful: isCareful(),
          });
      return how === "gap" ? book.take(runBytes) : book.share(runBytes);
    },
    hasWork: () => isOpen() && (book.hasGap() || book.canShare()),
    async fetch(lease, connection) {
      const startedAt = clock.monotonic();
      open += 1;
      try {
        await attempt(lease, connection);
      } catch (error) {
        judge(error, lease, startedAt);
      } finally {
        book.release(lease);
        open -= 1;
      }
      if (open === 0 && state === "restarting") await restart();
      if (state === "fetching" && book.isComplete()) finish();
      onNews();
    },
    dueAt: () => (state === "fetching" && attempts.notBefore() > clock.monotonic() ? attempts.notBefore() : null),
    isDone: () => state === "done",
    hashedBytes: () => (state === "done" ? sizeBytes : (run?.hashed() ?? 0)),
    async stop() {
      run?.stop();
      await finishing;
    },
  };
}
