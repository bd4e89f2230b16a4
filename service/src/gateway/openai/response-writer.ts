import type { ResponseObject, ResponseOutputItem } from "../../contract/responses.ts";
import type { WholeBlock } from "../collect-answer.ts";
import type { Part, TokenUsage } from "../parts.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { announcedItem, freeText, outputItem, summaryPart, textPart, thoughtPart } from "./response-items.ts";
import type { ItemForms } from "./response-items.ts";
import { endedResponse, failedResponse, statusOf } from "./response-object.ts";

export interface ResponseWriterOptions {
  /** The response before anything of it was made. */
  readonly empty: ResponseObject;
  readonly forms: ItemForms;
  /** Seconds since the epoch. */
  readonly now: () => number;
  /** Told of a response that ended well, before the client is. */
  readonly onEnd: (response: ResponseObject) => void;
}

type Block = { -readonly [Key in keyof WholeBlock]: WholeBlock[Key] };

interface Open {
  readonly index: number;
  readonly block: Block;
  readonly id: string;
  readonly type: ResponseOutputItem["type"];
}

/**
 * Writes parts as events of the specification. Nothing is said before there is something to say, so that a refusal
 * keeps its own status. Comments do not reset the idle timer of agents, so waiting is told in `response.in_progress`
 * events, which hold what is made so far.
 */
