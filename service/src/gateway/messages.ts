import type { ChatMessage, ChatTool } from "../contract/openai.ts";
import { AppError } from "../platform/errors.ts";

/** Messages as every protocol is read into and every engine is written from. */
export type NormalMessage =
  | { readonly role: "system"; readonly text: string }
  | { readonly role: "user"; readonly text: string; /** Data URIs. */ readonly images: readonly string[] }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly reasoning: string | null;
      readonly toolCalls: readonly NormalToolCall[];
    }
  | { readonly role: "tool"; readonly callId: string; readonly text: string };

export interface NormalToolCall {
  readonly id: string;
  readonly name: string;
  /** Always the text of a JSON object: templates walk its keys. */
  readonly arguments: string;
}

export interface NormalTool {
  readonly name: string;
  readonly description: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * @param systemPrompt the profile's, put first when the client brings none.
 * @throws AppError `unsupported` for an image address that is not a data URI: nothing is fetched for a client.
 */
export function normalizeMessages(messages: readonly ChatMessage[], systemPrompt: string | null): NormalMessage[] {
  const normal = mergeLeadingSystem(messages.map(normalizeMessage));
  if (systemPrompt === null || systemPrompt === "" || normal.some(({ role }) => role === "system")) return normal;
  return [{ role: "system", text: systemPrompt }, ...normal];
}

export function normalizeTools(tools: readonly ChatTool[]): NormalTool[] {
  return tools.map(({ function: { name, description, parameters } }) => ({
    name,
    description: description ?? null,
    parameters: parameters ?? { type: "object", properties: {} },
  }));
}

function normalizeMessage(message: ChatMessage): NormalMessage {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", text: textAlone(message.content) };
    case "user":
      return { role: "user", text: textOf(message.content), images: imagesOf(message.content) };
    case "assistant":
      return {
        role: "assistant",
        text: textAlone(message.content),
        reasoning: message.reasoning_content ?? message.reasoning ?? null,
        toolCalls: (message.tool_calls ?? []).map(({ id, function: call }) => ({
          id,
          name: call.name,
          arguments: objectText(call.arguments),
        })),
      };
    case "tool":
      return { role: "tool", callId: message.tool_call_id, text: textAlone(message.content) };
  }
}

type Content = Extract<ChatMessage, { role: "user" }>["content"] | null | undefined;

function textOf(content: Content): string {
  if (typeof content === "string") return content;
  const texts = (content ?? []).map((part) => {
    if (part.type === "text") return part.text;
    return part.type === "refusal" ? part.refusal : null;
  });
  return texts.filter((text) => text !== null).join("\n");
}

/** An image where none can be is refused: dropping it would answer another question. */
function textAlone(content: Content): string {
  if (imagesOf(content).length === 0) return textOf(content);
  throw new AppError("unsupported", "Images are read from user messages only.", { details: { param: "messages" } });
}

function imagesOf(content: Content): string[] {
  const images: string[] = [];
  for (const part of typeof content === "string" ? [] : (content ?? [])) {
    if (part.type !== "image_url") continue;
    const address = typeof part.image_url === "string" ? part.image_url : part.image_url.url;
    if (!/^data:image\/[\w.+-]+;base64,/.test(address)) {
      throw new AppError(
        "unsupported",
        "Images must be sent as base64 data URIs; no address is fetched for a request.",
        {
          details: { param: "messages" },
        },
      );
    }
    images.push(address);
  }
  return images;
}

/** Some templates know one system message only, and clients send several in a row. */
function mergeLeadingSystem(messages: readonly NormalMessage[]): NormalMessage[] {
  const first = messages.findIndex(({ role }) => role !== "system");
  const leading = messages.slice(0, first === -1 ? messages.length : first);
  if (leading.length < 2) return [...messages];
  const text = leading.map((message) => (message.role === "system" ? message.text : "")).join("\n\n");
  return [{ role: "system", text }, ...messages.slice(leading.length)];
}

/** A call that was cut off stays in the client's history for good: wrapped, it does not break every later turn. */
function objectText(text: string): string {
  if (text.trim() === "") return "{}";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch {
    return JSON.stringify({ arguments: text });
  }
  return JSON.stringify({ arguments: text });
}
