import type { AppError } from "../../platform/errors.ts";
import { fromErrorPart } from "../failures.ts";
import type { FinishReason, Part, TokenUsage } from "../parts.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { openAIErrorBody } from "./errors.ts";
import { openAILogprobs } from "./logprobs.ts";
import { openAIFinishReasons, openAIUsage } from "./finish-reasons.ts";

export interface ChatWriterOptions {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly includeUsage: boolean;
}

/**
 * Writes parts as `chat.completion.chunk` events. Waiting is told in comments, which every client skips; an error is
 * an event that the official clients throw as an APIError, and no `[DONE]` follows it.
 */
export function createChatWriter({ id, model, created, includeUsage }: ChatWriterOptions): StreamWriter {
  const identity = `"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(model)}`;
  const calls = new Map<number, number>();
  let reasoningBlock: number | null = null;
  let usage: TokenUsage | null = null;
  let hasRole = false;

  const chunk = (delta: string, finish: string | null = null, logprobs = "null"): string =>
    `data: {${identity},"choices":[{"index":0,"delta":${delta},"logprobs":${logprobs},"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
  const role = (): string => {
    if (hasRole) return "";
    hasRole = true;
    return chunk('{"role":"assistant","content":""}');
  };
  const delta = ({ index, text, logprobs }: Extract<Part, { type: "block-delta" }>): string => {
    const call = calls.get(index);
    const quoted = JSON.stringify(text);
    if (call !== undefined) return chunk(`{"tool_calls":[{"index":${call},"function":{"arguments":${quoted}}}]}`);
    // Clients disagree about the field's name, so thinking goes out under both.
    if (index === reasoningBlock) return chunk(`{"reasoning_content":${quoted},"reasoning":${quoted}}`);
    const told = logprobs && JSON.stringify(openAILogprobs(logprobs));
    return chunk(`{"content":${quoted}}`, null, told);
  };
  const start = (part: Extract<Part, { type: "block-start" }>): string => {
    if (part.kind === "reasoning") reasoningBlock = part.index;
    if (part.kind !== "tool-call") return role();
    const call = {
      index: calls.size,
      id: part.callId ?? "",
      type: "function",
      function: { name: part.name ?? "", arguments: "" },
    };
    calls.set(part.index, call.index);
    return role() + chunk(`{"tool_calls":[${JSON.stringify(call)}]}`);
  };
  const finish = (reason: FinishReason): string => {
    const last = `data: {${identity},"choices":[],"usage":${JSON.stringify(openAIUsage(usage))}}\n\n`;
    return `${role()}${chunk("{}", openAIFinishReasons[reason])}${includeUsage ? last : ""}data: [DONE]\n\n`;
  };
  const write = (part: Part): string => {
    switch (part.type) {
      case "progress":
        return `: ${part.phase}${part.done === undefined ? "" : ` ${part.done}/${part.total ?? "?"}`}\n\n`;
      case "block-start":
        return start(part);
      case "block-delta":
        return delta(part);
      case "usage":
        usage = part;
        return "";
      case "finish":
        return finish(part.reason);
      case "error":
        return errorEvent(fromErrorPart(part));
      case "start":
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

function errorEvent(error: AppError): string {
  return `data: ${JSON.stringify(openAIErrorBody(error))}\n\n`;
}
