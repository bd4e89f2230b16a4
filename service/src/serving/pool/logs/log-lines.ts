import { logLevels } from "../../../contract/servers.ts";
import type { LogLevel, LogLine } from "../../../contract/servers.ts";

/** What a line of an engine says. */
export type ReadLine = Pick<LogLine, "level" | "kind" | "text" | "progress">;

/** Reads line after line of one output; a traceback goes over several. */
export type LineReader = (text: string) => ReadLine;

/** Begins every line that we write among the engine's own. */
const notePrefix = "[MLX Manager]";

const tracebackStart = /^\s*Traceback \(most recent call last\):/;
/** Between the parts of a chained traceback. */
const tracebackLink = /^\s*(During handling of the above exception|The above exception was the direct cause)/;
const prefill = /Prompt processing progress: (\d+)\/(\d+)/;
const accessLine = /"(GET|POST|HEAD|OPTIONS|PUT|DELETE|PATCH) \S+ HTTP\/\d(\.\d)?"/;
// Python's logging (`2026-… - WARNING - …`), and servers that begin a line with the level (`INFO:     …`).
const levelWord = / - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - |^\[?(DEBUG|INFO|WARNING|ERROR|CRITICAL)\]?:?\s/;
const levelOf: Readonly<Record<string, LogLevel>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warning",
  ERROR: "error",
  CRITICAL: "error",
};
const fatalLine = /^fatal [a-z_]+: /;
const exceptionLine = /^(\w+\.)*\w*(Error|Exception|Interrupt|Exit)\b(:|$)/;
const warningLine = /\b\w*Warning: /;

/** The output of an engine as lines with a level: what is noise, how far a prefill is, what is an error. */
export function createLineReader(): LineReader {
  let inTraceback = false;
  return (text) => {
    if (text.startsWith(notePrefix)) return readNote(text);
    if (tracebackStart.test(text) || (tracebackLink.test(text) && !inTraceback)) {
      inTraceback = true;
      return { level: "error", kind: "traceback", text };
    }
    if (inTraceback) {
      // Frames are indented; the first line that is not names the exception and is the last one.
      inTraceback = /^\s|^$/.test(text);
      return { level: "error", kind: "traceback", text };
    }
    return readOutput(text);
  };
}

/** Whether a line of this level is shown to who asked for `least` and above. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}

/** A line of ours for the log, which `createLineReader` knows again. */
export function noteText(level: LogLevel, text: string): string {
  return `${notePrefix} ${level}: ${text}`;
}

/** The line that names the exception at the end of a traceback; null for frames and other lines. */
export function exceptionOf({ kind, text }: ReadLine): string | null {
  return kind === "traceback" && exceptionLine.test(text) ? text : null;
}

function readNote(text: string): ReadLine {
  const level = logLevels.find((each) => text.startsWith(`${notePrefix} ${each}: `)) ?? "info";
  return { level, kind: "note", text };
}

function readOutput(text: string): ReadLine {
  const progress = prefill.exec(text);
  if (progress) {
    const [, done, total] = progress;
    return { level: "info", kind: "prefill", text, progress: { done: Number(done), total: Number(total) } };
  }
  if (accessLine.test(text)) return { level: "debug", kind: "request", text };
  const word = levelWord.exec(text);
  const named = levelOf[word?.[1] ?? word?.[2] ?? ""];
  if (named) return { level: named, kind: "output", text };
  if (fatalLine.test(text) || exceptionLine.test(text)) return { level: "error", kind: "output", text };
  return { level: warningLine.test(text) ? "warning" : "info", kind: "output", text };
}
