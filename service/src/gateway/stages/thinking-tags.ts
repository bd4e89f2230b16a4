import type { BlockKind, Part } from "../parts.ts";
import { heldSuffix } from "./held-suffix.ts";
import { closeBlock, writeBlock } from "./own-blocks.ts";
import type { Stage } from "./stage.ts";

/** Tags of thinking that engines leave in the text when the tokenizer does not know them as tokens. */
const tags = [
  { open: "<think>", close: "</think>" },
  { open: "<longcat_think>", close: "</longcat_think>" },
  { open: "<seed:think>", close: "</seed:think>" },
  { open: "[THINK]", close: "[/THINK]" },
] as const;

export interface ThinkingState {
  /** Kind of the open block of the source. */
  readonly source: BlockKind | null;
  /** The open block of ours. */
  readonly open: { readonly index: number; readonly kind: BlockKind } | null;
  readonly next: number;
  /** Our index of each tool call of the source: splitting blocks moves the ones behind. */
  readonly calls: ReadonlyMap<number, number>;
  /** Text not decided yet: white space at the beginning, or what may become a tag. */
  readonly held: string;
  /** Newlines at the end of thinking, dropped unless more thinking follows. */
  readonly newlines: string;
  readonly closeTag: string | null;
  readonly hasThought: boolean;
  /** After the first words a tag is part of the answer: people talk about tags too. */
  readonly hasText: boolean;
}

type Draft = { -readonly [Key in keyof ThinkingState]: ThinkingState[Key] };

/** Splits thinking out of the text and takes off the newlines that templates frame it with. Renumbers blocks. */
export const thinkingTags: Stage<ThinkingState> = {
  initial: {
    source: null,
    open: null,
    next: 0,
    calls: new Map(),
    held: "",
    newlines: "",
    closeTag: null,
    hasThought: false,
    hasText: false,
  },
  step(state, parts) {
    const draft: Draft = { ...state };
    const out: Part[] = [];
    for (const part of parts) stepPart(draft, part, out);
    return [draft, out];
  },
};

function stepPart(draft: Draft, part: Part, out: Part[]): void {
  if (part.type === "block-start") {
    if (part.kind === "tool-call") return startCall(draft, part, out);
    draft.source = part.kind;
    draft.hasText = false;
    draft.hasThought ||= part.kind === "reasoning";
    return;
  }
  if (part.type === "block-delta") {
    const call = draft.calls.get(part.index);
    if (call !== undefined) out.push({ ...part, index: call });
    else if (draft.source === "reasoning") think(draft, part.text, out);
    else speak(draft, part.text, out);
    return;
  }
  if (part.type === "block-end") {
    const call = draft.calls.get(part.index);
    if (call !== undefined) out.push({ ...part, index: call });
    else endBlock(draft, out);
    return;
  }
  out.push(part);
}

function startCall(draft: Draft, part: Extract<Part, { type: "block-start" }>, out: Part[]): void {
  close(draft, out);
  draft.calls = new Map([...draft.calls, [part.index, draft.next]]);
  out.push({ ...part, index: draft.next });
  draft.next += 1;
}

/** Text of the answer, which may begin with a tag, more than once. */
function speak(draft: Draft, text: string, out: Part[]): void {
  draft.held += text;
  for (;;) {
    if (draft.closeTag !== null) {
      if (!speakInside(draft, draft.closeTag, out)) return;
      continue;
    }
    if (draft.hasText) return write(draft, "text", takeHeld(draft), out);
    const begun = draft.held.trimStart();
    const tag = tags.find(({ open }) => begun.startsWith(open));
    if (tag) {
      draft.closeTag = tag.close;
      draft.hasThought = true;
      draft.held = begun.slice(tag.open.length);
      continue;
    }
    if (begun === "" || tags.some(({ open }) => open.startsWith(begun))) return;
    return writeFirst(draft, out);
  }
}

/** Whether the closing tag was reached. */
function speakInside(draft: Draft, closeTag: string, out: Part[]): boolean {
  const at = draft.held.indexOf(closeTag);
  const sure = at === -1 ? draft.held.length - heldSuffix(draft.held, [closeTag]) : at;
  think(draft, draft.held.slice(0, sure), out);
  if (at === -1) {
    draft.held = draft.held.slice(sure);
    return false;
  }
  close(draft, out);
  draft.held = draft.held.slice(at + closeTag.length);
  draft.closeTag = null;
  return true;
}

function writeFirst(draft: Draft, out: Part[]): void {
  const text = takeHeld(draft);
  draft.hasText = true;
  write(draft, "text", draft.hasThought ? text.replace(/^\n+/, "") : text, out);
}

function think(draft: Draft, text: string, out: Part[]): void {
  const whole = draft.newlines + text;
  const body = whole.replace(/\n+$/, "");
  const isOpen = draft.open?.kind === "reasoning";
  const shown = isOpen ? body : body.replace(/^\n+/, "");
  write(draft, "reasoning", shown, out);
  draft.newlines = draft.open?.kind === "reasoning" ? whole.slice(body.length) : "";
}

function endBlock(draft: Draft, out: Part[]): void {
  const text = takeHeld(draft);
  if (draft.closeTag !== null) think(draft, text, out);
  // White space alone frames what follows; half a tag is text after all.
  else if (text.trim() !== "") write(draft, "text", draft.hasThought ? text.replace(/^\n+/, "") : text, out);
  close(draft, out);
  draft.closeTag = null;
  draft.source = null;
}

function write(draft: Draft, kind: BlockKind, text: string, out: Part[]): void {
  if (text !== "" && draft.open?.kind !== kind) close(draft, out);
  writeBlock(draft, kind, text, out);
}

function close(draft: Draft, out: Part[]): void {
  closeBlock(draft, out);
  draft.newlines = "";
}

function takeHeld(draft: Draft): string {
  const text = draft.held;
  draft.held = "";
  return text;
}
