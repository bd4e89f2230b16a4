import type { AssistantBlock, Conversation, MessageParam, UserBlock } from "../../contract/anthropic.ts";
import { objectText } from "../messages.ts";
import type { NormalMessage } from "../messages.ts";
import { readBlocks } from "./read-blocks.ts";
import { foldedSystem, systemText } from "./system-text.ts";

/**
 * Anthropic's messages as ours. What a client repeats reads the same at every turn, whether it is a string or a list
 * of blocks and wherever its cache marks are: the engine's cache lives on it.
 * @throws AppError `unsupported` for blocks that cannot be read.
 */
export function readConversation({ system, messages }: Pick<Conversation, "system" | "messages">): NormalMessage[] {
  const read: NormalMessage[] = [];
  const head = systemText(system);
  if (head !== "") read.push({ role: "system", text: head });
  for (const message of messages) {
    const isHead = read.every(({ role }) => role === "system");
    for (const next of readMessage(message, isHead)) join(read, next);
  }
  return read;
}

function readMessage(message: MessageParam, isHead: boolean): NormalMessage[] {
  switch (message.role) {
    case "system": {
      const text = systemText(message.content);
      if (text === "") return [];
      return [isHead ? { role: "system", text } : { role: "user", text: foldedSystem(text), images: [] }];
    }
    case "user":
      return readUser(message.content);
    case "assistant":
      return [readAssistant(message.content)];
  }
}

type ToolResult = Extract<UserBlock, { type: "tool_result" }>;

/** Results first, as templates want them right behind their calls; what they show follows, since tools only say. */
function readUser(content: string | readonly UserBlock[]): NormalMessage[] {
  if (typeof content === "string") return [{ role: "user", text: content, images: [] }];
  const results: NormalMessage[] = [];
  const images: string[] = [];
  for (const block of content) {
    if (block.type !== "tool_result") continue;
    const result = readResult(block);
    results.push(result.message);
    images.push(...result.images);
  }
  const said = readBlocks(content.filter((block) => block.type !== "tool_result"));
  if (results.length === 0) return [{ role: "user", ...said }];
  const shown = images.length === 0 ? [] : [shownByTools(images)];
  const isSilent = said.text === "" && said.images.length === 0;
  return [...results, ...shown, ...(isSilent ? [] : [{ role: "user" as const, ...said }])];
}

function readResult(block: ToolResult): { message: NormalMessage; images: readonly string[] } {
  const { text, images } = readBlocks(block.content);
  const lines = [text, ...images.map(() => "[image: see the next message]")].filter((line) => line !== "");
  const whole = lines.join("\n");
  const said = block.is_error === true ? `Error: ${whole === "" ? "the tool failed" : whole}` : whole;
  return { message: { role: "tool", callId: block.tool_use_id, text: said }, images };
}

function shownByTools(images: readonly string[]): NormalMessage {
  const text = images.length === 1 ? "The image of the tool's result." : "The images of the tools' results, in order.";
  return { role: "user", text, images };
}

function readAssistant(content: string | readonly AssistantBlock[]): NormalMessage & { role: "assistant" } {
  if (typeof content === "string") return { role: "assistant", text: content, reasoning: null, toolCalls: [] };
  const texts: string[] = [];
  const thoughts: string[] = [];
  const toolCalls: { id: string; name: string; arguments: string }[] = [];
  for (const block of content) {
    if (block.type === "text" && block.text !== "") texts.push(block.text);
    if (block.type === "thinking" && block.thinking !== "") thoughts.push(block.thinking);
    if (block.type === "tool_use")
      toolCalls.push({ id: block.id, name: block.name, arguments: argumentsOf(block.input) });
  }
  const reasoning = thoughts.length === 0 ? null : thoughts.join("\n");
  return { role: "assistant", text: texts.join("\n"), reasoning, toolCalls };
}

function argumentsOf(input: unknown): string {
  return objectText(typeof input === "string" ? input : JSON.stringify(input ?? {}));
}

/** Turns of one role in a row are one turn in this protocol, and many templates refuse them. */
function join(read: NormalMessage[], next: NormalMessage): void {
  const last = read.at(-1);
  if (last?.role === "user" && next.role === "user") {
    read[read.length - 1] = {
      role: "user",
      text: joined([last.text, next.text], "\n\n"),
      images: [...last.images, ...next.images],
    };
  } else if (last?.role === "assistant" && next.role === "assistant") {
    const thoughts = [last.reasoning, next.reasoning].filter((text) => text !== null);
    read[read.length - 1] = {
      role: "assistant",
      text: joined([last.text, next.text], "\n"),
      reasoning: thoughts.length === 0 ? null : thoughts.join("\n"),
      toolCalls: [...last.toolCalls, ...next.toolCalls],
    };
  } else read.push(next);
}

function joined(texts: readonly string[], separator: string): string {
  return texts.filter((text) => text !== "").join(separator);
}
