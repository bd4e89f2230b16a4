import { closeSync, createWriteStream, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import type { WriteStream } from "node:fs";
import { dirname } from "node:path";
import { closedPieces, openPiece, readPieces, turnedOverPath } from "./log-pieces.ts";
import type { LogPiece, ReadOptions } from "./log-pieces.ts";

export type { ReadOptions } from "./log-pieces.ts";

export interface LogSource {
  /** The last `tail` lines, then, with `follow`, what is appended until the log is closed or the signal aborts. */
  read(options: ReadOptions): AsyncIterable<string>;
}

export interface LogFile extends LogSource {
  readonly path: string;
  write(chunk: string | Uint8Array): void;
  close(): Promise<void>;
}

export interface LogFileLimits {
  /** A file that has grown to this is turned over: it takes the place of the one before, a new one begins. */
  readonly fileBytes?: number;
  /** What may wait for the disk; more is left out, and said. */
  readonly waitingBytes?: number;
}

const usualWaitingBytes = 4 * 1024 * 1024;

/**
 * A log on disk that can be followed while it is written. Followers are told by us, never by polling the file.
 * `onFailure` hears once why writing ended early: a full disk must not take down what is logged.
 */
export function createLogFile(
  path: string,
  onFailure: (error: Error) => void = () => undefined,
  limits: LogFileLimits = {},
): LogFile {
  const { fileBytes = Infinity, waitingBytes = usualWaitingBytes } = limits;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const streams = new Set<WriteStream>();
  let closed = false;
  let hasFailed = false;
  const fail = (error: Error): void => {
    closed = true;
    if (!hasFailed) onFailure(error);
    hasFailed = true;
  };
  const open = (): { piece: LogPiece; stream: WriteStream; bytes: number } => {
    // Made now, since a stream opens its file later: a log can be read from the moment there is one.
    closeSync(openSync(path, "a", 0o600));
    const piece = openPiece(path);
    const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
    streams.add(stream);
    stream.once("close", () => {
      streams.delete(stream);
      piece.growth.end();
    });
    stream.on("error", (error) => {
      piece.growth.end();
      fail(error);
    });
    return { piece, stream, bytes: statSync(path).size };
  };
  let [before] = closedPieces([turnedOverPath(path)]) as [LogPiece];
  let current = open();
  let leftOut = 0;
  let isLineOpen = false;

  const turnOver = (): void => {
    renameSync(path, turnedOverPath(path));
    before.path = null;
    before = current.piece;
    before.path = turnedOverPath(path);
    const { stream } = current;
    current = open();
    before.next = current.piece;
    stream.end();
  };
  const append = (chunk: string | Uint8Array): void => {
    current.bytes += Buffer.byteLength(chunk);
    current.stream.write(chunk, current.piece.growth.note);
  };
  /** A file ends with a line, unless one is a tenth of the file long. Not before the stream has found its file by path. */
  const isFull = (): boolean =>
    current.bytes >= fileBytes && (!isLineOpen || current.bytes >= fileBytes * 1.1) && !current.stream.pending;

  return {
    path,
    write(chunk) {
      if (closed || chunk.length === 0) return;
      const bytes = Buffer.byteLength(chunk);
      if (current.stream.writableLength + bytes > waitingBytes) return void (leftOut += bytes);
      try {
        if (isFull()) turnOver();
      } catch (error) {
        current.stream.end();
        return fail(error as Error);
      }
      if (leftOut > 0)
        append(
          `${isLineOpen ? "\n" : ""}[${leftOut} bytes were left out: they came faster than they could be written]\n`,
        );
      leftOut = 0;
      append(chunk);
      isLineOpen = typeof chunk === "string" ? !chunk.endsWith("\n") : chunk.at(-1) !== 10;
    },
    async close() {
      closed = true;
      current.stream.end();
      await Promise.all([...streams].map((stream) => new Promise<void>((resolve) => stream.once("close", resolve))));
      current.piece.growth.end();
    },
    read: (options) => readPieces(before.next === null ? [current.piece] : [before, current.piece], options),
  };
}

/** A log whose writer has gone: nothing will be appended. One that was never written, or is cleaned up, is empty. */
export function closedLog(path: string): LogSource {
  return { read: (options) => readPieces(closedPieces([turnedOverPath(path), path]), options) };
}
