import type { Readable } from "node:stream";
import type * as z from "zod";
import type { ChatChunk, ChatMessage } from "../../contract/openai.ts";
import { CommandError } from "../command-error.ts";
import type { Client } from "./client.ts";
import { errorOfTransport, parseErrorReply } from "./failures.ts";
import { readServerSentEvents } from "./server-sent-events.ts";

export interface ChatInput {
  readonly model: string;
  readonly messages: z.input<typeof ChatMessage>[];
  readonly temperature?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly enable_thinking?: boolean | undefined;
}

export type ChatPart =
  /** What the service does before the first token: `queued`, `loading 3/8`, `prefill 512/2048`. */
  | { readonly type: "phase"; readonly text: string }
  | { readonly type: "thinking"; readonly text: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "finish"; readonly reason: string };

/** One answer, piece by piece. The signal ends it, and with it the generation. @throws CommandError */
export async function* streamChat(client: Client, input: ChatInput, signal: AbortSignal): AsyncGenerator<ChatPart> {
  let body: Readable | null = null;
  let isFinished = false;
  try {
    body = await client.open("createChatCompletion", { body: { ...input, stream: true }, signal });
    for await (const { data, comment } of readServerSentEvents(body)) {
      if (comment !== null) yield { type: "phase", text: comment };
      if (data === null) continue;
      if (data === "[DONE]") {
        isFinished = true;
        continue;
      }
      const failure = parseErrorReply(data);
      if (failure) throw failure;
      yield* partsOf(JSON.parse(data) as ChatChunk);
    }
  } catch (error) {
    if (signal.aborted) return;
    throw errorOfTransport(error, client.connection, signal);
  } finally {
    body?.destroy();
  }
  if (!isFinished && !signal.aborted) {
    throw new CommandError("engine_failed", "The answer broke off. See: mlx-manager ps --all");
  }
}

function* partsOf({ choices }: ChatChunk): Generator<ChatPart> {
  for (const { delta, finish_reason: reason } of choices) {
    const thinking = delta.reasoning_content ?? delta.reasoning;
    if (thinking) yield { type: "thinking", text: thinking };
    if (delta.content) yield { type: "text", text: delta.content };
    if (reason !== null) yield { type: "finish", reason };
  }
}
