import { engineFailed } from "../../failures.ts";
import type { BlockKind, FinishReason, Part, TokenUsage } from "../../parts.ts";
import { finishReasons, parseChunk, usageOf } from "../chunk.ts";
import type { ToolCallDelta } from "../chunk.ts";

export interface ChunkTranslator {
  /** Appends the parts of one `data:` line. @throws AppError `engine_failed` for what no engine of ours sends. */
  push(data: string, out: Part[]): void;
}

/** Turns the chunks of `mlx_lm.server` into parts. Reasoning, text and calls of one delta come in this order. */
export function createChunkTranslator(newCallId: () => string): ChunkTranslator {
  let open: { index: number; kind: BlockKind } | null = null;
  let next = 0;
  let calls = 0;
  let finish: FinishReason | null = null;
  let usage: TokenUsage | null = null;
  const callIds = new Set<string>();

  const close = (out: Part[]): void => {
    if (open) out.push({ type: "block-end", index: open.index });
    open = null;
  };
  const write = (kind: BlockKind, text: string | null | undefined, out: Part[]): void => {
    if (typeof text !== "string" || text === "") return;
    if (open?.kind !== kind) {
      close(out);
      open = { index: next, kind };
      next += 1;
      out.push({ type: "block-start", index: open.index, kind });
    }
    out.push({ type: "block-delta", index: open.index, text });
  };
  // The engine sends a call whole, in one delta.
  const call = (delta: ToolCallDelta, out: Part[]): void => {
    close(out);
    const name = delta.function?.name ?? "";
    const text = argumentsText(delta.function?.arguments);
    const callId = delta.id && !callIds.has(delta.id) ? delta.id : newCallId();
    callIds.add(callId);
    const index = next;
    next += 1;
    calls += 1;
    out.push({ type: "block-start", index, kind: "tool-call", callId, name });
    out.push({ type: "block-delta", index, text }, { type: "block-end", index, arguments: text });
  };
  const end = (out: Part[]): void => {
    close(out);
    if (finish === null) throw engineFailed("The engine ended its answer without saying why. Try again.");
    // The engine drops calls that it cannot parse and still says it made one: an empty answer would hide the loss.
    if (finish === "tool-calls" && calls === 0) {
      throw engineFailed("The model wrote a tool call that could not be read. Try again.");
    }
    if (usage) out.push({ type: "usage", ...usage });
    out.push({ type: "finish", reason: finish === "stop" && calls > 0 ? "tool-calls" : finish });
  };

  return {
    push(data, out) {
      if (data === "[DONE]") return end(out);
      const chunk = parseChunk(data);
      if (chunk.usage) usage = usageOf(chunk.usage);
      const choice = chunk.choices?.[0];
      if (!choice) return;
      write("reasoning", choice.delta?.reasoning, out);
      write("text", choice.delta?.content, out);
      for (const delta of choice.delta?.tool_calls ?? []) call(delta, out);
      if (typeof choice.finish_reason === "string") finish = finishReasons[choice.finish_reason] ?? "stop";
    },
  };
}

function argumentsText(value: unknown): string {
  if (typeof value === "string") return value === "" ? "{}" : value;
  return JSON.stringify(value ?? {});
}
