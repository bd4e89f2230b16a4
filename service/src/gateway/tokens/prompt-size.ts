import type { NormalRequest } from "../request.ts";

type Prompt = Pick<NormalRequest, "messages" | "tools" | "prompt">;

/** Bytes of all that is said, without what a template adds. Pictures are not in it. */
export function promptBytes({ messages, tools, prompt }: Prompt): number {
  let bytes = Buffer.byteLength(prompt ?? "");
  bytes += tools.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(tools));
  for (const message of messages) {
    bytes += Buffer.byteLength(message.text);
    if (message.role !== "assistant") continue;
    bytes += Buffer.byteLength(message.reasoning ?? "");
    for (const call of message.toolCalls) bytes += Buffer.byteLength(call.name) + Buffer.byteLength(call.arguments);
  }
  return bytes;
}

/** Larger vocabularies hold whole words of every script: two bytes a token is more than any ordinary text has. */
const smallVocabulary = 20_000;
/** Marks around a message, and what templates say of their own. */
const tokensPerMessage = 10;
const tokensOfTemplate = 200;

/** A guess that is rather too high, for next to nothing. */
export function mostTokens(prompt: Prompt, vocabularySize: number | null): number {
  const bytesPerToken = (vocabularySize ?? 0) < smallVocabulary ? 1 : 2;
  return promptBytes(prompt) / bytesPerToken + prompt.messages.length * tokensPerMessage + tokensOfTemplate;
}

/** A guess in the middle, for a model whose tokens cannot be counted here. */
export function likelyTokens(prompt: Prompt): number {
  return Math.ceil(promptBytes(prompt) / 4) + prompt.messages.length * 4;
}
