import type { Download } from "../../contract/downloads.ts";
import { inOrder } from "./queue.ts";

/** Who has which claim to the disk, so that downloads which fit alone but not together are not both let in. */
export interface Reservations {
  /**
   * Bytes that others are going to write: those let in before, and those whose turn comes first. From now on this
   * download is let in itself.
   */
  claim(id: string): number;
  release(id: string): void;
  /** Bytes that everything at work or in the queue is going to write. */
  promisedBytes(): number;
}

/** @param active all that are neither finished nor given up, oldest first, with counters of this moment. */
export function createReservations(active: () => readonly Download[]): Reservations {
  /** Of each that was let in, whom it left room for. */
  const letIn = new Map<string, ReadonlySet<string>>();
  return {
    claim(id) {
      const line = inOrder(active());
      const own = line.findIndex((download) => download.id === id);
      const others = line.filter((download, index) => {
        if (download.id === id) return false;
        const leftRoomFor = letIn.get(download.id);
        // One that left room for this one takes nothing from it: else each of two would give way to the other.
        if (leftRoomFor) return !leftRoomFor.has(id);
        // Paused ones hold no claim: nobody knows when they go on, and then they are looked at again.
        return index < own && download.state !== "paused";
      });
      letIn.set(id, new Set(others.map((download) => download.id)));
      return bytesLeft(others);
    },
    release: (id) => void letIn.delete(id),
    promisedBytes: () => bytesLeft(active().filter(({ state }) => state !== "paused")),
  };
}

function bytesLeft(downloads: readonly Download[]): number {
  return downloads.reduce((sum, { bytesTotal, bytesDone }) => sum + Math.max(0, (bytesTotal ?? 0) - bytesDone), 0);
}

/**
 * Which of those that wait for space can go on together, first come first served; a big one that does not fit does
 * not keep a small one waiting.
 */
export function whoFits(waiting: readonly Download[], freeBytes: number): Download[] {
  let left = freeBytes;
  return inOrder(waiting).filter((download) => {
    const wanted = bytesLeft([download]);
    if (wanted > left) return false;
    left -= wanted;
    return true;
  });
}
