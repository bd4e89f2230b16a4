import { createWriteStream, mkdirSync } from "node:fs";
import type { WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { EventEmitter, once } from "node:events";

export interface LogSource {
  /** The last `tail` lines, then, with `follow`, what is appended until the log is closed or the signal aborts. */
  read(options: { tail: number; follow: boolean; signal: AbortSignal }): AsyncIterable<string>;
}

export interface LogFile extends LogSource {
  readonly path: string;
  write(chunk: string | Uint8Array): void;
  close(): Promise<void>;
}

const chunkBytes = 64 * 1024;

/** A log on disk that can be followed while it is written. Followers are told by us, never by polling the file. */
export function createLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const stream: WriteStream = createWriteStream(path, { flags: "a", mode: 0o600 });
  const changes = new EventEmitter().setMaxListeners(0);
  let closed = false;
  let failure: Error | null = null;
  stream.on("error", (error) => {
    // A full disk must not take the engine down: the log stops, the tail in memory goes on.
    failure = error;
    closed = true;
    changes.emit("change");
  });
  return {
    path,
    write(chunk) {
      if (!closed) stream.write(chunk, () => changes.emit("change"));
    },
    async close() {
      if (closed) return;
      closed = true;
      stream.end();
      if (failure === null) await once(stream, "close");
      changes.emit("change");
    },
    read: (options) => follow(path, { ...options, changes, isClosed: () => closed }),
  };
}

/** A log whose writer has gone: nothing will be appended. */
export function closedLog(path: string): LogSource {
  return {
    read: (options) => follow(path, { ...options, follow: false, changes: new EventEmitter(), isClosed: () => true }),
  };
}

interface FollowOptions {
  readonly tail: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly changes: EventEmitter;
  readonly isClosed: () => boolean;
}

async function* follow(path: string, options: FollowOptions): AsyncGenerator<string> {
  const file = await open(path, "r");
  try {
    let position = await tailPosition(file, options.tail);
    const decoder = new TextDecoder();
    const buffer = Buffer.alloc(chunkBytes);
    for (;;) {
      const ended = options.isClosed();
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, position);
      if (bytesRead > 0) {
        position += bytesRead;
        yield decoder.decode(buffer.subarray(0, bytesRead), { stream: true });
        continue;
      }
      if (!options.follow || ended || options.signal.aborted) return;
      await Promise.race([once(options.changes, "change"), aborted(options.signal)]);
    }
  } finally {
    await file.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}

/** Where the last `lines` lines begin, read backwards in pieces. */
async function tailPosition(file: Awaited<ReturnType<typeof open>>, lines: number): Promise<number> {
  const { size } = await file.stat();
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
  return lines === 0 ? size : 0;
}
