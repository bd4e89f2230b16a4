import type { Connection } from "./connection.ts";
import { answerError } from "./errors.ts";
import { openStream } from "./open-stream.ts";
import type { ChatChunk } from "./schemas.ts";
import { createSseParser } from "./sse.ts";

export interface ChatQuestion {
  /** Left out: the service's default model. */
  model?: string | undefined;
  question: string;
}

/** What a streamed answer consists of. `progress` comes before the first word: `loading`, `prefill`, `queued`. */
export type ChatPart =
  | { type: "progress"; phase: string; done: number | undefined; total: number | undefined }
  | { type: "model"; model: string }
  | { type: "thinking"; text: string }
  | { type: "text"; text: string }
  | { type: "usage"; tokens: number }
  | { type: "finish"; reason: string };

/**
 * Asks a model and yields its answer as it is written. Ends without a `finish` only when the stream was cut.
 * @throws ApiError when the service or the engine fails, also in the middle; the abort as it is.
 */
export async function* streamChat(
  connection: Connection,
  { model, question }: ChatQuestion,
  signal: AbortSignal,
): AsyncGenerator<ChatPart> {
  const body = {
    ...(model === undefined ? {} : { model }),
    messages: [{ role: "user", content: question }],
    stream: true,
    stream_options: { include_usage: true },
  };
  const parse = createSseParser();
  for await (const text of openStream({ connection, path: "/v1/chat/completions", signal, body })) {
    for (const message of parse(text)) {
      if (message.kind === "comment") {
        const progress = readProgress(message.text);
        if (progress !== undefined) yield progress;
      } else if (message.data !== "[DONE]") yield* readChunk(JSON.parse(message.data) as ChatChunk);
    }
  }
}

function* readChunk(chunk: ChatChunk): Generator<ChatPart> {
  if ("error" in chunk) throw answerError(200, chunk);
  if (chunk.model) yield { type: "model", model: chunk.model };
  const choice = chunk.choices[0];
  const thinking = choice?.delta.reasoning_content ?? choice?.delta.reasoning;
  if (thinking) yield { type: "thinking", text: thinking };
  if (choice?.delta.content) yield { type: "text", text: choice.delta.content };
  if (chunk.usage) yield { type: "usage", tokens: chunk.usage.completion_tokens };
  if (choice?.finish_reason) yield { type: "finish", reason: choice.finish_reason };
}

/** `loading`, `prefill 12/400`, `loading 3/?`; a bare heartbeat says nothing. */
function readProgress(comment: string): ChatPart | undefined {
  const found = /^(queued|loading|prefill)(?: ([\d.]+)\/([\d.]+|\?))?$/.exec(comment);
  if (found === null) return undefined;
  const [, phase = "", done, total] = found;
  return { type: "progress", phase, done: toNumber(done), total: toNumber(total) };
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined || text === "?" ? undefined : Number(text);
}