export function createResponseWriter({ empty, forms, now, onEnd }: ResponseWriterOptions): StreamWriter {
  const done: ResponseOutputItem[] = [];
  const open = new Map<number, Open>();
  /** Ended, but whether it is whole only the next part tells. */
  let held: Open | null = null;
  let next = 0;
  let sequence = 0;
  let phase: string | null = null;
  let hasBegun = false;
  let hasEnded = false;
  let usage: TokenUsage | null = null;

  const event = (type: string, fields: string): string => {
    const number = sequence;
    sequence += 1;
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${number},${fields}}\n\n`;
  };
  const whole = (type: string, response: ResponseObject): string =>
    event(type, `"response":${JSON.stringify(response)}`);
  const place = ({ id, index }: Open): string => `"item_id":${JSON.stringify(id)},"output_index":${index}`;
  const running = ({ block, index }: Open, text: string): ResponseOutputItem =>
    outputItem({ ...block, text }, index, "in_progress", forms);
  const soFar = (): ResponseObject => {
    const ended = held ? [running(held, held.block.text)] : [];
    // A custom tool's text is known at its end alone: until then its call shows nothing.
    const begun = [...open.values()].map((at) => running(at, at.type === "custom_tool_call" ? "" : at.block.text));
    return { ...empty, output: [...done, ...ended, ...begun] };
  };
  const begin = (): string => {
    if (hasBegun) return "";
    hasBegun = true;
    return whole("response.created", empty) + whole("response.in_progress", empty);
  };
  const release = (status: "completed" | "incomplete"): string => {
    if (held === null) return "";
    const { block, index } = held;
    held = null;
    const item = outputItem(block, index, status, forms);
    done.push(item);
    return event("response.output_item.done", `"output_index":${index},"item":${JSON.stringify(item)}`);
  };

  const start = ({ index: number, kind, callId = "", name = "" }: Extract<Part, { type: "block-start" }>): string => {
    if (kind === "reasoning" && forms.thoughts === "none") return begin();
    const before = begin() + release("completed");
    const block: Block = { kind, callId, name, text: "", signature: null };
    const item = announcedItem(outputItem(block, next, "in_progress", forms));
    const begun: Open = { index: next, block, id: item.id, type: item.type };
    next += 1;
    open.set(number, begun);
    const added = event("response.output_item.added", `"output_index":${begun.index},"item":${JSON.stringify(item)}`);
    return before + added + partEvent(begun, "added", "");
  };
  const partEvent = (at: Open, what: "added" | "done", text: string): string => {
    if (at.type === "message")
      return event(
        `response.content_part.${what}`,
        `${place(at)},"content_index":0,"part":${JSON.stringify(textPart(text))}`,
      );
    if (at.type !== "reasoning") return "";
    if (forms.thoughts === "summary") {
      const part = JSON.stringify(summaryPart(text));
      return event(`response.reasoning_summary_part.${what}`, `${place(at)},"summary_index":0,"part":${part}`);
    }
    return event(
      `response.content_part.${what}`,
      `${place(at)},"content_index":0,"part":${JSON.stringify(thoughtPart(text))}`,
    );
  };
  const delta = (at: Open | undefined, text: string): string => {
    if (at === undefined) return "";
    at.block.text += text;
    const quoted = JSON.stringify(text);
    switch (at.type) {
      case "message":
        return event("response.output_text.delta", `${place(at)},"content_index":0,"delta":${quoted},"logprobs":[]`);
      case "reasoning":
        return forms.thoughts === "summary"
          ? event("response.reasoning_summary_text.delta", `${place(at)},"summary_index":0,"delta":${quoted}`)
          : event("response.reasoning_text.delta", `${place(at)},"content_index":0,"delta":${quoted}`);
      case "function_call":
        return event("response.function_call_arguments.delta", `${place(at)},"delta":${quoted}`);
      case "custom_tool_call":
        return "";
    }
  };
  const textDone = (at: Open): string => {
    const { text, name } = at.block;
    const quoted = JSON.stringify(text);
    switch (at.type) {
      case "message":
        return event("response.output_text.done", `${place(at)},"content_index":0,"text":${quoted},"logprobs":[]`);
      case "reasoning":
        return forms.thoughts === "summary"
          ? event("response.reasoning_summary_text.done", `${place(at)},"summary_index":0,"text":${quoted}`)
          : event("response.reasoning_text.done", `${place(at)},"content_index":0,"text":${quoted}`);
      case "function_call":
        return event(
          "response.function_call_arguments.done",
          `${place(at)},"name":${JSON.stringify(name)},"arguments":${quoted}`,
        );
      case "custom_tool_call": {
        const input = JSON.stringify(freeText(text));
        const one = event("response.custom_tool_call_input.delta", `${place(at)},"delta":${input}`);
        return one + event("response.custom_tool_call_input.done", `${place(at)},"input":${input}`);
      }
    }
  };
  const end = ({ index: number, arguments: repaired }: Extract<Part, { type: "block-end" }>): string => {
    const at = open.get(number);
    if (at === undefined) return "";
    open.delete(number);
    at.block.text = repaired ?? at.block.text;
    const before = release("completed");
    held = at;
    return before + textDone(at) + partEvent(at, "done", at.block.text);
  };
  const finish = ({ reason }: Extract<Part, { type: "finish" }>): string => {
    const before = begin() + release(statusOf(reason));
    hasEnded = true;
    const response = endedResponse(empty, { output: done, finish: reason, usage, now: now() });
    onEnd(response);
    return `${before}${whole(`response.${response.status}`, response)}data: [DONE]\n\n`;
  };
  const fail = (error: Parameters<typeof failedResponse>[2]): string => {
    if (hasEnded) return "";
    const before = begin() + release("incomplete");
    hasEnded = true;
    return `${before}${whole("response.failed", failedResponse(empty, done, error))}data: [DONE]\n\n`;
  };
  const write = (part: Part): string => {
    switch (part.type) {
      case "progress": {
        if (part.phase === phase) return begin();
        phase = part.phase;
        return hasBegun ? whole("response.in_progress", soFar()) : begin();
      }
      case "block-start":
        return start(part);
      case "block-delta":
        return delta(open.get(part.index), part.text);
      case "block-end":
        return end(part);
      case "usage":
        usage = part;
        return "";
      case "finish":
        return finish(part);
      case "error":
        return fail(part);
      case "start":
        return "";
    }
  };
  return {
    contentType: "text/event-stream; charset=utf-8",
    heartbeat: () => (hasBegun ? whole("response.in_progress", soFar()) : begin()),
    write: (parts) => {
      let text = "";
      for (const part of parts) text += write(part);
      return text;
    },
    error: fail,
  };
}
