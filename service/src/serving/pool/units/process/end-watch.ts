import { closeSync, openSync, readSync } from "node:fs";
import { systemCode } from "../../../../platform/errors.ts";

/** Knows of a child's end before the event that tells it. */
export interface EndWatch {
  isEnding(): boolean;
  close(): void;
}

/**
 * Looks whether a child of ours is past its end although we have not been told yet: it has no memory any more. Asked
 * before every request, so it is one read of an open file. Only Linux answers this without starting a program;
 * elsewhere the answer is no, and whoever sends a request to a port that refuses it asks again.
 */
export function watchEnd(pid: number): EndWatch {
  if (process.platform !== "linux") return { isEnding: () => false, close: () => undefined };
  const descriptor = openSizes(pid);
  if (descriptor === null) return { isEnding: () => true, close: () => undefined };
  const bytes = Buffer.alloc(1);
  let isOpen = true;
  return {
    isEnding() {
      if (!isOpen) return true;
      try {
        // Pages of the whole program come first: "0" alone begins with a zero.
        return readSync(descriptor, bytes, 0, 1, 0) === 0 || bytes[0] === zero;
      } catch (error) {
        if (systemCode(error) === "ESRCH") return true;
        throw error;
      }
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

const zero = "0".charCodeAt(0);

function openSizes(pid: number): number | null {
  try {
    return openSync(`/proc/${pid}/statm`, "r");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}
