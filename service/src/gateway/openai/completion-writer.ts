import type { Completion } from "../../contract/completions.ts";
import type { AppError } from "../../platform/errors.ts";
import { textOfKind } from "../collect-answer.ts";
import type { WholeAnswer } from "../collect-answer.ts";
import { fromErrorPart } from "../failures.ts";
import type { FinishReason, Part, TokenUsage } from "../parts.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { openAIErrorBody } from "./errors.ts";
import { openAIUsage } from "./finish-reasons.ts";

interface Identity {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

/** A whole text as `text_completion`. */
export function textCompletion(answer: WholeAnswer, identity: Identity): Completion {
  const finish_reason = textFinish(answer.finish);
  return {
    ...head(identity),
    choices: [{ index: 0, text: textOfKind(answer, "text"), logprobs: null, finish_reason }],
    usage: openAIUsage(answer.usage),
  };
}

/** Writes parts as `text_completion` events; waiting is told in comments. */
export function createCompletionWriter(identity: Identity, includeUsage: boolean): StreamWriter {
  const common = JSON.stringify(head(identity)).slice(1, -1);
  let usage: TokenUsage | null = null;
  const chunk = (text: string, finish: string | null = null): string =>
    `data: {${common},"choices":[{"index":0,"text":${JSON.stringify(text)},"logprobs":null,"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
  const write = (part: Part): string => {
    switch (part.type) {
      case "progress":
        return `: ${part.phase}${part.done === undefined ? "" : ` ${part.done}/${part.total ?? "?"}`}\n\n`;
      case "block-delta":
        return chunk(part.text);
      case "usage":
        usage = part;
        return "";
      case "finish": {
        const last = `data: {${common},"choices":[],"usage":${JSON.stringify(openAIUsage(usage))}}\n\n`;
        return `${chunk("", textFinish(part.reason))}${includeUsage ? last : ""}data: [DONE]\n\n`;
      }
      case "error":
        return errorEvent(fromErrorPart(part));
      case "start":
      case "block-start":
      case "block-end":
        return "";
    }
  };
  return {
    contentType: "text/event-stream; charset=utf-8",
    heartbeat: ": waiting\n\n",
    write: (parts) => {
      let text = "";
      for (const part of parts) text += write(part);
      return text;
    },
    error: errorEvent,
  };
}

function head({ id, model, created }: Identity) {
  return { id, object: "text_completion" as const, created, model };
}

function textFinish(reason: FinishReason): "stop" | "length" | "content_filter" {
  if (reason === "length") return "length";
  return reason === "content-filter" ? "content_filter" : "stop";
}

function errorEvent(error: AppError): string {
  return `data: ${JSON.stringify(openAIErrorBody(error))}\n\n`;
}
