import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import type { Clock } from "../../platform/clock.ts";

export interface SendOptions {
  /** First byte, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Lets a few read at once: the file system's threads serve the whole process. */
  readonly reading: <Result>(read: () => Promise<Result>) => Promise<Result>;
}

/** Small enough that one turn of the loop never keeps a chat's token waiting, large enough for a fast network. */
const chunkBytes = 512 * 1024;
/** A client that takes nothing for so long is gone, and must not hold the model. */
const stallMs = 120_000;

/**
 * Sends a part of a file: through two buffers of its own, so that memory stays flat, and the next piece is read while
 * one is on its way. Ends without the rest when the client leaves or the file turns out shorter: a cut is better than
 * a false end. @throws the file system's error of a read.
 */
export async function sendPart(handle: FileHandle, response: ServerResponse, options: SendOptions): Promise<void> {
  const { start, end, signal, clock, reading } = options;
  const sizes = Math.min(chunkBytes, end - start);
  const buffers = [Buffer.allocUnsafeSlow(sizes), Buffer.allocUnsafeSlow(end - start > sizes ? sizes : 0)];
  const readAt = (position: number, turn: number) => {
    const buffer = buffers[turn % 2] as Buffer;
    return reading(async () => {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
      return buffer.subarray(0, bytesRead);
    });
  };
  let position = start;
  let next = position < end ? readAt(position, 0) : null;
  for (let turn = 1; next !== null; turn += 1) {
    const piece: Buffer = await next;
    if (signal.aborted || piece.length === 0) break;
    position += piece.length;
    next = position < end ? readAt(position, turn) : null;
    // A read that fails while we write is met at its turn above; until then it must not count as unhandled.
    next?.catch(() => undefined);
    if (!(await written(response, piece, signal, clock))) break;
  }
  // The handle is closed by the caller: no read may be on its way then.
  await next?.catch(() => undefined);
  if (position < end || signal.aborted) response.destroy();
  else response.end();
}

/** Whether the piece went out; false when the client left or takes nothing any more. */
function written(response: ServerResponse, piece: Buffer, signal: AbortSignal, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isOut: boolean) => {
      cancel();
      signal.removeEventListener("abort", leave);
      resolve(isOut);
    };
    const leave = () => settle(false);
    const cancel = clock.after(stallMs, () => {
      response.destroy();
      settle(false);
    });
    signal.addEventListener("abort", leave, { once: true });
    response.write(piece, (error) => settle(error === null || error === undefined));
  });
}
