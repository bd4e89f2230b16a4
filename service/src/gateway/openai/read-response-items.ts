import { inputItems } from "../../contract/responses.ts";
import type { InputItemType, ResponseContent, ResponseInputItem } from "../../contract/responses.ts";
import { AppError } from "../../platform/errors.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import { imageAddress } from "../images.ts";
import { objectText } from "../messages.ts";
import type { NormalMessage, NormalToolCall } from "../messages.ts";
import { customInput } from "./response-items.ts";

interface Turn {
  text: string | null;
  reasoning: string | null;
  readonly toolCalls: NormalToolCall[];
}

/** Traces of tools that other services run: agents send them back, and nothing here can use them. */
const foreignItem = /_call(_output)?$|^mcp_|^compaction/;

/**
 * Items as messages: what the model did in one turn is one message, as the engines know it.
 * @returns also the types that were left out.
 * @throws AppError `invalid_request` that names the item, `unsupported` for an image that cannot be had.
 */
export function readItems(items: readonly ResponseInputItem[]): { messages: NormalMessage[]; dropped: string[] } {
  const messages: NormalMessage[] = [];
  const dropped = new Set<string>();
  let turn: Turn | null = null;
  let seen: string[] = [];

  const endTurn = (): void => {
    if (turn) messages.push({ role: "assistant", ...turn, text: turn.text ?? "" });
    turn = null;
  };
  // Templates know images of users only, and results of one turn must stay together: images follow them.
  const showImages = (): void => {
    if (seen.length > 0) messages.push({ role: "user", text: "", images: seen });
    seen = [];
  };
  const turnOf = (isFull: (open: Turn) => boolean): Turn => {
    showImages();
    if (turn && isFull(turn)) endTurn();
    turn ??= { text: null, reasoning: null, toolCalls: [] };
    return turn;
  };
  const call = (id: string, name: string, text: string): void => {
    turnOf(() => false).toolCalls.push({ id, name, arguments: text });
  };
  const result = (callId: string, output: ResponseContent): void => {
    endTurn();
    messages.push({ role: "tool", callId, text: textOf(output) });
    seen.push(...imagesOf(output));
  };

  for (const [index, item] of items.entries()) {
    const type = typeOf(item, index);
    if (type === null) dropped.add(`input.${String(item.type).slice(0, 80)}`);
    else if (type === "function_call") {
      const { call_id, name, arguments: text } = parseItem(type, item, index);
      call(call_id, name, objectText(text));
    } else if (type === "custom_tool_call") {
      const { call_id, name, input } = parseItem(type, item, index);
      call(call_id, name, JSON.stringify({ [customInput]: input }));
    } else if (type === "function_call_output" || type === "custom_tool_call_output") {
      const { call_id, output } = parseItem(type, item, index);
      result(call_id, output);
    } else if (type === "reasoning") {
      const { content, summary } = parseItem(type, item, index);
      const text = joined(content?.length ? content : summary);
      // An empty one is a place holder of services that hide what their models think.
      if (text !== "") turnOf((open) => open.text !== null || open.toolCalls.length > 0).reasoning = text;
    } else {
      const { role, content } = parseItem("message", item, index);
      if (role === "assistant") {
        turnOf((open) => open.text !== null || open.toolCalls.length > 0).text = textAlone(content);
        continue;
      }
      endTurn();
      showImages();
      if (role === "user") messages.push({ role, text: textOf(content), images: imagesOf(content) });
      else messages.push({ role: "system", text: textAlone(content) });
    }
  }
  endTurn();
  showImages();
  return { messages, dropped: [...dropped] };
}

/** Null: an item that is tolerated and says nothing to the model. */
function typeOf(item: ResponseInputItem, index: number): InputItemType | null {
  const type = item.type ?? (item["role"] === undefined && item["id"] !== undefined ? "item_reference" : "message");
  if (Object.hasOwn(inputItems, type)) return type as InputItemType;
  if (foreignItem.test(type)) return null;
  throw new AppError(
    "invalid_request",
    `The body field "input.${index}.type" is wrong: ${type.slice(0, 80)} is unknown.`,
    {
      details: { param: `input[${index}].type` },
    },
  );
}

function parseItem<Type extends InputItemType>(type: Type, item: ResponseInputItem, index: number) {
  const parsed = inputItems[type].safeParse(item);
  if (parsed.success) return parsed.data as ReturnType<(typeof inputItems)[Type]["parse"]>;
  const error = parsed.error;
  for (const issue of error.issues) issue.path.unshift("input", index);
  throw invalidRequest(error, "body");
}

function textOf(content: ResponseContent): string {
  if (typeof content === "string") return content;
  const texts = content.map((part) => {
    if (part.type === "input_image") return null;
    if (part.type === "input_file") throw unsupported("Files are not read yet; send their text.");
    return part.type === "refusal" ? part.refusal : part.text;
  });
  return texts.filter((text) => text !== null).join("\n");
}

/** An image where none can be is refused: dropping it would answer another question. */
function textAlone(content: ResponseContent): string {
  if (imagesOf(content).length > 0) throw unsupported("Images are read from users and tools only.");
  return textOf(content);
}

function imagesOf(content: ResponseContent): string[] {
  if (typeof content === "string") return [];
  return content.flatMap((part) => (part.type === "input_image" ? [addressOf(part)] : []));
}

function addressOf({ image_url: address }: Extract<Exclude<ResponseContent, string>[number], { type: "input_image" }>) {
  if (typeof address === "string") return imageAddress(address, "input");
  throw unsupported("Images must be sent in image_url; no file is stored here.");
}

function joined(parts: readonly { readonly text: string }[] | null | undefined): string {
  return (parts ?? []).map(({ text }) => text).join("\n\n");
}

function unsupported(message: string): AppError {
  return new AppError("unsupported", message, { details: { param: "input" } });
}
