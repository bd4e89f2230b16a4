import type { ResultBlock, UserBlock } from "../../contract/anthropic.ts";
import { AppError } from "../../platform/errors.ts";
import { imageAddress } from "../images.ts";

/** What a list of blocks says and shows. */
export interface BlockContent {
  readonly text: string;
  /** Data URIs, or addresses until they are fetched. */
  readonly images: readonly string[];
}

type Block = ResultBlock | Exclude<UserBlock, { type: "tool_result" }>;
type Image = Extract<Block, { type: "image" }>;
type Document = Extract<Block, { type: "document" }>;

/** @throws AppError `unsupported` for stored files, and for documents that are not text. */
export function readBlocks(content: string | readonly Block[] | null | undefined): BlockContent {
  if (typeof content === "string") return { text: content, images: [] };
  const texts: string[] = [];
  const images: string[] = [];
  for (const block of content ?? []) {
    const read = readBlock(block);
    if (read.text !== "") texts.push(read.text);
    images.push(...read.images);
  }
  return { text: texts.join("\n"), images };
}

function readBlock(block: Block): BlockContent {
  switch (block.type) {
    case "text":
      return { text: block.text, images: [] };
    case "image":
      return { text: "", images: [addressOf(block)] };
    case "document":
      return readDocument(block);
    case "search_result":
      return { text: titled(block.title, block.source, readBlocks(block.content).text), images: [] };
    case "tool_reference":
      return { text: `The tool ${block.tool_name} can be called now.`, images: [] };
  }
}

function addressOf({ source }: Image): string {
  if (source.type === "base64") return `data:${source.media_type};base64,${source.data}`;
  if (source.type === "url") return imageAddress(source.url, "messages");
  throw unsupported("Images must be sent as base64 or as an address; no file is stored here.");
}

function readDocument({ source, title, context }: Document): BlockContent {
  if (source.type === "text") return { text: titled(title, context, source.data), images: [] };
  if (source.type === "content") {
    const { text, images } = readBlocks(source.content);
    return { text: titled(title, context, text), images };
  }
  throw unsupported("Documents must be sent as text; PDF, addresses and stored files are not read.");
}

function titled(...texts: (string | null | undefined)[]): string {
  return texts.filter((text) => text !== null && text !== undefined && text !== "").join("\n");
}

function unsupported(message: string): AppError {
  return new AppError("unsupported", message, { details: { param: "messages" } });
}
