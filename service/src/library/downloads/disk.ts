import { statfs } from "node:fs/promises";
import type { Failure } from "../../contract/error.ts";
import type { Clock } from "../../platform/clock.ts";
import { systemCode } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { DownloadStore } from "./store.ts";

const gigabyte = 1e9;

/** What a full disk is told as; the sizes are in `details`. */
export function diskFullFailure({ neededBytes, freeBytes }: { neededBytes: number; freeBytes: number }): Failure {
  const sizes =
    neededBytes > 0 ? ` ${toGigabytes(neededBytes)} GB are needed, ${toGigabytes(freeBytes)} GB are free.` : "";
  return {
    code: "disk_full",
    message: `The disk is full.${sizes} Make space, then resume or retry the download.`,
    details: { neededBytes, freeBytes },
  };
}

function toGigabytes(bytes: number): string {
  return (bytes / gigabyte).toFixed(bytes < gigabyte ? 3 : 1);
}

/** 1 GiB, or 2 % of a small disk: never filled by us, so that the rest of the system keeps working. */
export function diskMargin(diskBytes: number): number {
  return Math.min(1024 ** 3, Math.floor(diskBytes * 0.02));
}

export interface DiskWatch {
  start(): void;
  close(): void;
}

export interface DiskWatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly path: string;
  readonly store: DownloadStore;
  readonly reservedBytes: (id: string) => number;
  readonly resume: (id: string) => void;
}

const intervalMs = 30_000;

/** Lets downloads that wait for disk space go on when there is enough. */
export function watchDisk({ clock, log, path, store, reservedBytes, resume }: DiskWatchOptions): DiskWatch {
  let cancel: (() => void) | null = null;

  const look = async (): Promise<void> => {
    const waiting = store
      .allActive()
      .find(({ state, pauseReason }) => state === "paused" && pauseReason === "disk_full");
    if (!waiting) return;
    const { bavail, blocks, bsize } = await statfs(path);
    const left = (waiting.bytesTotal ?? 0) - waiting.bytesDone;
    if (left + reservedBytes(waiting.id) + diskMargin(blocks * bsize) <= bavail * bsize) resume(waiting.id);
  };
  const lookLater = (): void => {
    cancel = clock.after(intervalMs, () => {
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
