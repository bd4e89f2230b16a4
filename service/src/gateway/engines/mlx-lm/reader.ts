import type { Part } from "../../parts.ts";
import { sealed } from "../../sealed.ts";
import { createChunkTranslator } from "./chunk-parts.ts";
import { createSseLines } from "./sse-lines.ts";

export interface ReaderOptions {
  readonly newCallId: () => string;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reads the event stream of `mlx_lm.server`: one array for each read that brought anything. The socket's clean end
 * proves nothing, only `[DONE]` does. Leaving early destroys the body.
 */
export function readMlxLm(body: AsyncIterable<Uint8Array>, options: ReaderOptions): AsyncGenerator<readonly Part[]> {
  return sealed(readParts(body, options.newCallId), options.onFailure);
}

async function* readParts(body: AsyncIterable<Uint8Array>, newCallId: () => string): AsyncGenerator<readonly Part[]> {
  const lines = createSseLines();
  const translator = createChunkTranslator(newCallId);
  for await (const bytes of body) {
    const parts: Part[] = [];
    try {
      for (const line of lines.push(bytes)) readLine(line, translator.push, parts);
    } catch (error) {
      // What came before the broken line still belongs to the client.
      if (parts.length > 0) yield parts;
      throw error;
    }
    if (parts.length > 0) yield parts;
  }
}

function readLine(line: string, push: (data: string, out: Part[]) => void, out: Part[]): void {
  if (line.startsWith("data:")) return push(line.slice(line.charAt(5) === " " ? 6 : 5), out);
  const prefill = /^: keepalive (\d+)\/(\d+)$/.exec(line);
  if (prefill) out.push({ type: "progress", phase: "prefill", done: Number(prefill[1]), total: Number(prefill[2]) });
}
