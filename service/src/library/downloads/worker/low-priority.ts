import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { basename } from "node:path";
import { systemCode } from "../../../platform/errors.ts";

/** Lower than the main loop's 0, so that answers keep their pace on few cores; hashing takes what is left. */
const niceness = 10;

/**
 * Lowers the calling thread alone. Linux counts a thread as a process here; elsewhere a thread cannot be named and
 * nothing is done, since lowering the process would lower the answers too.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(Number(basename(readlinkSync("/proc/thread-self"))), niceness);
  } catch (error) {
    // Forbidden in some containers: the download is then as urgent as anything else.
    if (!["EACCES", "EPERM", "ENOENT", "ERR_SYSTEM_ERROR"].includes(systemCode(error) ?? "")) throw error;
  }
}
