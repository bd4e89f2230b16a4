import type { Readable, Writable } from "node:stream";

/** What a process has as standard streams; a test gives its own. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Streams {
  readonly input: InputStream;
  readonly output: OutputStream;
  readonly errorOutput: OutputStream;
}

type Paint = (text: string) => string;

export interface Styles {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

export interface Terminal extends Streams {
  /** Results: only these go to standard output, so that a pipe gets nothing else. */
  line(text: string): void;
  write(text: string): void;
  /** The API's own object, two spaces deep. */
  json(value: unknown): void;
  /** What a person should know beside the result; on standard error. */
  note(text: string): void;
  /** One line that is replaced by the next and leaves nothing behind; shows nothing where standard error is no terminal. */
  status(text: string): void;
  readonly hasStatusLine: boolean;
  /** A person sits at both ends: questions may be asked. */
  readonly isInteractive: boolean;
  /** Columns of the output; null where lines are not cut. */
  readonly columns: number | null;
  readonly statusColumns: number;
  readonly styles: Styles;
  readonly errorStyles: Styles;
}

type Environment = Readonly<Record<string, string | undefined>>;

const eraseLine = "\r\u001B[K";

export function createTerminal(streams: Streams, environment: Environment): Terminal {
  const { input, output, errorOutput } = streams;
  const isPlain = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  const hasStatusLine = errorOutput.isTTY === true && environment["TERM"] !== "dumb";
  let hasStatus = false;
  const clearStatus = (): void => {
    if (hasStatus) errorOutput.write(eraseLine);
    hasStatus = false;
  };
  return {
    ...streams,
    line(text) {
      clearStatus();
      output.write(`${text}\n`);
    },
    write(text) {
      clearStatus();
      output.write(text);
    },
    json(value) {
      clearStatus();
      output.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note(text) {
      clearStatus();
      errorOutput.write(`${text}\n`);
    },
    status(text) {
      if (!hasStatusLine) return;
      if (text === "") return clearStatus();
      errorOutput.write(`${eraseLine}${text}`);
      hasStatus = true;
    },
    hasStatusLine,
    isInteractive: input.isTTY === true && errorOutput.isTTY === true,
    columns: output.isTTY === true ? (output.columns ?? 80) : null,
    statusColumns: errorOutput.columns ?? 80,
    styles: output.isTTY === true && !isPlain ? colored : plain,
    errorStyles: errorOutput.isTTY === true && !isPlain ? colored : plain,
  };
}

const paint =
  (open: number, close: number): Paint =>
  (text) =>
    `\u001B[${open}m${text}\u001B[${close}m`;

const colored: Styles = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
};

const same: Paint = (text) => text;
const plain: Styles = { bold: same, dim: same, red: same, green: same, yellow: same };
