import { StringDecoder } from "node:string_decoder";
import { engineFailed } from "../../failures.ts";

const longestLine = 8 * 1024 * 1024;

export interface SseLines {
  /** Whole lines that one read completed, without their ends. */
  push(bytes: Uint8Array): string[];
}

/** Cuts a byte stream into lines at any chunk boundary. `setEncoding` costs undici bodies an extra copy, this does not. */
export function createSseLines(): SseLines {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    push(bytes) {
      const text = rest + decoder.write(bytes as Buffer);
      const lines = text.split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > longestLine) throw engineFailed("The engine sent a line without end.");
      // Most engines end lines plainly.
      if (!text.includes("\r")) return lines;
      return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
    },
  };
}
