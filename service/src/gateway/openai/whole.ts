import type * as z from "zod";
import type { ChatCompletion } from "../../contract/openai.ts";
import { engineFailed, fromErrorPart } from "../failures.ts";
import type { FinishReason, Part, PartStream, TokenUsage } from "../parts.ts";
import { openAIFinishReasons, openAIUsage } from "./finish-reasons.ts";

interface Identity {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

interface Block {
  readonly kind: "text" | "reasoning" | "tool-call";
  readonly callId: string;
  readonly name: string;
  text: string;
}

/** Puts a stream together to one answer: engines are always streamed, so that a client who leaves stops them. @throws AppError of an error part. */
export async function collectChat(parts: PartStream, identity: Identity): Promise<z.infer<typeof ChatCompletion>> {
  const blocks = new Map<number, Block>();
  let usage: TokenUsage | null = null;
  let finish: FinishReason | null = null;
  for await (const array of parts) {
    for (const part of array) {
      note(blocks, part);
      if (part.type === "usage") usage = part;
      if (part.type === "finish") finish = part.reason;
      if (part.type === "error") throw fromErrorPart(part);
    }
  }
  if (finish === null) throw engineFailed("The engine's answer broke off before it was complete. Try again.");
  return completion([...blocks.values()], identity, finish, usage);
}

function note(blocks: Map<number, Block>, part: Part): void {
  if (part.type === "block-start") {
    const { kind, callId = "", name = "" } = part;
    blocks.set(part.index, { kind, callId, name, text: "" });
  }
  if (part.type !== "block-delta" && part.type !== "block-end") return;
  const block = blocks.get(part.index);
  if (!block) return;
  if (part.type === "block-delta") block.text += part.text;
  else if (part.arguments !== undefined) block.text = part.arguments;
}

function completion(blocks: readonly Block[], identity: Identity, finish: FinishReason, usage: TokenUsage | null) {
  const textOf = (kind: Block["kind"]) =>
    blocks
      .filter((block) => block.kind === kind)
      .map(({ text }) => text)
      .join("");
  const calls = blocks.filter(({ kind }) => kind === "tool-call");
  const reasoning = textOf("reasoning");
  const content = textOf("text");
  const message = {
    role: "assistant" as const,
    content: content === "" && calls.length > 0 ? null : content,
    refusal: null,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning, reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(answerCall) }),
  };
  return {
    id: identity.id,
    object: "chat.completion" as const,
    created: identity.created,
    model: identity.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: openAIFinishReasons[finish] }],
    usage: openAIUsage(usage),
  };
}

function answerCall({ callId, name, text }: Block) {
  return { id: callId, type: "function" as const, function: { name, arguments: text } };
}
