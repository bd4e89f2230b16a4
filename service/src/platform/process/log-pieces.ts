import { closeSync, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import { systemCode } from "../errors.ts";
import { createGrowth } from "./log-growth.ts";
import type { Growth } from "./log-growth.ts";

/** One file of a log. A log that was turned over has two: the one before, and the one that is written. */
export interface LogPiece {
  /** Where it lies now: it is renamed when the log is turned over. Null when it has been replaced by a later one. */
  path: string | null;
  readonly growth: Growth;
  /** What is written after it. */
  next: LogPiece | null;
}

export interface ReadOptions {
  readonly tail: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

const chunkBytes = 64 * 1024;
const readAt = promisify(read);

/** Where the part of a log lies that was turned over last. */
export function turnedOverPath(path: string): string {
  return `${path}.1`;
}

export function openPiece(path: string): LogPiece {
  return { path, growth: createGrowth(), next: null };
}

/** Pieces that nobody writes any more, in the order they were written. */
export function closedPieces(paths: readonly string[]): LogPiece[] {
  const pieces = paths.map(openPiece);
  pieces.forEach((piece, index) => {
    piece.growth.end();
    piece.next = pieces[index + 1] ?? null;
  });
  return pieces;
}

/**
 * The last `tail` lines over all pieces, then, with `follow`, what is appended, through every turn-over, until the last
 * one ends or the signal aborts. A reader that is two turn-overs behind loses what lay between.
 * @param pieces oldest first.
 */
export async function* readPieces(pieces: readonly LogPiece[], options: ReadOptions): AsyncGenerator<string> {
  const { follow, signal } = options;
  const decoder = new TextDecoder();
  // Without `follow` the end is where the log was at the beginning, however fast it is written meanwhile.
  const last = follow ? null : (pieces.at(-1) ?? null);
  const start = await findStart(pieces, options.tail);
  let position = start.position;
  for (let piece = start.piece; piece !== null && !signal.aborted; piece = piece.next) {
    for await (const bytes of readPiece(piece, position, options)) yield decoder.decode(bytes, { stream: true });
    if (piece === last) return;
    position = 0;
  }
}

async function* readPiece(piece: LogPiece, from: number, { follow, signal }: ReadOptions): AsyncGenerator<Uint8Array> {
  const file = openIfThere(piece.path);
  if (file === null) return;
  const { growth } = piece;
  const buffer = Buffer.alloc(chunkBytes);
  let position = from;
  try {
    while (!signal.aborted) {
      const { count, ended } = growth;
      const { bytesRead } = await readAt(file, buffer, 0, chunkBytes, position);
      position += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (ended || (!follow && piece.next === null)) return;
      else await growth.after(count, signal);
    }
  } finally {
    closeSync(file);
  }
}

/** Opened in the turn in which the path was looked up: a turn-over in between would put another file there. */
function openIfThere(path: string | null): number | null {
  if (path === null) return null;
  try {
    return openSync(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

async function findStart(
  pieces: readonly LogPiece[],
  lines: number,
): Promise<{ piece: LogPiece | null; position: number }> {
  let left = lines;
  let start: { piece: LogPiece | null; position: number } = { piece: pieces.at(-1) ?? null, position: 0 };
  for (const piece of [...pieces].reverse()) {
    const file = openIfThere(piece.path);
    if (file === null) continue;
    try {
      const { position, found } = await tailPosition(file, left);
      start = { piece, position };
      left -= found;
      if (left <= 0) break;
    } finally {
      closeSync(file);
    }
  }
  return start;
}

/** Where the last `lines` lines begin, read backwards in pieces, and how many of them there are. */
async function tailPosition(file: number, lines: number): Promise<{ position: number; found: number }> {
  const { size } = fstatSync(file);
  if (lines === 0 || size === 0) return { position: size, found: 0 };
  const buffer = Buffer.alloc(chunkBytes);
  let position = size;
  let found = 0;
  while (position > 0) {
    const length = Math.min(chunkBytes, position);
    await readAt(file, buffer, 0, length, position - length);
    for (let index = length - 1; index >= 0; index -= 1) {
      if (buffer[index] !== 10 || position - length + index === size - 1) continue;
      found += 1;
      if (found === lines) return { position: position - length + index + 1, found };
    }
    position -= length;
  }
  return { position: 0, found: found + 1 };
}
