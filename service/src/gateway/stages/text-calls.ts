import type { NormalTool } from "../messages.ts";
import type { BlockKind, Part } from "../parts.ts";
import { bareCall, callForms, harmony } from "../tool-calls/call-forms.ts";
import { repairedArguments } from "../tool-calls/arguments.ts";
import { jsonCalls } from "../tool-calls/read-calls.ts";
import type { TextCall } from "../tool-calls/read-calls.ts";
import { heldSuffix } from "./held-suffix.ts";
import { closeBlock, writeBlock } from "./own-blocks.ts";
import type { Stage } from "./stage.ts";

/** Where in the text we are, and what ends that. */
type Mode =
  /** Text of the answer; `start`: nothing of it is decided yet, it may be a call as a whole. */
  | { readonly type: "start" | "text" | "bare" }
  | { readonly type: "call"; readonly open: string; readonly closes: readonly string[]; readonly read: ReadBody }
  /** Behind Harmony's `<|channel|>`, and in a message that is no call. */
  | { readonly type: "header" }
  | { readonly type: "message"; readonly kind: "text" | "reasoning" };

type ReadBody = (body: string) => readonly TextCall[] | null;

export interface TextCallState {
  readonly mode: Mode;
  readonly held: string;
  /** The source's open text block. */
  readonly source: number | null;
  /** Our index of each block of the source that passes through: splitting moves the ones behind. */
  readonly passing: ReadonlyMap<number, number>;
  readonly open: { readonly index: number; readonly kind: BlockKind } | null;
  readonly next: number;
  readonly calls: number;
  /** Harmony's words are words of the form once one was seen. */
  readonly isHarmony: boolean;
}

type Draft = { -readonly [Key in keyof TextCallState]: TextCallState[Key] };

export interface TextCallOptions {
  readonly tools: readonly NormalTool[];
  /** Of one answer: ids of its calls begin with it. */
  readonly callId: string;
}

const openings = [...callForms.map(({ open }) => open), harmony.channel];
/** A header is a word or two; what is longer is none. */
const longestHeader = 300;

/**
 * Calls that the engine left in the text, since it knows no form of this model's. Text is held back only while it may
 * still become one, and what turns out to be none is given as it was written.
 */
export function textCalls(options: TextCallOptions): Stage<TextCallState> {
  return {
    initial: {
      ...{ mode: { type: "start" }, held: "", source: null, passing: new Map(), open: null, next: 0, calls: 0 },
      isHarmony: false,
    },
    step(state, parts) {
      const draft: Draft = { ...state };
      const out: Part[] = [];
      for (const part of parts) stepPart(draft, part, options, out);
      return [draft, out];
    },
  };
}

function stepPart(draft: Draft, part: Part, options: TextCallOptions, out: Part[]): void {
  if (part.type === "block-start") {
    if (part.kind === "text") {
      draft.source = part.index;
      draft.mode = { type: "start" };
      return;
    }
    draft.passing = new Map([...draft.passing, [part.index, draft.next]]);
    out.push({ ...part, index: draft.next });
    draft.next += 1;
    return;
  }
  if (part.type === "block-delta" || part.type === "block-end") {
    const passing = draft.passing.get(part.index);
    if (passing !== undefined) return void out.push({ ...part, index: passing });
    if (part.type === "block-delta") draft.held += part.text;
    while (advance(draft, options, part.type === "block-end", out));
    if (part.type === "block-end") {
      closeBlock(draft, out);
      draft.source = null;
    }
    return;
  }
  const isCall = part.type === "finish" && part.reason === "stop" && draft.calls > 0;
  out.push(isCall ? { ...part, reason: "tool-calls" } : part);
}

/** One step; false when nothing more can be decided until more text comes. `isEnd`: none will. */
function advance(draft: Draft, options: TextCallOptions, isEnd: boolean, out: Part[]): boolean {
  // What was begun ends with the text, even where nothing followed it.
  const isBegun = draft.mode.type === "call" || draft.mode.type === "header";
  if (isEnd && draft.held === "" && !isBegun) return false;
  switch (draft.mode.type) {
    case "start":
      return start(draft, options, isEnd);
    case "bare":
      if (isEnd)
        endCall(draft, (body) => known(jsonCalls(body, options.tools), options), takeHeld(draft), "", options, out);
      return false;
    case "text":
      return speak(draft, options, isEnd, out);
    case "call":
      return call(draft, draft.mode, options, isEnd, out);
    case "header":
      return header(draft, options, isEnd, out);
    case "message":
      return message(draft, draft.mode.kind, isEnd, out);
  }
}

function start(draft: Draft, { tools }: TextCallOptions, isEnd: boolean): boolean {
  const verdict = bareCall(
    draft.held,
    tools.map(({ name }) => name),
  );
  if (verdict === "maybe" && !isEnd) return false;
  draft.mode = { type: verdict === "yes" ? "bare" : "text" };
  return true;
}

