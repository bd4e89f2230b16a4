import { createInterface } from "node:readline";
import type { Terminal } from "../terminal.ts";

export type AskedLine =
  | { readonly type: "line"; readonly text: string; readonly history: readonly string[] }
  | { readonly type: "interrupt" }
  | { readonly type: "end" };

/**
 * Reads one edited line. An interface for each line: between two of them the terminal is in its usual mode, so that
 * Ctrl-C during an answer is a signal and typed letters are not taken for input.
 */
export function askLine(terminal: Terminal, prompt: string, history: readonly string[]): Promise<AskedLine> {
  return new Promise((resolve) => {
    const reader = createInterface({
      ...{ input: terminal.input, output: terminal.output, terminal: true, prompt },
      ...{ history: [...history], historySize: 500, removeHistoryDuplicates: true },
    });
    let known: readonly string[] = history;
    // Closing tells "close" as well: the first that settles counts.
    const settle = (asked: AskedLine): void => {
      resolve(asked);
      reader.close();
    };
    reader.on("history", (lines: string[]) => (known = lines.slice()));
    reader.on("line", (text) => settle({ type: "line", text, history: known }));
    reader.on("close", () => settle({ type: "end" }));
    reader.on("SIGINT", () => {
      terminal.output.write("\n");
      settle({ type: "interrupt" });
    });
    reader.prompt();
  });
}
