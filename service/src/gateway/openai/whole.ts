import type { ChatCompletion, ChatLogprobs } from "../../contract/openai.ts";
import { textOfKind } from "../collect-answer.ts";
import type { WholeAnswer, WholeBlock } from "../collect-answer.ts";
import { openAILogprobs } from "./logprobs.ts";
import { openAIFinishReasons, openAIUsage } from "./finish-reasons.ts";

interface Identity {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

/** A whole answer as `chat.completion`. */
export function chatCompletion(answer: WholeAnswer, { id, created, model }: Identity): ChatCompletion {
  const calls = answer.blocks.filter(({ kind }) => kind === "tool-call");
  const reasoning = textOfKind(answer, "reasoning");
  const content = textOfKind(answer, "text");
  const message = {
    role: "assistant" as const,
    content: content === "" && calls.length > 0 ? null : content,
    refusal: null,
    // Clients disagree about the field's name, so thinking goes out under both.
    ...(reasoning === "" ? {} : { reasoning_content: reasoning, reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(answerCall) }),
  };
  return {
    ...{ id, object: "chat.completion", created, model },
    choices: [{ index: 0, message, logprobs: logprobsOf(answer), finish_reason: openAIFinishReasons[answer.finish] }],
    usage: openAIUsage(answer.usage),
  };
}

/** Null where they were not asked for. */
function logprobsOf({ blocks }: WholeAnswer): ChatLogprobs | null {
  const told = blocks.flatMap(({ kind, logprobs }) => (kind === "text" && logprobs ? [logprobs] : []));
  return told.length === 0 ? null : openAILogprobs(told.flat());
}

function answerCall({ callId, name, text }: WholeBlock) {
  return { id: callId, type: "function" as const, function: { name, arguments: text } };
}
