import type { Part } from "../../parts.ts";
import { createDeltaTranslator } from "../delta-parts.ts";
import { readEvents } from "../sse-parts.ts";
import { createTextTranslator } from "../text-parts.ts";
import type { ReaderOptions } from "../sse-parts.ts";

/** Reads the event stream of `mlx_lm.server`, whose comments tell how far the prompt has been read. */
export function readMlxLm(body: AsyncIterable<Uint8Array>, options: ReaderOptions): AsyncGenerator<readonly Part[]> {
  const translator = createDeltaTranslator({ newCallId: options.newCallId, callsAreWhole: true });
  return readEvents(body, { ...translator, comment: readPrefill }, options.onFailure);
}

/** The same for a completion without a conversation. */
export function readMlxLmText(
  body: AsyncIterable<Uint8Array>,
  options: ReaderOptions,
): AsyncGenerator<readonly Part[]> {
  return readEvents(body, { ...createTextTranslator(), comment: readPrefill }, options.onFailure);
}

function readPrefill(line: string, out: Part[]): void {
  const prefill = /^: keepalive (\d+)\/(\d+)$/.exec(line);
  if (prefill) out.push({ type: "progress", phase: "prefill", done: Number(prefill[1]), total: Number(prefill[2]) });
}
