import type { AnswerBlock, AnthropicMessage } from "../../contract/anthropic.ts";
import type { WholeAnswer, WholeBlock } from "../collect-answer.ts";
import { createSignature, messageUsage, stopReasons } from "./answer-words.ts";
import type { MessageIdentity } from "./answer-words.ts";

/** A whole answer as a message. */
export function anthropicMessage(
  { blocks, usage, finish, stopSequence }: WholeAnswer,
  { id, model, request, marksCache }: MessageIdentity,
): AnthropicMessage {
  return {
    ...{ id, type: "message", role: "assistant", model, content: blocks.map(answerBlock) },
    ...{ stop_reason: stopReasons[finish], stop_sequence: stopSequence },
    usage: messageUsage({ usage, seen: { input: request.promptTokens ?? 0, output: 0 }, marksCache }),
  };
}

function answerBlock({ kind, text, signature, callId, name }: WholeBlock): AnswerBlock {
  if (kind === "text") return { type: "text", text, citations: [] };
  if (kind === "reasoning") return { type: "thinking", thinking: text, signature: signature ?? signatureOf(text) };
  const input = JSON.parse(text === "" ? "{}" : text) as Record<string, unknown>;
  return { type: "tool_use", id: callId, name, input, caller: { type: "direct" } };
}

function signatureOf(text: string): string {
  const signature = createSignature();
  signature.add(text);
  return signature.end();
}
