import { AppError, isAppError } from "../../../platform/errors.ts";
import type { Part } from "../../parts.ts";
import { createDeltaTranslator } from "../delta-parts.ts";
import { readEvents } from "../sse-parts.ts";
import type { EventTranslator, ReaderOptions } from "../sse-parts.ts";

export interface RemoteReaderOptions extends ReaderOptions {
  /** Takes out of a text what nobody may read. */
  readonly withoutSecrets: (text: string) => string;
}

/** Reads the event stream of an OpenAI-compatible service. Leaving early destroys the body. */
export function readRemote(
  body: AsyncIterable<Uint8Array>,
  { newCallId, onFailure, withoutSecrets }: RemoteReaderOptions,
  translator: EventTranslator = createDeltaTranslator({ newCallId }),
): AsyncGenerator<readonly Part[]> {
  return readEvents(body, remoteTranslator(translator, withoutSecrets), onFailure);
}

/** Some services leave `[DONE]` out: a reason to finish is proof enough. Their errors may repeat the key. */
function remoteTranslator(inner: EventTranslator, withoutSecrets: (text: string) => string): EventTranslator {
  let hasFinished = false;
  let isDone = false;
  const push: EventTranslator["push"] = (data, out) => {
    try {
      inner.push(data, out);
    } catch (error) {
      // Without its cause: that has the words that are taken out here.
      if (!isAppError(error)) throw error;
      throw new AppError(error.code, withoutSecrets(error.message), { details: error.details ?? {} });
    }
    isDone ||= data === "[DONE]";
    hasFinished ||= /"finish_reason"\s*:\s*"/.test(data);
  };
  return {
    push,
    comment: readProgress,
    end(out) {
      if (hasFinished && !isDone) push("[DONE]", out);
    },
  };
}

/** Another MLX Manager tells how far it is; its counts are life as long as they grow. */
function readProgress(line: string, out: Part[]): void {
  const progress = /^: (loading|prefill) (\d+)\/(\d+)$/.exec(line);
  if (!progress) return;
  const phase = progress[1] === "prefill" ? "prefill" : "loading";
  out.push({ type: "progress", phase, done: Number(progress[2]), total: Number(progress[3]) });
}
