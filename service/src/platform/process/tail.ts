/** The last lines of a stream, kept in memory for errors and rows. */
export interface Tail {
  push(chunk: string): void;
  lines(): string[];
}

/** Keeps `limit` lines of at most `width` characters: an engine that prints a megabyte without a newline is cut. */
export function createTail(limit = 40, width = 500): Tail {
  let kept: string[] = [];
  let open = "";
  return {
    push(chunk) {
      // A carriage return at the end stays open: the next chunk may bring its newline.
      const pieces = (open + chunk).split(/\r\n|\n|\r(?!$)/);
      open = (pieces.pop() ?? "").slice(-width);
      kept = [...kept, ...pieces.map((line) => line.slice(0, width))].slice(-limit);
    },
    lines: () => (open === "" ? kept : [...kept, open.replace(/\r$/, "")].slice(-limit)),
  };
}
