import type { ResponseOutputItem } from "../../contract/responses.ts";
import type { WholeBlock } from "../collect-answer.ts";

type ItemStatus = ResponseOutputItem["status"];

/**
 * How thinking goes out: as a summary, which is the one form that every client and every checker knows; as what it is,
 * where a summary is not wanted; or not at all, where no thinking was and the model did not keep to it.
 */
export type ThoughtForm = "summary" | "text" | "none";

/** What of a request shapes the items of its answer. */
export interface ItemForms {
  readonly responseId: string;
  /** Tools that take free text: the model calls them as functions with one field. */
  readonly customTools: ReadonlySet<string>;
  readonly thoughts: ThoughtForm;
}

/** The field of a custom tool's function. */
export const customInput = "input";

const idPrefixes = { message: "msg", reasoning: "rs", function_call: "fc", custom_tool_call: "ctc" } as const;

/** One block of an answer as the item it is; the same in a stream and in a whole answer, its id too. */
export function outputItem(block: WholeBlock, index: number, status: ItemStatus, forms: ItemForms): ResponseOutputItem {
  const { kind, callId, name, text } = block;
  const type = itemType(block, forms);
  const id = `${idPrefixes[type]}_${suffixOf(forms.responseId)}_${index}`;
  if (type === "message") return { type, id, status, role: "assistant", content: [textPart(text)] };
  if (type === "custom_tool_call") return { type, id, status, call_id: callId, name, input: freeText(text) };
  if (kind === "tool-call") return { type: "function_call", id, status, call_id: callId, name, arguments: text };
  return { type: "reasoning", id, status, ...thoughts(text, forms) };
}

export function textPart(text: string) {
  return { type: "output_text" as const, text, annotations: [], logprobs: [] };
}

export function thoughtPart(text: string) {
  return { type: "reasoning_text" as const, text };
}

export function summaryPart(text: string) {
  return { type: "summary_text" as const, text };
}

/** An item as a stream announces it: its parts come one by one. */
export function announcedItem(item: ResponseOutputItem): ResponseOutputItem {
  if (item.type === "message") return { ...item, content: [] };
  if (item.type === "reasoning") return { ...item, summary: [], ...(item.content ? { content: [] } : {}) };
  return item;
}

/** The response that holds an item of ours, by the item's id alone. */
export function responseIdOf(itemId: string): string | null {
  const suffix = /^(?:msg|rs|fc|ctc)_(.+)_\d+$/.exec(itemId)?.[1];
  return suffix === undefined ? null : `resp_${suffix}`;
}

/** The text of a custom tool's call; a model that wrote something else than the one field meant all of it. */
export function freeText(callArguments: string): string {
  try {
    const value: unknown = JSON.parse(callArguments);
    const given = (value as { [customInput]?: unknown } | null)?.[customInput];
    return typeof given === "string" ? given : callArguments;
  } catch {
    return callArguments;
  }
}

function itemType({ kind, name }: WholeBlock, { customTools }: ItemForms): ResponseOutputItem["type"] {
  if (kind === "text") return "message";
  if (kind === "reasoning") return "reasoning";
  return customTools.has(name) ? "custom_tool_call" : "function_call";
}

function thoughts(text: string, form: ItemForms) {
  if (form.thoughts === "summary") return { summary: [summaryPart(text)] };
  return { summary: [], content: [thoughtPart(text)] };
}

function suffixOf(responseId: string): string {
  return responseId.replace(/^resp_/, "");
}
