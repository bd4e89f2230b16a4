import type { ResponseObject, ResponseOutputItem } from "../../contract/responses.ts";
import type { Part, TokenUsage } from "../parts.ts";
import { customInput } from "./response-items.ts";
import type { ThoughtForm } from "./response-items.ts";
import { createResponseWriter } from "./response-writer.ts";

/**
 * A kept response as the events it came with, each text in one piece: for clients that were cut off and read it again.
 * @param after the last number they know; -1: all.
 */
export function replayEvents(response: ResponseObject, after: number): string {
  const { id, output, completed_at: completedAt } = response;
  const customTools = output.flatMap((item) => (item.type === "custom_tool_call" ? [item.name] : []));
  const empty: ResponseObject = {
    ...response,
    ...{ status: "in_progress", completed_at: null, incomplete_details: null, output: [], usage: null },
  };
  const writer = createResponseWriter({
    empty,
    forms: { responseId: id, customTools: new Set(customTools), thoughts: thoughtsOf(output) },
    now: () => completedAt ?? response.created_at,
    onEnd: () => undefined,
  });
  const events = writer.write(partsOf(response)).split(/(?<=\n\n)/);
  // As many as were made before an event is its number; what ends the stream has none.
  return events.slice(after + 1).join("");
}

function partsOf({ output, usage, incomplete_details: cut }: ResponseObject): Part[] {
  const counted: TokenUsage | null = usage && {
    ...{ input: usage.input_tokens, output: usage.output_tokens },
    cached: usage.input_tokens_details.cached_tokens,
    reasoning: usage.output_tokens_details.reasoning_tokens,
  };
  const reasons = { max_output_tokens: "length", content_filter: "content-filter" } as const;
  return [
    ...output.flatMap(blockOf),
    ...(counted === null ? [] : [{ type: "usage" as const, ...counted }]),
    { type: "finish", reason: cut === null ? "stop" : reasons[cut.reason] },
  ];
}

function blockOf(item: ResponseOutputItem, index: number): Part[] {
  const block = (start: Omit<Extract<Part, { type: "block-start" }>, "type" | "index">, text: string): Part[] => [
    { type: "block-start", index, ...start },
    ...(text === "" ? [] : [{ type: "block-delta" as const, index, text }]),
    { type: "block-end", index },
  ];
  switch (item.type) {
    case "message":
      return block({ kind: "text" }, item.content.map(({ text }) => text).join(""));
    case "reasoning":
      return block({ kind: "reasoning" }, [...item.summary, ...(item.content ?? [])].map(({ text }) => text).join(""));
    case "function_call":
      return block({ kind: "tool-call", callId: item.call_id, name: item.name }, item.arguments);
    case "custom_tool_call":
      return block(
        { kind: "tool-call", callId: item.call_id, name: item.name },
        JSON.stringify({ [customInput]: item.input }),
      );
  }
}

function thoughtsOf(output: ResponseObject["output"]): ThoughtForm {
  return output.some((item) => item.type === "reasoning" && item.content !== undefined) ? "text" : "summary";
}
