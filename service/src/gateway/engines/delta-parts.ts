import { engineFailed, retryAdvice } from "../failures.ts";
import type { FinishReason, Part, TokenUsage } from "../parts.ts";
import { readLogprob } from "../token-logprobs.ts";
import type { WireLogprob } from "../token-logprobs.ts";
import { finishReasons, usageOf } from "./chunk.ts";
import type { ToolCallDelta } from "./chunk.ts";
import { createChunkReader } from "./chunk-reader.ts";
import type { EventTranslator } from "./sse-parts.ts";

interface Open {
  readonly index: number;
  readonly kind: "text" | "reasoning" | "tool-call";
  /** Of a tool call: its number in the answer, and what it holds so far. */
  readonly call: number;
  text: string;
}

export interface DeltaOptions {
  readonly newCallId: () => string;
  /** Each delta of a call is a whole one, whatever its number. */
  readonly callsAreWhole?: boolean;
}

/**
 * Turns chunks of a conversation into parts: reasoning in either field, tool calls by number and in pieces, or whole.
 * Reasoning, text and calls of one delta come in this order.
 */
export function createDeltaTranslator({ newCallId, callsAreWhole = false }: DeltaOptions): EventTranslator {
  let open: Open | null = null;
  let next = 0;
  let calls = 0;
  let finish: FinishReason | null = null;
  let usage: TokenUsage | null = null;
  const callIds = new Set<string>();
  const read = createChunkReader();

  const close = (out: Part[]): void => {
    if (open?.kind === "tool-call") {
      // A call without arguments is one with none.
      if (open.text === "") out.push({ type: "block-delta", index: open.index, text: "{}" });
      out.push({ type: "block-end", index: open.index, arguments: open.text === "" ? "{}" : open.text });
    } else if (open) out.push({ type: "block-end", index: open.index });
    open = null;
  };
  const begin = (kind: Open["kind"], call: number, out: Part[]): Open => {
    close(out);
    const begun = { index: next, kind, call, text: "" };
    next += 1;
    open = begun;
    return begun;
  };
  const write = (kind: "text" | "reasoning", text: string | null | undefined, out: Part[]): void => {
    if (typeof text !== "string" || text === "") return;
    let block = open;
    if (block?.kind !== kind) {
      block = begin(kind, -1, out);
      out.push({ type: "block-start", index: block.index, kind });
    }
    out.push({ type: "block-delta", index: block.index, text });
  };
  const beginCall = (delta: ToolCallDelta, number: number, out: Part[]): Open => {
    const name = delta.function?.name ?? "";
    if (name === "" || number < calls)
      throw engineFailed(`The engine mixed up the pieces of its tool calls. ${retryAdvice}`);
    const block = begin("tool-call", number, out);
    const callId = delta.id && !callIds.has(delta.id) ? delta.id : newCallId();
    callIds.add(callId);
    calls = number + 1;
    out.push({ type: "block-start", index: block.index, kind: "tool-call", callId, name });
    return block;
  };
  const call = (delta: ToolCallDelta, out: Part[]): void => {
    const number = callsAreWhole ? calls : (delta.index ?? (delta.function?.name ? calls : calls - 1));
    const isSame = open?.kind === "tool-call" && open.call === number;
    const block = isSame && open ? open : beginCall(delta, number, out);
    const text = argumentsText(delta.function?.arguments);
    if (text !== "") {
      block.text += text;
      out.push({ type: "block-delta", index: block.index, text });
    }
    if (callsAreWhole) close(out);
  };
  const end = (out: Part[]): void => {
    close(out);
    if (finish === null) throw engineFailed(`The engine ended its answer without saying why. ${retryAdvice}`);
    // Some drop calls that they cannot parse and still say they made one: an empty answer would hide the loss.
    if (finish === "tool-calls" && calls === 0) {
      throw engineFailed(`The model wrote a tool call that could not be read. ${retryAdvice}`);
    }
    if (usage) out.push({ type: "usage", ...usage });
    out.push({ type: "finish", reason: finish === "stop" && calls > 0 ? "tool-calls" : finish });
  };

  return {
    push(data, out) {
      if (data === "[DONE]") return end(out);
      const chunk = read(data);
      if (chunk.usage) usage = usageOf(chunk.usage);
      const choice = chunk.choices?.[0];
      if (!choice) return;
      const before = out.length;
      // Some send the same text under both names.
      write("reasoning", choice.delta?.reasoning_content ?? choice.delta?.reasoning, out);
      write("text", choice.delta?.content, out);
      for (const delta of choice.delta?.tool_calls ?? []) call(delta, out);
      if (choice.logprobs?.content && out.length > before) tell(choice.logprobs.content, out);
      if (typeof choice.finish_reason === "string") finish = finishReasons[choice.finish_reason] ?? "stop";
    },
  };
}

/** The tokens of one chunk go with its last text; those of a chunk without one are tags. */
function tell(logprobs: readonly WireLogprob[], out: Part[]): void {
  const last = out.at(-1);
  if (last?.type === "block-delta") out[out.length - 1] = { ...last, logprobs: logprobs.map(readLogprob) };
}

function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