/** Text of the answer up to the next opening. */
function speak(draft: Draft, { tools }: TextCallOptions, isEnd: boolean, out: Part[]): boolean {
  const words = draft.isHarmony ? [...openings, ...harmony.ends] : openings;
  const hit = firstOf(draft.held, words);
  if (!hit) {
    const sure = isEnd ? draft.held.length : draft.held.length - heldSuffix(draft.held, words);
    // White space before a call frames it; before more text it is written with that.
    const isBlank = draft.open === null && draft.held.slice(0, sure).trim() === "";
    if (isBlank && !(isEnd && draft.calls === 0)) {
      if (isEnd) draft.held = "";
      return false;
    }
    writeBlock(draft, "text", draft.held.slice(0, sure), out);
    draft.held = draft.held.slice(sure);
    return false;
  }
  const before = draft.held.slice(0, hit.at);
  if (draft.open !== null || before.trim() !== "") writeBlock(draft, "text", before, out);
  draft.held = draft.held.slice(hit.at + hit.word.length);
  if (hit.word === harmony.channel) draft.mode = { type: "header" };
  else {
    const form = callForms.find(({ open }) => open === hit.word);
    // Harmony's ends say nothing here.
    if (form) draft.mode = { type: "call", ...form, read: (body) => form.read(body, tools) };
  }
  return true;
}

function call(
  draft: Draft,
  mode: Extract<Mode, { type: "call" }>,
  options: TextCallOptions,
  isEnd: boolean,
  out: Part[],
): boolean {
  const hit = firstOf(draft.held, mode.closes);
  if (!hit && !isEnd) return false;
  const body = hit ? draft.held.slice(0, hit.at) : draft.held;
  draft.held = hit ? draft.held.slice(hit.at + hit.word.length) : "";
  draft.mode = { type: "text" };
  endCall(draft, mode.read, body, mode.open, options, out, hit?.word);
  return true;
}

/** Between `<|channel|>` and `<|message|>`: who is spoken to. */
function header(draft: Draft, { tools }: TextCallOptions, isEnd: boolean, out: Part[]): boolean {
  const at = draft.held.indexOf(harmony.message);
  if (at === -1) {
    if (!isEnd && draft.held.length < longestHeader) return false;
    draft.mode = { type: "text" };
    writeBlock(draft, "text", harmony.channel + takeHeld(draft), out);
    return true;
  }
  const words = draft.held.slice(0, at);
  draft.held = draft.held.slice(at + harmony.message.length);
  draft.isHarmony = true;
  const to = /to=(?:functions\.)?([\w.-]+)/.exec(words)?.[1];
  const isTool = to !== undefined && tools.some(({ name }) => name === to);
  if (isTool || /to=functions\./.test(words)) {
    const read: ReadBody = (body) => [{ name: to ?? "", arguments: repairedArguments(body.trim()) }];
    draft.mode = { type: "call", open: "", closes: harmony.ends, read };
  } else draft.mode = { type: "message", kind: /^\s*analysis/.test(words) ? "reasoning" : "text" };
  return true;
}

function message(draft: Draft, kind: "text" | "reasoning", isEnd: boolean, out: Part[]): boolean {
  const words = [...harmony.ends, harmony.channel];
  const hit = firstOf(draft.held, words);
  const sure = hit ? hit.at : isEnd ? draft.held.length : draft.held.length - heldSuffix(draft.held, words);
  writeBlock(draft, kind, draft.held.slice(0, sure), out);
  draft.held = draft.held.slice(sure);
  if (!hit) return false;
  closeBlock(draft, out);
  draft.mode = { type: "text" };
  return true;
}

/** The calls of a body, or its text as it was when there are none in it. */
function endCall(
  draft: Draft,
  read: ReadBody,
  body: string,
  open: string,
  { callId }: TextCallOptions,
  out: Part[],
  closed = "",
): void {
  const calls = read(body);
  if (calls === null) return writeBlock(draft, "text", open + body + closed, out);
  closeBlock(draft, out);
  for (const { name, arguments: text } of calls) {
    const index = draft.next;
    out.push({ type: "block-start", index, kind: "tool-call", callId: `${callId}_${draft.calls}`, name });
    out.push({ type: "block-delta", index, text }, { type: "block-end", index, arguments: text });
    draft.next += 1;
    draft.calls += 1;
  }
}

/** Without tags only the name of a tool proves a call. */
function known(calls: readonly TextCall[] | null, { tools }: TextCallOptions): readonly TextCall[] | null {
  const isKnown = calls?.every((call) => tools.some(({ name }) => name === call.name));
  return isKnown ? calls : null;
}

function firstOf(text: string, words: readonly string[]): { at: number; word: string } | null {
  let first: { at: number; word: string } | null = null;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at !== -1 && (first === null || at < first.at)) first = { at, word };
  }
  return first;
}

function takeHeld(draft: Draft): string {
  const text = draft.held;
  draft.held = "";
  return text;
}
