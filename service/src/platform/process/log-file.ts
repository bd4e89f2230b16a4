import { closeSync, createWriteStream, mkdirSync, openSync } from "node:fs";
import type { WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "../errors.ts";

export interface LogSource {
  /** The last `tail` lines, then, with `follow`, what is appended until the log is closed or the signal aborts. */
  read(options: ReadOptions): AsyncIterable<string>;
}

export interface ReadOptions {
  readonly tail: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface LogFile extends LogSource {
  readonly path: string;
  write(chunk: string | Uint8Array): void;
  close(): Promise<void>;
}

const chunkBytes = 64 * 1024;

/**
 * A log on disk that can be followed while it is written. Followers are told by us, never by polling the file.
 * `onFailure` hears once why writing ended early: a full disk must not take down what is logged.
 */
export function createLogFile(path: string, onFailure: (error: Error) => void = () => undefined): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Made now, since a stream opens its file later: a log can be read from the moment there is one.
  closeSync(openSync(path, "a", 0o600));
  const stream: WriteStream = createWriteStream(path, { flags: "a", mode: 0o600 });
  const growth = createGrowth();
  let closed = false;
  stream.on("error", (error) => {
    closed = true;
    growth.note();
    onFailure(error);
  });
  return {
    path,
    write(chunk) {
      if (!closed) stream.write(chunk, growth.note);
    },
    async close() {
      closed = true;
      if (!stream.closed) {
        await new Promise<void>((resolve) => {
          stream.once("close", resolve);
          stream.end();
        });
      }
      growth.end();
    },
    read: (options) => follow(path, options, growth),
  };
}

/** A log whose writer has gone: nothing will be appended. One that was never written, or is cleaned up, is empty. */
export function closedLog(path: string): LogSource {
  const growth = createGrowth();
  growth.end();
  return { read: (options) => follow(path, options, growth) };
}

/** Counts changes, so that one which falls between a look at the file and the wait for the next is not missed. */
interface Growth {
  readonly count: number;
  readonly ended: boolean;
  note(): void;
  end(): void;
  /** Resolves when more than `seen` changes happened, the log ended, or the signal aborts. */
  after(seen: number, signal: AbortSignal): Promise<void>;
}

function createGrowth(): Growth {
  const waiting = new Set<() => void>();
  let count = 0;
  let ended = false;
  const note = (): void => {
    count += 1;
    for (const wake of [...waiting]) wake();
  };
  return {
    get count() {
      return count;
    },
    get ended() {
      return ended;
    },
    note,
    end() {
      ended = true;
      note();
    },
    after(seen, signal) {
      if (ended || count > seen || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
      });
    },
  };
}

async function* follow(path: string, options: ReadOptions, growth: Growth): AsyncGenerator<string> {
  const file = await openIfThere(path);
  if (file === null) return;
  try {
    let position = await tailPosition(file, options.tail);
    const decoder = new TextDecoder();
    const buffer = Buffer.alloc(chunkBytes);
    while (!options.signal.aborted) {
      const { count, ended } = growth;
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
      if (bytesRead > 0) {
        position += bytesRead;
        yield decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
      } else if (!options.follow || ended) {
        return;
      } else {
        await growth.after(count, options.signal);
      }
    }
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** Where the last `lines` lines begin, read backwards in pieces. */
async function tailPosition(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  const buffer = Buffer.alloc(chunkBytes);
  let position = size;
  let found = 0;
  while (position > 0) {
    const length = Math.min(chunkBytes, position);
    await file.read(buffer, 0, length, position - length);
    for (let index = length - 1; index >= 0; index -= 1) {
      if (buffer[index] !== 10 || position - length + index === size - 1) continue;
      found += 1;
      if (found === lines) return position - length + index + 1;
    }
    position -= length;
  }
  return 0;
}
