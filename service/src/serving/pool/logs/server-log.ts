import type { LogLevel, LogLine } from "../../../contract/servers.ts";
import { timestamp } from "../../../platform/clock.ts";
import type { Clock } from "../../../platform/clock.ts";
import { createLineSplitter } from "../../../platform/process/line-splitter.ts";
import { closedLog, createLogFile } from "../../../platform/process/log-file.ts";
import type { LogSource } from "../../../platform/process/log-file.ts";
import { createGrowth } from "../../../platform/process/log-growth.ts";
import { createLineReader, isAtLeast, noteText } from "./log-lines.ts";
import type { ReadLine } from "./log-lines.ts";

export type OutputName = "stdout" | "stderr";

export interface LinesOptions {
  readonly tail: number;
  readonly level: LogLevel;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** A server's log: its text as the engine printed it, and the same as lines with time and level. */
export interface ServerLogSource extends LogSource {
  lines(options: LinesOptions): AsyncIterable<readonly LogLine[]>;
}

export interface ServerLog extends ServerLogSource {
  readonly path: string;
  write(chunk: Uint8Array, output: OutputName): void;
  /** A line of ours among the engine's. */
  note(level: LogLevel, text: string): void;
  /** Calls back with every line from now on. */
  listen(listener: (line: ReadLine) => void): () => void;
  close(): Promise<void>;
}

/** A living server's log takes at most twice this on the disk: the file that is written and the one before. */
export const logFileBytes = 5 * 1024 * 1024;
/** Lines of a living server that are kept in memory, with the time they came. */
export const ringLines = 1000;

/** @param onFailure hears once why nothing is written any more; the lines in memory go on. */
export function createServerLog(path: string, clock: Clock, onFailure: (error: Error) => void): ServerLog {
  const file = createLogFile(path, onFailure, { fileBytes: logFileBytes });
  const growth = createGrowth();
  const ring: LogLine[] = [];
  const listeners = new Set<(line: ReadLine) => void>();
  let last = 0;
  const keep = (line: ReadLine): void => {
    last += 1;
    ring.push({ ...line, number: last, at: timestamp(clock) });
    if (ring.length > ringLines) ring.shift();
    for (const listener of listeners) listener(line);
    growth.note();
  };
  const outputOf = () => {
    const read = createLineReader();
    return createLineSplitter((text) => keep(read(text)));
  };
  // Each output has its own half line and its own traceback.
  const outputs: Record<OutputName, ReturnType<typeof outputOf>> = { stdout: outputOf(), stderr: outputOf() };
  const readNote = createLineReader();
  return {
    path,
    write(chunk, output) {
      file.write(chunk);
      outputs[output].push(chunk);
    },
    note(level, text) {
      const line = noteText(level, text);
      file.write(`${line}\n`);
      keep(readNote(line));
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      for (const output of Object.values(outputs)) output.end();
      listeners.clear();
      growth.end();
      await file.close();
    },
    read: (options) => file.read(options),
    async *lines({ tail, level, follow, signal }) {
      let seen = last;
      const history = ring.filter((line) => isAtLeast(line.level, level)).slice(tail === 0 ? ring.length : -tail);
      if (history.length > 0) yield history;
      while (follow && !signal.aborted) {
        const { count, ended } = growth;
        // A slow reader goes on with the oldest line that is still there; the numbers show what it missed.
        const news = ring.filter((line) => line.number > seen);
        seen = news.at(-1)?.number ?? seen;
        const wanted = news.filter((line) => isAtLeast(line.level, level));
        if (wanted.length > 0) yield wanted;
        else if (ended) return;
        else await growth.after(count, signal);
      }
    },
  };
}

/** The log of a server that is over, from its files. When a line came is not known any more. */
export function closedServerLog(path: string): ServerLogSource {
  const source = closedLog(path);
  return {
    read: (options) => source.read(options),
    async *lines({ tail, level, signal }) {
      const kept: LogLine[] = [];
      const read = createLineReader();
      let number = 0;
      const splitter = createLineSplitter((text) => {
        number += 1;
        const line = read(text);
        if (!isAtLeast(line.level, level)) return;
        kept.push({ ...line, number, at: null });
        if (kept.length > tail) kept.shift();
      });
      for await (const text of source.read({ tail: Infinity, follow: false, signal })) splitter.push(Buffer.from(text));
      splitter.end();
      if (kept.length > 0) yield kept;
    },
  };
}
