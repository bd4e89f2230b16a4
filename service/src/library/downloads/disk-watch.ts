import { statfs } from "node:fs/promises";
import type { Download } from "../../contract/downloads.ts";
import type { Clock } from "../../platform/clock.ts";
import { systemCode } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { diskMargin } from "./disk.ts";
import { whoFits } from "./reservations.ts";

export interface DiskWatch {
  start(): void;
  close(): void;
}

export interface DiskWatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly path: string;
  /** Those that were paused by a full disk, oldest first. */
  readonly waiting: () => readonly Download[];
  /** Bytes that the others are going to write. */
  readonly promisedBytes: () => number;
  readonly resume: (id: string) => void;
}

/** No other timer has this length: a test knows the look by it. */
export const diskLookMs = 20_000;

/** Lets downloads that wait for disk space go on when there is enough. */
export function watchDisk({ clock, log, path, waiting, promisedBytes, resume }: DiskWatchOptions): DiskWatch {
  let cancel: (() => void) | null = null;

  const look = async (): Promise<void> => {
    if (waiting().length === 0) return;
    const { bavail, blocks, bsize } = await statfs(path);
    const free = bavail * bsize - diskMargin(blocks * bsize) - promisedBytes();
    for (const { id } of whoFits(waiting(), free)) resume(id);
  };
  const lookLater = (): void => {
    cancel = clock.after(diskLookMs, () => {
      look()
        .catch((error: unknown) => {
          if (systemCode(error) !== "ENOENT") log.warn({ error }, "the disk could not be looked at");
        })
        .finally(() => {
          if (cancel) lookLater();
        });
    });
  };

  return {
    start: lookLater,
    close() {
      cancel?.();
      cancel = null;
    },
  };
}
