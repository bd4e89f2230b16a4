import type { Clock } from "../../../../platform/clock.ts";
import type { PlannedFile, TransferJob } from "../../messages.ts";
import { createBell } from "./bell.ts";
import { createBlobFetch } from "./blob-fetch.ts";
import type { BlobFetch } from "./blob-fetch.ts";
import type { Connection } from "./connections.ts";
import { inLanes } from "./lanes.ts";
import type { Lease } from "./leases.ts";
import type { PartStore } from "../parts/part-store.ts";
import type { TransferFault } from "./retry.ts";
import type { Shared } from "../shared.ts";
import { fetchSmall } from "./small-fetch.ts";
import type { Transport } from "./transport.ts";

export interface FetcherOptions {
  readonly job: TransferJob;
  readonly store: PartStore;
  readonly transport: Transport;
  readonly shared: Shared;
  readonly clock: Clock;
  readonly random: () => number;
  /** Stands for this download where connections are shared. */
  readonly owner: object;
  readonly signal: AbortSignal;
  onFetched(bytes: number): void;
  onVerified(blobId: string): void;
  onFault(path: string, fault: TransferFault, attempt: number): void;
}

/** Fetches a download's files into their parts. */
export interface Fetcher {
  /** More files. They begin at once. */
  add(files: readonly PlannedFile[]): void;
  /** Resolves when all that was added is there and proven, and nothing is going to be added. Rejects with the first failure. */
  finish(): Promise<void>;
  /** Bytes whose checksum is computed, of files that are not yet proven. */
  hashedBytes(): number;
  /** Ends with an error. */
  fail(error: unknown): void;
  /** Aborts when it ends, in whatever way. */
  readonly signal: AbortSignal;
}

/** Looks again for work to share so often: a slow connection is known as slow only after a while. */
const lookMs = 250;

export function createFetcher(options: FetcherOptions): Fetcher {
  const { job, store, transport, shared, clock, random, owner } = options;
  const { tuning } = job;
  const failed = new AbortController();
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const bell = createBell(clock);
  const blobs = new Map<string, BlobFetch>();
  const running = new Set<Promise<void>>();
  signal.addEventListener("abort", bell.ring, { once: true });

  // The first error ends the others; theirs is only that they were ended.
  const fail = (error: unknown): void => failed.abort(error);
  const run = (work: Promise<void>): void => {
    const ended = work.catch(fail).finally(() => {
      running.delete(ended);
      bell.ring();
    });
    running.add(ended);
  };
  const common = (file: PlannedFile) => {
    const part = store.parts.get(file.blobId);
    if (!part) throw new Error("A file has no part.");
    return {
      ...{ file, part, transport, tuning, clock, random, signal, throttle: shared.throttle },
      onFetched: options.onFetched,
      onFault: (fault: TransferFault, attempt: number) => options.onFault(file.path, fault, attempt),
    };
  };

  const fetchOneSmall = async (file: PlannedFile): Promise<void> => {
    signal.throwIfAborted();
    await fetchSmall({ ...common(file), connect: () => shared.connections.acquire(owner, "small", signal) });
    options.onVerified(file.blobId);
  };
  const begin = (file: PlannedFile): void => {
    const blob = createBlobFetch({
      ...common(file),
      hasher: shared.hasher,
      onTrouble: shared.connections.trouble,
      onNews() {
        if (blob.isDone() && blobs.delete(file.blobId)) options.onVerified(file.blobId);
        bell.ring();
      },
      onFailed: fail,
    });
    blobs.set(file.blobId, blob);
    blob.begin();
  };

  /** The first bytes that nobody fetches, in the order of the files; when there are none, a share of somebody's. */
  const next = (streams: number): { blob: BlobFetch; lease: Lease } | null => {
    for (const how of ["gap", "share"] as const) {
      for (const blob of blobs.values()) {
        const lease = blob.take(streams, how);
        if (lease) return { blob, lease };
      }
    }
    return null;
  };
  const stream = async (connection: Connection, first: { blob: BlobFetch; lease: Lease }): Promise<void> => {
    try {
      for (let work: ReturnType<typeof next> = first; work; work = next(connection.share())) {
        await work.blob.fetch(work.lease, connection);
        if (signal.aborted || connection.mustYield()) return;
      }
    } finally {
      connection.release();
    }
  };
  const dueIn = (): number => {
    const due = [...blobs.values()].flatMap((blob) => blob.dueAt() ?? []);
    return Math.max(1, Math.min(lookMs, ...due.map((at) => at - clock.monotonic())));
  };
  /** Opens streams as long as connections are to be had and there is work for them. */
  const open = async (): Promise<void> => {
    const until = AbortSignal.any([signal, over.signal]);
    while (!until.aborted) {
      const hasWork = [...blobs.values()].some((blob) => blob.hasWork());
      if (hasWork) {
        const connection = await shared.connections.acquire(owner, "stream", until).catch(() => null);
        const work = connection && next(connection.share());
        if (connection && work) {
          run(stream(connection, work));
          continue;
        }
        connection?.release();
      }
      if (!until.aborted) await bell.heard(dueIn());
    }
  };

  const opening = open();
  return {
    add(files) {
      const wanted = files.filter(({ blobId }) => store.parts.get(blobId)?.isVerified() !== true);
      const isSmall = ({ sizeBytes }: PlannedFile) => sizeBytes <= tuning.smallFileBytes;
      // The small ones first: with few connections they are soon done, and each is a file less.
      const small = wanted.filter(isSmall);
      if (small.length > 0) run(inLanes(small, tuning.smallFileLanes, fetchOneSmall));
      for (const file of wanted) if (!isSmall(file)) begin(file);
      bell.ring();
    },
    async finish() {
      while (!signal.aborted && (running.size > 0 || blobs.size > 0)) await bell.heard(lookMs);
      over.abort();
      await opening;
      await Promise.all(running);
      await Promise.all([...blobs.values()].map((blob) => blob.stop()));
      options.signal.throwIfAborted();
      if (failed.signal.aborted) throw failed.signal.reason;
    },
    hashedBytes: () => [...blobs.values()].reduce((sum, blob) => sum + blob.hashedBytes(), 0),
    ...{ fail, signal },
  };
}
