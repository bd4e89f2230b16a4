import { Buffer } from "node:buffer";
import type { ChatLogprobs } from "../../contract/openai.ts";
import type { TokenLogprob } from "../parts.ts";

export function openAILogprobs(tokens: readonly TokenLogprob[]): ChatLogprobs {
  return {
    content: tokens.map(({ top, ...token }) => ({ ...wireToken(token), top_logprobs: top.map(wireToken) })),
    refusal: null,
  };
}

function wireToken({ token, logprob, bytes }: Omit<TokenLogprob, "top">) {
  return { token, logprob, bytes: [...(bytes ?? Buffer.from(token))] };
}
