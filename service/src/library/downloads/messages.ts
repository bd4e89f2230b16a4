import type { Failure } from "../../contract/error.ts";
import type { TransportSettings, TreeFile } from "../hub/index.ts";

/** One file of the plan. Several paths may share a blob; the blob is fetched once. */
export interface PlannedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** sha256 of LFS files, git blob sha1 of the others: checksum and file name in the cache. */
  readonly blobId: string;
  readonly algorithm: "git-sha1" | "sha256";
  /** Content id of the Hub's Xet storage, which the shared blob store of other clients goes by. */
  readonly xetHash: string | null;
}

/** How hard to try; tests make it small. Sizes in bytes, times in milliseconds. */
export interface TransferTuning {
  /** From this size on several connections may fetch a file in segments; below, one fetches it whole. */
  readonly largeFileBytes: number;
  readonly segmentBytes: number;
  /** Up to this size a file is held in memory until its checksum is right, many side by side. */
  readonly smallFileBytes: number;
  readonly smallFileLanes: number;
  /** What a connection writes at once; it holds twice as much at most. */
  readonly batchBytes: number;
  /** The journal is written after so many new bytes, or so much time. */
  readonly journalBytes: number;
  readonly journalMs: number;
  /** No more than this may be on disk without a journal entry: it is fetched again after a crash. */
  readonly unjournaledLimitBytes: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Attempts without a single new byte before a file is given up. */
  readonly attempts: number;
}

const mebibyte = 1024 * 1024;

export const defaultTuning: TransferTuning = {
  largeFileBytes: 32 * mebibyte,
  segmentBytes: 8 * mebibyte,
  smallFileBytes: mebibyte,
  smallFileLanes: 16,
  batchBytes: mebibyte,
  journalBytes: 16 * mebibyte,
  journalMs: 5000,
  // Far below the promised 64 MiB: what lies in the socket buffers of all connections was fetched too.
  unjournaledLimitBytes: 36 * mebibyte,
  firstDelayMs: 500,
  longestDelayMs: 30_000,
  attempts: 10,
};

/** What all downloads of the worker share. Counts from the moment it is told. */
export interface TransferLimits {
  /** Connections open at once, over all downloads. */
  readonly connections: number;
  /** Over all downloads; null: no limit. */
  readonly bytesPerSecond: number | null;
}

export const defaultLimits: TransferLimits = { connections: 8, bytesPerSecond: null };

/** Where one download's files lie. */
export interface DownloadTarget {
  readonly downloadId: string;
  readonly model: string;
  readonly cachePath: string;
}

/** All the worker needs to know of a download. Holds the token inside `transport`: never logged, never stored. */
export interface TransferJob extends DownloadTarget {
  readonly revision: string;
  readonly commit: string;
  readonly files: readonly PlannedFile[];
  /** For `trees/<commit>.json`: every file of the commit; null: none is to be written. */
  readonly listing: readonly TreeFile[] | null;
  /** Whether an existing ref may move to this commit. */
  readonly movesRef: boolean;
  /** Bytes that other downloads are going to need on the same disk. */
  readonly reservedBytes: number;
  readonly transport: TransportSettings;
  readonly tuning: TransferTuning;
  /** Blobs of this model whose content we have proven before; any other one found in the cache is read first. */
  readonly trustedBlobs: readonly string[];
}

export type WorkerCommand =
  | { readonly type: "start"; readonly job: TransferJob }
  /** Stop fetching and write the journal. Without effect once the commit has begun. */
  | { readonly type: "stop"; readonly downloadId: string }
  | { readonly type: "commit"; readonly downloadId: string }
  /** Remove everything that belongs to the download, and the repository's folder if nothing is left in it. */
  | { readonly type: "discard"; readonly requestId: number; readonly target: DownloadTarget }
  | { readonly type: "limits"; readonly limits: TransferLimits }
  | { readonly type: "close" };

export interface TransferProgress {
  readonly bytesDone: number;
  readonly filesDone: number;
  /** Counts every byte that came over the network in this run, also those that were thrown away. */
  readonly fetchedBytes: number;
  /** Bytes whose checksum has been computed, or that were trusted from before. Reaches the total when all is proven. */
  readonly bytesVerified: number;
  /** Connections this download has open now. */
  readonly connections: number;
  /** Paths whose checksum was right since the last report. */
  readonly verified: readonly string[];
}

export type TransferOutcome =
  | { readonly kind: "completed" }
  | { readonly kind: "stopped" }
  /** `before`: found out before a byte was fetched. */
  | { readonly kind: "disk-full"; readonly before: boolean; readonly neededBytes: number; readonly freeBytes: number }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "worker-died" };

export type WorkerReport =
  /** The disk was looked at: these bytes are here already, the rest fits. */
  | { readonly type: "surveyed"; readonly downloadId: string; readonly progress: TransferProgress }
  | { readonly type: "progress"; readonly downloadId: string; readonly progress: TransferProgress }
  | { readonly type: "phase"; readonly downloadId: string; readonly phase: "downloading" | "verifying" }
  /** Everything is verified; the worker waits for `commit`. */
  | { readonly type: "ready"; readonly downloadId: string }
  | { readonly type: "ended"; readonly downloadId: string; readonly outcome: TransferOutcome }
  | { readonly type: "discarded"; readonly requestId: number; readonly problem: string | null }
  | {
      readonly type: "log";
      readonly level: "debug" | "warn" | "error";
      readonly message: string;
      readonly facts: LogFacts;
    };

/** Plain and free of secrets: no addresses (signed ones are keys), no headers. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null>>;
