import type { Part } from "../parts.ts";
import { sealed } from "../sealed.ts";
import { createSseLines } from "./mlx-lm/sse-lines.ts";

/** An answer's bytes. */
export interface EngineBytes extends AsyncIterable<Uint8Array> {
  /** The last word was read: leaving now need not break the connection. */
  endIsNear?(): void;
}

export interface ReaderOptions {
  readonly newCallId: () => string;
  readonly onFailure: (error: unknown) => void;
}

/** Turns one engine's events into parts. */
export interface EventTranslator {
  /** Appends the parts of one `data:` line. @throws AppError `engine_failed` for what no engine of ours sends. */
  push(data: string, out: Part[]): void;
  /** The same for a comment. */
  comment?(line: string, out: Part[]): void;
  /** The stream is over. */
  end?(out: Part[]): void;
}

/**
 * Reads an engine's event stream: one array for each read that brought anything. The socket's clean end proves nothing,
 * only `[DONE]` does. Leaving early destroys the body.
 */
export function readEvents(
  body: EngineBytes,
  translator: EventTranslator,
  onFailure: ReaderOptions["onFailure"],
): AsyncGenerator<readonly Part[]> {
  return sealed(readParts(body, translator), onFailure);
}

const lastLine = "data: [DONE]";

async function* readParts(body: EngineBytes, translator: EventTranslator): AsyncGenerator<readonly Part[]> {
  const lines = createSseLines();
  for await (const bytes of body) {
    const parts: Part[] = [];
    try {
      for (const line of lines.push(bytes)) {
        readLine(line, translator, parts);
        if (line === lastLine) body.endIsNear?.();
      }
    } catch (error) {
      // What came before the broken line still belongs to the client.
      if (parts.length > 0) yield parts;
      throw error;
    }
    if (parts.length > 0) yield parts;
  }
  const last: Part[] = [];
  translator.end?.(last);
  if (last.length > 0) yield last;
}

function readLine(line: string, translator: EventTranslator, out: Part[]): void {
  if (line.startsWith("data:")) return translator.push(line.slice(line.charAt(5) === " " ? 6 : 5), out);
  if (line.startsWith(":")) translator.comment?.(line, out);
}
