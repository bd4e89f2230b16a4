import { decodeEntities, imageTarget, linkTarget } from "./card-links.ts";
import type { CardPlace } from "./card-links.ts";

/** A piece of raw HTML: a tag, or the text between tags. */
export type HtmlPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "open" | "close"; readonly name: string; readonly attributes: ReadonlyMap<string, string> };

/** Elements of which nothing is shown, their text included. */
export const hiddenElements = new Set(
  "script style template iframe object embed applet noscript svg math head title form select textarea button".split(
    " ",
  ),
);
const breaking = new Set(
  "p div section article header footer center table thead tbody tr ul ol dl dt dd blockquote pre hr details summary figure figcaption h1 h2 h3 h4 h5 h6 li".split(
    " ",
  ),
);

/** Cuts HTML into tags and texts in one pass; what is no whole tag is text. */
export function* htmlPieces(html: string): Generator<HtmlPiece> {
  const tag = /<(\/?)([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^"'<>])*)>/iy;
  for (let index = 0; index < html.length;) {
    const start = html.indexOf("<", index);
    const end = start === -1 ? html.length : start;
    if (end > index) yield { kind: "text", text: html.slice(index, end) };
    if (start === -1) return;
    const skipped = afterDeclaration(html, start);
    if (skipped !== null) {
      index = skipped;
      continue;
    }
    tag.lastIndex = start;
    const [whole, slash, name, attributes] = tag.exec(html) ?? [];
    if (whole === undefined || name === undefined) {
      yield { kind: "text", text: "<" };
      index = start + 1;
      continue;
    }
    yield {
      kind: slash === "/" ? "close" : "open",
      name: name.toLowerCase(),
      attributes: attributesOf(attributes ?? ""),
    };
    index = start + whole.length;
  }
}

/** Where a comment or declaration ends; null where none begins. */
function afterDeclaration(html: string, start: number): number | null {
  const isComment = html.startsWith("<!--", start);
  if (!isComment && !/^<[!?]/.test(html.slice(start, start + 2))) return null;
  const close = isComment ? "-->" : ">";
  const end = html.indexOf(close, start + (isComment ? 4 : 2));
  return end === -1 ? html.length : end + close.length;
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, double, single, bare] of text.matchAll(/([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi))
    if (name !== undefined) found.set(name.toLowerCase(), double ?? single ?? bare ?? "");
  return found;
}

/** A block of HTML as Markdown: its text, images, links and headings; everything else goes. */
export function htmlBlock(html: string, place: CardPlace, escape: (text: string) => string): string {
  const blocks: string[] = [];
  let line = "";
  let hidden: string | null = null;
  const openLinks: { target: string | null; start: number }[] = [];
  const flush = () => {
    if (line.trim() !== "" && openLinks.length === 0) {
      blocks.push(line.trim());
      line = "";
    }
  };
  for (const piece of htmlPieces(html)) {
    if (hidden !== null) {
      if (piece.kind === "close" && piece.name === hidden) hidden = null;
      continue;
    }
    if (piece.kind === "text") {
      line += escape(decodeEntities(piece.text).replace(/\s+/g, " "));
      continue;
    }
    const { kind, name, attributes } = piece;
    if (hiddenElements.has(name)) {
      if (kind === "open") hidden = name;
    } else if (name === "img" && kind === "open") line += htmlImage(attributes, place, escape);
    else if (name === "br") line += "  \n";
    else if (name === "a" && kind === "open") {
      openLinks.push({ target: linkTarget(attributes.get("href") ?? "", place), start: line.length });
    } else if (name === "a") {
      const link = openLinks.pop();
      if (link) line = linked(line, link.start, link.target);
    } else if (name === "td" || name === "th") line += kind === "close" ? " " : "";
    else if (breaking.has(name)) {
      flush();
      if (kind === "open" && line.trim() === "") line = lead(name);
    }
  }
  openLinks.length = 0;
  flush();
  return blocks.filter((block) => !/^(#+|-)$/.test(block)).join("\n\n");
}

/** Puts everything from `start` on into a link; without a target it stays text. */
function linked(line: string, start: number, target: string | null): string {
  const inner = line.slice(start).trim();
  return target === null || inner === "" ? line : `${line.slice(0, start)}[${inner}](${target})`;
}

export function htmlImage(
  attributes: ReadonlyMap<string, string>,
  place: CardPlace,
  escape: (text: string) => string,
): string {
  const target = imageTarget(attributes.get("src") ?? "", place);
  const text = escape(decodeEntities(attributes.get("alt") ?? "").replace(/\s+/g, " "));
  return target === null ? text : `![${text}](${target})`;
}

function lead(name: string): string {
  const level = /^h([1-6])$/.exec(name)?.[1];
  if (level !== undefined) return `${"#".repeat(Number(level))} `;
  return name === "li" ? "- " : "";
}
