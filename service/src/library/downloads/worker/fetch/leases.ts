import { addRange, bytesIn, gapsIn } from "../parts/ranges.ts";
import type { Ranges } from "../parts/ranges.ts";

/** Which bytes of one file are to be fetched, and by whom. Each missing byte belongs to one lease or to a gap. */
export interface LeaseBook {
  /**
   * The first bytes that nobody has.
   * @param runBytes how much at most; Infinity: all up to the next bytes that are there.
   */
  take(runBytes: number): Lease | null;
  /** A part of what another connection has still before it; null: it is not worth a request. */
  share(runBytes: number): Lease | null;
  /** Bytes that nobody has. */
  gapBytes(): number;
  /** Whether `take`, or else `share`, would bring something. */
  hasGap(): boolean;
  canShare(): boolean;
  /** Ends a lease at the next segment: what is beyond goes to others. */
  cut(lease: Lease): void;
  /** Ends a lease where it stands; what it did not fetch goes to others. */
  release(lease: Lease): void;
  /** Whether no byte is missing and none is on its way. */
  isComplete(): boolean;
  /** Begins anew. Only without open leases. */
  reset(): void;
}

/** Bytes `[position, end)` are one connection's to fetch. */
export interface Lease {
  readonly start: number;
  /** The next byte; its holder moves it. */
  position: number;
  /** Moves towards the start when others take some of it. */
  end: number;
  /** Bytes per second, as its holder measures; 0: none yet. */
  bytesPerSecond: number;
}

export interface LeaseBookOptions {
  readonly sizeBytes: number;
  readonly present: Ranges;
  readonly segmentBytes: number;
  /** False: one connection only. */
  readonly isShared: () => boolean;
}

/** Less than this is not worth a request of its own, nor what comes in so short a time. */
const smallestShare = 1024 * 1024;
const shortestShareMs = 400;
/** Where a share begins that is taken from a lease: far enough ahead that its holder is not stopped at once. */
const lookAheadMs = 250;

export function createLeaseBook({ sizeBytes, present, segmentBytes, isShared }: LeaseBookOptions): LeaseBook {
  let gaps = gapsIn(present, sizeBytes);
  const open = new Set<Lease>();
  const smallest = Math.min(smallestShare, segmentBytes);

  const start = (from: number, end: number): Lease => {
    const lease = { start: from, position: from, end, bytesPerSecond: 0 };
    open.add(lease);
    return lease;
  };
  /** The next border of segments after `position`, counted from the start of the file. */
  const border = (position: number): number => (Math.floor(position / segmentBytes) + 1) * segmentBytes;
  const giveBack = (from: number, end: number): void => void (gaps = addRange(gaps, from, end));

  /** Where a run ends: at a border of segments, but for one that is shorter than a segment. */
  const runEnd = (from: number, runBytes: number, limit: number): number =>
    Math.min(limit, runBytes < segmentBytes ? from + runBytes : border(from + runBytes - 1));

  const isTaken = (): boolean => !isShared() && open.size > 0;

  /** Where to cut the lease that has most before it; null: no lease has enough. */
  const findShare = (): { victim: Lease; at: number } | null => {
    if (!isShared()) return null;
    const [victim] = [...open].sort((a, b) => b.end - b.position - (a.end - a.position));
    if (!victim) return null;
    const left = victim.end - victim.position;
    if (left < 2 * smallest || left * 1000 < victim.bytesPerSecond * shortestShareMs) return null;
    const ahead = Math.max(segmentBytes, (victim.bytesPerSecond * lookAheadMs) / 1000);
    const middle = victim.position + left / 2;
    const at = border(Math.min(middle, victim.position + ahead) - 1);
    const isInside = at - victim.position >= smallest && victim.end - at >= smallest;
    return { victim, at: isInside ? at : Math.floor(middle) };
  };

  return {
    take(runBytes) {
      const gap = gaps[0];
      if (!gap || isTaken()) return null;
      const [from, to] = gap;
      const end = runEnd(from, runBytes, to);
      gaps = [...(end < to ? [[end, to] as const] : []), ...gaps.slice(1)];
      return start(from, end);
    },
    share(runBytes) {
      const found = findShare();
      if (!found) return null;
      const { victim, at } = found;
      const { end } = victim;
      victim.end = at;
      const own = runEnd(at, runBytes, end);
      giveBack(own, end);
      return start(at, own);
    },
    gapBytes: () => bytesIn(gaps),
    hasGap: () => gaps.length > 0 && !isTaken(),
    canShare: () => findShare() !== null,
    cut(lease) {
      const at = Math.min(lease.end, border(lease.position - 1));
      giveBack(at, lease.end);
      lease.end = at;
    },
    release(lease) {
      if (!open.delete(lease)) return;
      giveBack(lease.position, lease.end);
    },
    isComplete: () => gaps.length === 0 && open.size === 0,
    reset() {
      if (open.size > 0) throw new Error("Somebody still fetches this file.");
      gaps = gapsIn([], sizeBytes);
    },
  };
}

/**
 * How many bytes to ask for at once. Alone, everything: no request is cheaper than that. With others, about a second's
 * worth, a few segments at most and single ones near the end: checksums follow the bytes in order, so the front must
 * not fall behind.
 */
export function runLength(options: {
  readonly streams: number;
  readonly bytesPerSecond: number;
  readonly segmentBytes: number;
  readonly gapBytes: number;
  /** Connections are being reset: every reset loses what was on its way, so little is asked for at once. */
  readonly isCareful: boolean;
}): number {
  const { streams, bytesPerSecond, segmentBytes, gapBytes, isCareful } = options;
  if (isCareful) return Math.ceil(segmentBytes / 4);
  if (streams <= 1) return Infinity;
  const segments = Math.min(4, bytesPerSecond / segmentBytes, gapBytes / streams / 2 / segmentBytes);
  return segmentBytes * Math.max(1, Math.round(segments));
}
