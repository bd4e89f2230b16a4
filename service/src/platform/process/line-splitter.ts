import { StringDecoder } from "node:string_decoder";

/** Cuts one output into lines, whatever way its bytes come. */
export interface LineSplitter {
  push(chunk: Uint8Array): void;
  /** The last line, if it has no end. */
  end(): void;
}

/** @param width a line without end is given in pieces of this many characters: it must not be kept whole. */
export function createLineSplitter(onLine: (line: string) => void, width = 4000): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let open = "";
  const take = (text: string): void => {
    // A carriage return at the end stays open: the next chunk may bring its newline.
    const pieces = (open + text).split(/\r\n|\n|\r(?!$)/);
    open = pieces.pop() ?? "";
    for (const piece of pieces) onLine(piece.slice(0, width));
    while (open.length > width) {
      onLine(open.slice(0, width));
      open = open.slice(width);
    }
  };
  return {
    push: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      take(decoder.end());
      if (open !== "") onLine(open.replace(/\r$/, ""));
      open = "";
    },
  };
}
