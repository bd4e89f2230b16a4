import type { AnswerBlock, AnthropicMessage, MessageEvent } from "../../contract/anthropic.ts";
import type { AppError } from "../../platform/errors.ts";
import { fromErrorPart } from "../failures.ts";
import type { BlockKind, Part, TokenUsage } from "../parts.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { createSignature, messageUsage, stopReasons } from "./answer-words.ts";
import type { MessageIdentity } from "./answer-words.ts";
import { anthropicErrorBody } from "./errors.ts";

interface Block {
  /** Its place in the message. */
  readonly at: number;
  readonly kind: BlockKind;
  readonly signature: ReturnType<typeof createSignature> | null;
  isEmpty: boolean;
}

/**
 * Writes parts as Anthropic's events. The stream opens with `message_start`, as clients demand, at the first sign of
 * life; waiting is told in pings from then on.
 */
export function createMessagesWriter({ id, model, request, marksCache }: MessageIdentity): StreamWriter {
  const blocks = new Map<number, Block>();
  const seen = { input: request.promptTokens ?? 0, output: 0 };
  let usage: TokenUsage | null = null;
  let isOpen = false;

  const usageOf = () => messageUsage({ usage, seen, marksCache });
  const opening = (): string => {
    if (isOpen) return "";
    isOpen = true;
    return event({ type: "message_start", message: { ...emptyMessage(id, model), usage: usageOf() } });
  };
  const start = (part: Extract<Part, { type: "block-start" }>): string => {
    const signature = part.kind === "reasoning" ? createSignature() : null;
    const block = { at: blocks.size, kind: part.kind, signature, isEmpty: true };
    blocks.set(part.index, block);
    return opening() + event({ type: "content_block_start", index: block.at, content_block: emptyBlock(part) });
  };
  const delta = (block: Block, text: string): string => {
    block.isEmpty = false;
    block.signature?.add(text);
    const quoted = JSON.stringify(text);
    if (block.kind === "text") return deltaEvent(block.at, `{"type":"text_delta","text":${quoted}}`);
    if (block.kind === "reasoning") return deltaEvent(block.at, `{"type":"thinking_delta","thinking":${quoted}}`);
    return deltaEvent(block.at, `{"type":"input_json_delta","partial_json":${quoted}}`);
  };
  const end = (block: Block, part: Extract<Part, { type: "block-end" }>): string => {
    // A call that came whole has shown nothing yet.
    const call = block.isEmpty && block.kind === "tool-call" ? delta(block, part.arguments ?? "{}") : "";
    return call + signed(block, part.signature) + event({ type: "content_block_stop", index: block.at });
  };
  const finish = ({ reason, stopSequence }: Extract<Part, { type: "finish" }>): string =>
    opening() +
    event({
      type: "message_delta",
      delta: { stop_reason: stopReasons[reason], stop_sequence: stopSequence ?? null },
      usage: usageOf(),
    }) +
    event({ type: "message_stop" });

  const write = (part: Part): string => {
    switch (part.type) {
      case "progress":
        if (part.phase === "prefill" && request.promptTokens === undefined) seen.input = part.total ?? 0;
        return opening() + ping;
      case "block-start":
        return start(part);
      case "block-delta": {
        const block = blocks.get(part.index);
        seen.output += 1;
        return block ? delta(block, part.text) : "";
      }
      case "block-end": {
        const block = blocks.get(part.index);
        return block ? end(block, part) : "";
      }
      case "usage":
        usage = part;
        return "";
      case "finish":
        return finish(part);
      case "error":
        return errorEvent(fromErrorPart(part));
      case "start":
        return "";
    }
  };
  return {
    contentType: "text/event-stream; charset=utf-8",
    heartbeat: () => opening() + ping,
    write: (parts) => {
      let text = "";
      for (const part of parts) text += write(part);
      return text;
    },
    error: errorEvent,
  };
}

function event(body: MessageEvent): string {
  return `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`;
}

const ping = event({ type: "ping" });

/** Written by hand: there is one for each token. */
function deltaEvent(index: number, delta: string): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${delta}}\n\n`;
}

function signed({ at, signature }: Block, said: string | undefined): string {
  if (signature === null) return "";
  return deltaEvent(at, `{"type":"signature_delta","signature":${JSON.stringify(said ?? signature.end())}}`);
}

function errorEvent(error: AppError): string {
  return event(anthropicErrorBody(error, null));
}

function emptyMessage(id: string, model: string): Omit<AnthropicMessage, "usage"> {
  return { id, type: "message", role: "assistant", model, content: [], stop_reason: null, stop_sequence: null };
}

function emptyBlock({ kind, callId = "", name = "" }: Extract<Part, { type: "block-start" }>): AnswerBlock {
  if (kind === "text") return { type: "text", text: "", citations: [] };
  if (kind === "reasoning") return { type: "thinking", thinking: "", signature: "" };
  return { type: "tool_use", id: callId, name, input: {}, caller: { type: "direct" } };
}
