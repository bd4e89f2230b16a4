import { engineFailed, retryAdvice } from "../failures.ts";
import type { FinishReason, Part, TokenUsage } from "../parts.ts";
import type { NormalRequest } from "../request.ts";
import { chatSampling, withoutUndefined } from "./chat-body.ts";
import { finishReasons, parseChunk, usageOf } from "./chunk.ts";
import type { EventTranslator } from "./sse-parts.ts";

/** The body that asks an engine to write on from a text, as it is. */
export function textRequest(
  { prompt, maxTokens, sampling }: Pick<NormalRequest, "prompt" | "maxTokens" | "sampling">,
  { model, vocabularySize }: { readonly model: string; readonly vocabularySize: number | null },
): Record<string, unknown> {
  return withoutUndefined({
    ...{ model, prompt, stream: true, stream_options: { include_usage: true }, max_tokens: maxTokens },
    ...chatSampling(sampling, vocabularySize),
  });
}

/** Turns `text_completion` chunks into parts: one block of text. */
export function createTextTranslator(): EventTranslator {
  let isOpen = false;
  let finish: FinishReason | null = null;
  let usage: TokenUsage | null = null;

  const end = (out: Part[]): void => {
    if (finish === null) throw engineFailed(`The engine ended its answer without saying why. ${retryAdvice}`);
    if (isOpen) out.push({ type: "block-end", index: 0 });
    if (usage) out.push({ type: "usage", ...usage });
    out.push({ type: "finish", reason: finish });
  };
  return {
    push(data, out) {
      if (data === "[DONE]") return end(out);
      const chunk = parseChunk(data);
      if (chunk.usage) usage = usageOf(chunk.usage);
      const choice = chunk.choices?.[0];
      if (!choice) return;
      if (typeof choice.text === "string" && choice.text !== "") {
        if (!isOpen) out.push({ type: "block-start", index: 0, kind: "text" });
        isOpen = true;
        out.push({ type: "block-delta", index: 0, text: choice.text });
      }
      if (typeof choice.finish_reason !== "string") return;
      // Without a conversation there is no call: what looks like one was text.
      const reason = finishReasons[choice.finish_reason] ?? "stop";
      finish = reason === "tool-calls" ? "stop" : reason;
    },
  };
}
