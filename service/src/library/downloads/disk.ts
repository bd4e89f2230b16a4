import type { Failure } from "../../contract/error.ts";

const gigabyte = 1e9;

export interface DiskShortage {
  /** With the claims of other downloads and the margin; 0 where nobody counted. */
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** What a full disk is told as; the sizes are in `details`. @param waits whether it goes on by itself. */
export function diskFullFailure({ neededBytes, freeBytes }: DiskShortage, waits: boolean): Failure {
  const sizes =
    neededBytes > 0 ? ` ${toGigabytes(neededBytes)} GB are needed, ${toGigabytes(freeBytes)} GB are free.` : "";
  const next = waits
    ? "Make space: the download then goes on by itself."
    : "Make space or cancel other downloads, then try again.";
  return { code: "disk_full", message: `The disk is full.${sizes} ${next}`, details: { neededBytes, freeBytes } };
}

function toGigabytes(bytes: number): string {
  return (bytes / gigabyte).toFixed(bytes < gigabyte ? 3 : 1);
}

/** 1 GiB, or 2 % of a small disk: never filled by us, so that the rest of the system keeps working. */
export function diskMargin(diskBytes: number): number {
  return Math.min(1024 ** 3, Math.floor(diskBytes * 0.02));
}
