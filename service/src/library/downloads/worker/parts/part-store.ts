import { open, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { Clock } from "../../../../platform/clock.ts";
import { systemCode } from "../../../../platform/errors.ts";
import type { RepositoryLayout } from "../../layout.ts";
import type { TransferTuning } from "../../messages.ts";
import { isMissing, makeFolders } from "../commit/files.ts";
import { readJournal, writeJournal } from "./journal.ts";
import type { PartRecord } from "./journal.ts";
import { inLanes } from "../fetch/lanes.ts";
import { addRange, bytesIn, clipRanges, noRanges, prefixOf } from "./ranges.ts";
import type { Ranges } from "./ranges.ts";

/** The unfinished files of one download. After a crash only what its journal says is trusted. */
export interface PartStore {
  readonly parts: ReadonlyMap<string, Part>;
  /** Writes the journal after the data it speaks of is on the disk. */
  flush(): Promise<void>;
  /** The same on a full disk: gives up a little of the newest data if there is no room for the journal else. */
  flushOnFullDisk(): Promise<void>;
  close(): Promise<void>;
}

export interface Part {
  readonly blobId: string;
  readonly path: string;
  readonly sizeBytes: number;
  isVerified(): boolean;
  /** Bytes that are there, from the start without a hole. */
  prefix(): number;
  bytesDone(): number;
  /** What is there. */
  ranges(): Ranges;
  open(): Promise<void>;
  /** Several connections may write at once, each at places of its own. Waits when too much is not yet journaled. */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>;
  /** Only after the checksum was right. */
  markVerified(): void;
  /** Forgets the content, in the journal first: it must never vouch for bytes that come later. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface PartStoreOptions {
  readonly layout: RepositoryLayout;
  readonly downloadId: string;
  readonly blobs: readonly { blobId: string; sizeBytes: number }[];
  readonly tuning: TransferTuning;
  readonly clock: Clock;
}

const givenUpBytes = 256 * 1024;
/** Below the four threads that Node has for files, so that writing goes on meanwhile. */
const syncLanes = 3;
const lookLanes = 16;
/** Many small files are synced on the way, while others are waited for, and not all at the end. */
const dirtyFiles = 48;

export async function openPartStore(options: PartStoreOptions): Promise<PartStore> {
  const { layout, downloadId, blobs, tuning, clock } = options;
  await makeFolders(layout);
  const known = await readJournal(layout.journal(downloadId));
  const records = new Map<string, PartRecord>();
  await inLanes(blobs, lookLanes, async ({ blobId, sizeBytes }) => {
    records.set(blobId, await trusted(known.get(blobId), layout.part(blobId, downloadId), sizeBytes));
  });
  // Trust that was lost is taken back in the journal too, before a file of that name exists again.
  const isLost = [...known].some(([blobId, record]) => records.has(blobId) && records.get(blobId) !== record);
  if (isLost) await writeJournal(layout, downloadId, records);

  const dirty = new Set<string>();
  let unjournaled = 0;
  let flushing: Promise<void> | null = null;
  let cancelTimer: (() => void) | null = null;
  let failure: unknown = null;

  const flushNow = async (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = null;
    // What is written from here on belongs to the next journal.
    const blobIds = [...dirty];
    const snapshot = new Map(records);
    const covered = unjournaled;
    dirty.clear();
    try {
      await inLanes(blobIds, syncLanes, (blobId) => syncData(layout.part(blobId, downloadId)));
      await writeJournal(layout, downloadId, snapshot);
      unjournaled -= covered;
    } catch (error) {
      for (const blobId of blobIds) dirty.add(blobId);
      throw error;
    }
  };
  /** One flush at a time; whoever asks during one gets the next. */
  const flush = async (): Promise<void> => {
    while (flushing) await flushing.catch(() => undefined);
    if (dirty.size === 0) return;
    flushing = flushNow().finally(() => (flushing = null));
    await flushing;
  };
  const flushAside = (): void => {
    if (flushing) return;
    flush().catch((error: unknown) => (failure = error));
  };
  const written = async (blobId: string): Promise<void> => {
    dirty.add(blobId);
    cancelTimer ??= clock.after(tuning.journalMs, flushAside);
    if (unjournaled >= tuning.journalBytes || dirty.size >= dirtyFiles) flushAside();
    while (unjournaled >= tuning.unjournaledLimitBytes && failure === null) await flush();
    if (failure !== null) throw takeFailure();
  };
  const takeFailure = (): unknown => {
    const error = failure;
    failure = null;
    return error;
  };

  const createPart = (blobId: string, sizeBytes: number): Part => {
    const path = layout.part(blobId, downloadId);
    const record = () => records.get(blobId) as PartRecord;
    let handle: FileHandle | null = null;
    const opened = (): FileHandle => {
      if (!handle) throw new Error("The part is not open.");
      return handle;
    };
    const part: Part = {
      blobId,
      path,
      sizeBytes,
      isVerified: () => record().isVerified,
      prefix: () => prefixOf(record().ranges),
      bytesDone: () => bytesIn(record().ranges),
      ranges: () => record().ranges,
      async open() {
        // Never "a" or a preallocation: the journal alone says what counts.
        handle ??= await open(path, "r+").catch((error: unknown) => {
          if (isMissing(error)) return open(path, "wx+", 0o666);
          throw error;
        });
        dirty.add(blobId);
      },
      async write(chunks, position) {
        // Counted before it is written: what is in our hands was fetched too.
        unjournaled += chunks.reduce((sum, { length }) => sum + length, 0);
        for (let left = chunks, at = position; left.length > 0;) {
          const { bytesWritten } = await opened().writev(left as Uint8Array[], at);
          records.set(blobId, { ...record(), ranges: addRange(record().ranges, at, at + bytesWritten) });
          at += bytesWritten;
          left = restOf(left, bytesWritten);
        }
        await written(blobId);
      },
      markVerified() {
        records.set(blobId, { ...record(), isVerified: true });
        dirty.add(blobId);
      },
      async reset() {
        records.set(blobId, { sizeBytes, ranges: noRanges, isVerified: false });
        dirty.add(blobId);
        await flush();
        await opened().truncate(0);
      },
      async close() {
        const closing = handle;
        handle = null;
        await closing?.close();
      },
    };
    return part;
  };
  const parts = new Map(blobs.map(({ blobId, sizeBytes }) => [blobId, createPart(blobId, sizeBytes)]));

  return {
    parts,
    flush,
    async flushOnFullDisk() {
      try {
        await flush();
      } catch (error) {
        if (systemCode(error) !== "ENOSPC") throw error;
        await giveUpTail(layout, downloadId, records);
        await flush();
      }
    },
    async close() {
      cancelTimer?.();
      await flushing?.catch(() => undefined);
      for (const part of parts.values()) await part.close();
    },
  };
}

/** Frees a little space at the end of the unfinished file that has most. */
async function giveUpTail(
  layout: RepositoryLayout,
  downloadId: string,
  records: Map<string, PartRecord>,
): Promise<void> {
  const endOf = ({ ranges }: PartRecord) => ranges.at(-1)?.[1] ?? 0;
  const unfinished = [...records].filter(([, record]) => !record.isVerified && endOf(record) > 0);
  const [blobId, record] = unfinished.sort(([, a], [, b]) => bytesIn(b.ranges) - bytesIn(a.ranges))[0] ?? [];
  if (blobId === undefined || record === undefined) return;
  const kept = Math.max(0, endOf(record) - givenUpBytes);
  records.set(blobId, { ...record, ranges: clipRanges(record.ranges, kept) });
  const handle = await open(layout.part(blobId, downloadId), "r+");
  try {
    await handle.truncate(kept);
  } finally {
    await handle.close();
  }
}

/** What is left of the chunks after the first `count` bytes. */
function restOf(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let done = 0;
  for (const [index, chunk] of chunks.entries()) {
    if (done + chunk.length > count) return [chunk.subarray(count - done), ...chunks.slice(index + 1)];
    done += chunk.length;
  }
  return [];
}

/** The journal's record, unless the file is shorter than it says. */
async function trusted(record: PartRecord | undefined, path: string, sizeBytes: number): Promise<PartRecord> {
  const nothing: PartRecord = { sizeBytes, ranges: noRanges, isVerified: false };
  try {
    const { size } = await stat(path);
    if (record?.sizeBytes === sizeBytes && size >= (record.ranges.at(-1)?.[1] ?? 0)) return record;
    await rm(path, { force: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return nothing;
}

/** The data of a file that may have been closed already: syncing works on the file, not on the handle. */
async function syncData(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
