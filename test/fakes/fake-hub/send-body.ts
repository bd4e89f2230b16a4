import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import type { ByteRange } from "./byte-range.ts";
import type { ByteReader, ByteSource } from "./byte-source.ts";
import type { Cut } from "./faults.ts";

/** What happens to one body on its way; built from the faults that hit the request. */
export interface BodyEffects {
  drop?: { afterBytes: number; how: Cut };
  stall?: { afterBytes: number; until: Promise<unknown> };
  /** Offsets within the file. */
  flips: number[];
  bytesPerSecond?: number;
  /** Bytes sent after the end of the file. */
  extraBytes: number;
}

const chunkSize = 1024 * 1024;

/** Thrown inside when the client is gone; never leaves `sendBody`. */
class ClientGone extends Error {}

/**
 * Stream a range of a source and end the response, with two buffers used in turn: full speed without garbage.
 * Settles when the last byte is with the kernel, or the connection is gone.
 */
export async function sendBody(
  response: ServerResponse,
  source: ByteSource,
  range: ByteRange,
  effects: BodyEffects,
  onSent: (bytes: number) => void,
): Promise<void> {
  const gone = new Promise<never>((_, reject) => response.once("close", () => reject(new ClientGone())));
  gone.catch(() => undefined); // the normal end closes the response too
  const reader = await source.open();
  try {
    await sendPieces(response, reader, range, effects, onSent, gone);
    await cutOrEnd(response, effects);
  } catch (error) {
    if (!(error instanceof ClientGone)) throw error;
  } finally {
    await reader.close();
  }
}

async function sendPieces(
  response: ServerResponse,
  reader: ByteReader,
  range: ByteRange,
  effects: BodyEffects,
  onSent: (bytes: number) => void,
  gone: Promise<never>,
): Promise<void> {
  const total = Math.min(range.end - range.start + effects.extraBytes, effects.drop?.afterBytes ?? Infinity);
  const ring = [0, 1].map(() => ({ bytes: Buffer.allocUnsafe(Math.min(chunkSize, total)), free: Promise.resolve() }));
  const began = performance.now();
  let sent = 0;
  for (let turn = 0; sent < total; turn += 1) {
    const slot = ring[turn % 2]!;
    await Promise.race([slot.free, gone]);
    if (effects.stall && sent >= effects.stall.afterBytes) {
      await Promise.race([effects.stall.until, gone]);
      effects.stall = undefined;
    }
    const allowed = await Promise.race([allowance(effects.bytesPerSecond, sent, began), gone]);
    const nextStop = Math.min(total, effects.stall?.afterBytes ?? Infinity);
    const piece = slot.bytes.subarray(0, Math.min(slot.bytes.length, nextStop - sent, allowed));
    await fill(piece, reader, range.start + sent, range.end);
    flip(piece, range.start + sent, effects.flips);
    slot.free = write(response, piece);
    slot.free.catch(() => undefined); // seen again when the slot's turn comes, or the client has left
    sent += piece.length;
    onSent(piece.length);
  }
  // Everything is with the kernel before a cut, so that "after N bytes" means what it says.
  await Promise.race([Promise.all(ring.map((slot) => slot.free)), gone]);
}

async function fill(piece: Buffer, reader: ByteReader, position: number, end: number): Promise<void> {
  const wanted = Math.max(0, Math.min(piece.length, end - position));
  for (let done = 0; done < wanted;) {
    const count = await reader.read(piece.subarray(done, wanted), position + done);
    if (count === 0) throw new Error(`The file behind this answer shrank: nothing at ${position + done}`);
    done += count;
  }
  piece.fill(0x58, wanted); // bytes beyond the file
}

function flip(piece: Buffer, position: number, offsets: number[]): void {
  for (const offset of offsets) {
    const index = offset - position;
    if (index >= 0 && index < piece.length) piece[index] = piece[index]! ^ 0xff;
  }
}

function write(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) =>
    response.write(piece, (error) => (error ? reject(new ClientGone()) : resolve())),
  );
}

/** Bytes that may go out now; waits until at least a twentieth of a second's worth is due. */
async function allowance(bytesPerSecond: number | undefined, sent: number, began: number): Promise<number> {
  if (bytesPerSecond === undefined) return Infinity;
  const step = Math.max(1, Math.floor(bytesPerSecond / 20));
  const due = began + ((sent + step) / bytesPerSecond) * 1000;
  const wait = due - performance.now();
  if (wait > 0) await delay(wait);
  return step;
}

async function cutOrEnd(response: ServerResponse, { drop, stall }: BodyEffects): Promise<void> {
  if (drop) return cutConnection(response, drop.how);
  if (stall) await stall.until;
  response.end();
}

export function cutConnection(response: ServerResponse, how: Cut): void {
  if (how === "rst") response.socket?.resetAndDestroy();
  else response.socket?.destroySoon();
}
