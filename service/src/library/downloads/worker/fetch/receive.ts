import type { Clock } from "../../../../platform/clock.ts";
import type { Connection } from "./connections.ts";
import type { Hasher } from "../hash/hasher.ts";
import type { Lease, LeaseBook } from "./leases.ts";
import type { Part } from "../parts/part-store.ts";
import type { Throttle } from "./throttle.ts";
import type { SegmentBody } from "./transport.ts";

export interface ReceiveOptions {
  readonly body: SegmentBody;
  readonly lease: Lease;
  readonly book: LeaseBook;
  readonly connection: Connection;
  readonly part: Part;
  readonly throttle: Throttle;
  readonly hasher: Hasher;
  readonly segmentBytes: number;
  /** Where the request ends; the lease may end earlier meanwhile. */
  readonly askedEnd: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  onFetched(bytes: number): void;
  onWritten(): void;
}

/**
 * Brings one body into the part. While one batch is written the next comes in; then the connection waits, so memory is
 * bounded however slow the disk is. Returns at the end of the body or of the lease.
 */
export async function receive(options: ReceiveOptions): Promise<void> {
  const { body, lease, connection, throttle, hasher, segmentBytes, askedEnd, signal, clock } = options;
  const began = clock.monotonic();
  const from = lease.position;
  let writing: Promise<void> = Promise.resolve();
  try {
    for (;;) {
      await writing;
      const batch = await body.take();
      if (batch === null) return;
      options.onFetched(batch.bytes);
      // Others may have taken the end of it, and some servers send more than was asked for.
      const wanted = Math.min(batch.bytes, lease.end - lease.position);
      const position = lease.position;
      lease.position += wanted;
      lease.bytesPerSecond = ((lease.position - from) / Math.max(1, clock.monotonic() - began)) * 1000;
      writing = write(options, wanted < batch.bytes ? firstOf(batch.chunks, wanted) : batch.chunks, position);
      // A failed write is seen at the next turn; meanwhile it must not count as unhandled.
      writing.catch(() => undefined);
      await throttle.take(batch.bytes, signal, connection.holdBack);
      await hasher.pace(wanted, signal, connection.holdBack);
      if (wanted < batch.bytes) return;
      if (crosses(position, lease.position, segmentBytes) && connection.mustYield()) options.book.cut(lease);
      // At its end as asked for, the answer ends by itself and the connection can be used again.
      if (lease.position >= lease.end && lease.end < askedEnd) return;
    }
  } finally {
    // Also after a cut: what came is good until the checksum says otherwise.
    await writing;
  }
}

async function write({ part, onWritten }: ReceiveOptions, chunks: readonly Buffer[], position: number): Promise<void> {
  if (chunks.length === 0) return;
  await part.write(chunks, position);
  onWritten();
}

function crosses(before: number, after: number, segmentBytes: number): boolean {
  return Math.floor(before / segmentBytes) !== Math.floor(after / segmentBytes);
}

function firstOf(chunks: readonly Buffer[], count: number): Buffer[] {
  const kept: Buffer[] = [];
  let left = count;
  for (const chunk of chunks) {
    if (left <= 0) break;
    kept.push(chunk.length <= left ? chunk : chunk.subarray(0, left));
    left -= chunk.length;
  }
  return kept;
}
