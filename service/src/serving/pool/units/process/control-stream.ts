import { ControlMessage, controlTypes } from "./control-messages.ts";

/** A traceback of 16 K characters fits even if every one of them is escaped. */
export const longestLineBytes = 256 * 1024;

export interface ControlReader {
  push(chunk: Uint8Array): void;
}

export interface ControlListener {
  message(message: ControlMessage): void;
  /** A line of a kind that this version does not know, or that is not what it should be. The stream goes on. */
  skipped(reason: string): void;
  /** A line without end: whoever writes this is no launcher of ours. Nothing is read after it. */
  broken(reason: string): void;
}

/** Cuts the bytes of a control stream into lines and parses each once (NDJSON). */
export function createControlReader(listener: ControlListener): ControlReader {
  let open: Uint8Array[] = [];
  let openBytes = 0;
  let isBroken = false;

  const keep = (piece: Uint8Array): boolean => {
    openBytes += piece.length;
    if (openBytes > longestLineBytes) {
      isBroken = true;
      open = [];
      listener.broken(`a control message is longer than ${longestLineBytes} bytes`);
      return false;
    }
    if (piece.length > 0) open.push(piece);
    return true;
  };

  return {
    push(chunk) {
      let start = 0;
      while (!isBroken) {
        const end = chunk.indexOf(10, start);
        if (end === -1) return void keep(chunk.subarray(start));
        if (!keep(chunk.subarray(start, end))) return;
        const line = Buffer.concat(open).toString("utf8");
        open = [];
        openBytes = 0;
        start = end + 1;
        readLine(line, listener);
      }
    },
  };
}

/** One command for the launcher, as a line. */
export function stopCommand(): string {
  return `${JSON.stringify({ type: "stop" })}\n`;
}

function readLine(line: string, listener: ControlListener): void {
  if (line.trim() === "") return;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    // The text is not repeated: a broken hello would carry the token into a log.
    return listener.skipped(`not JSON: ${error instanceof SyntaxError ? "syntax error" : "unreadable"}`);
  }
  const type = typeof value === "object" && value !== null ? (value as { type?: unknown }).type : undefined;
  if (typeof type !== "string" || !controlTypes.has(type)) return listener.skipped("unknown type of message");
  const parsed = ControlMessage.safeParse(value);
  if (parsed.success) return listener.message(parsed.data);
  const fields = parsed.error.issues.map(({ path }) => path.map(String).join(".")).join(", ");
  listener.skipped(`wrong fields in ${type}: ${fields}`);
}
