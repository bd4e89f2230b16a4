import { engineFailed, retryAdvice } from "../failures.ts";
import type { Part } from "../parts.ts";
import { createSeal } from "../seal.ts";
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

const lastLine = "data: [DONE]";

/**
 * Reads an engine's event stream: one array for each read that brought anything. The socket's clean end proves nothing,
 * only `[DONE]` does: a killed engine ends its socket cleanly. A throw, or an end without a word, closes the open blocks
 * and becomes an error part. Leaving early destroys the body.
 * @param onFailure is told what was thrown, for the log.
 */
export async function* readEvents(
  body: EngineBytes,
  translator: EventTranslator,
  onFailure: ReaderOptions["onFailure"],
): AsyncGenerator<readonly Part[]> {
  const lines = createSseLines();
  const seal = createSeal();
  let failure: unknown = null;
  try {
    for await (const bytes of body) {
      const parts: Part[] = [];
      try {
        for (const line of lines.push(bytes)) {
          readLine(line, translator, parts);
          if (line === lastLine) body.endIsNear?.();
        }
      } catch (error) {
        failure = error;
      }
      // What came before a broken line still belongs to the client.
      if (parts.length > 0) yield seal.pass(parts);
      if (seal.isClosed) return;
      if (failure !== null) break;
    }
    if (failure === null) {
      const parts: Part[] = [];
      translator.end?.(parts);
      if (parts.length > 0) yield seal.pass(parts);
      if (seal.isClosed) return;
      failure = engineFailed(`The engine's answer broke off before it was complete. ${retryAdvice}`);
    }
  } catch (error) {
    failure = error;
  }
  onFailure(failure);
  yield seal.broken(failure);
}

function readLine(line: string, translator: EventTranslator, out: Part[]): void {
  if (line.startsWith("data:")) return translator.push(line.slice(line.charAt(5) === " " ? 6 : 5), out);
  if (line.startsWith(":")) translator.comment?.(line, out);
}
