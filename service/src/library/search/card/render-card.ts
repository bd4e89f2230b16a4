import { Marked } from "marked";
import type { Token, Tokens } from "marked";
import { hiddenElements, htmlBlock, htmlImage, htmlPieces } from "./card-html.ts";
import { decodeEntities, imageTarget, linkTarget } from "./card-links.ts";
import type { CardPlace } from "./card-links.ts";

const inputLimit = 200_000;
const outputLimit = 100_000;

/**
 * A README as Markdown that any viewer may show: no front matter, no HTML, no script, only absolute addresses of the
 * web. It is parsed and written anew, so nothing passes that this file does not know: text that would read as HTML or as
 * a link is escaped. Longer cards end with a link to the rest.
 */
export function renderCard(readme: string, place: CardPlace): string {
  const text = readme
    .replaceAll("\0", "")
    .replace(/^\uFEFF?---[ \t]*\r?\n(?:[\s\S]*?\r?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/, "");
  const blocks: string[] = [];
  let length = 0;
  let isCut = text.length > inputLimit;
  for (const token of new Marked({ gfm: true }).lexer(text.slice(0, inputLimit))) {
    const block = writeBlock(token, place);
    if (block === "") continue;
    length += block.length + 2;
    if (length > outputLimit) {
      isCut = true;
      break;
    }
    blocks.push(block);
  }
  if (isCut) blocks.push(`[The rest of this card is on the Hub.](${linkTarget("", place) ?? place.page})`);
  return blocks.join("\n\n");
}

function writeBlock(token: Token, place: CardPlace): string {
  const inline = (tokens: readonly Token[] | undefined) => writeInline(tokens ?? [], place);
  const blocks = (tokens: readonly Token[] | undefined, joint = "\n\n") =>
    (tokens ?? [])
      .map((inner) => writeBlock(inner, place))
      .filter((block) => block !== "")
      .join(joint);
  switch (token.type) {
    case "heading":
      return `${"#".repeat((token as Tokens.Heading).depth)} ${oneLine(inline(token.tokens))}`;
    case "paragraph":
      return inline(token.tokens).trim();
    case "text":
      return (token.tokens ? inline(token.tokens) : escapeText((token as Tokens.Text).text)).trim();
    case "code":
      return writeCode(token as Tokens.Code);
    case "blockquote":
      return prefixed(blocks(token.tokens), "> ", "> ");
    case "list":
      return writeList(token as Tokens.List, blocks);
    case "table":
      return writeTable(token as Tokens.Table, inline);
    case "html":
      return htmlBlock((token as Tokens.HTML).text, place, escapeText);
    case "hr":
      return "---";
    default:
      return "";
  }
}

function writeCode({ lang, text }: Tokens.Code): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  const language = /^[\w+#.-]{1,30}/.exec(lang ?? "")?.[0] ?? "";
  return `${fence}${language}\n${text}\n${fence}`;
}

function writeList(
  { ordered, start, items, loose }: Tokens.List,
  blocks: (tokens: readonly Token[] | undefined, joint?: string) => string,
): string {
  const written = items.map(({ tokens, task, checked }, index) => {
    const bullet = ordered ? `${Number(start || 1) + index}. ` : "- ";
    const box = task ? `[${checked ? "x" : " "}] ` : "";
    return prefixed(`${box}${blocks(tokens, loose ? "\n\n" : "\n")}`, bullet, " ".repeat(bullet.length));
  });
  return written.join(loose ? "\n\n" : "\n");
}

function writeTable({ header, align, rows }: Tokens.Table, inline: (tokens: readonly Token[]) => string): string {
  const row = (cells: readonly Tokens.TableCell[]) =>
    `| ${cells.map(({ tokens }) => oneLine(inline(tokens)).replace(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
  const rule = { left: ":--", center: ":-:", right: "--:" } as const;
  const rules = align.map((side) => (side === null ? "---" : rule[side]));
  return [row(header), `| ${rules.join(" | ")} |`, ...rows.map(row)].join("\n");
}

function writeInline(tokens: readonly Token[], place: CardPlace): string {
  let text = "";
  let hidden: string | null = null;
  const openLinks: { target: string | null; start: number }[] = [];
  for (const token of tokens) {
    if (token.type === "html") {
      for (const piece of htmlPieces((token as Tokens.HTML).text)) {
        if (piece.kind === "text") continue;
        const { kind, name, attributes } = piece;
        if (hidden !== null) {
          if (kind === "close" && name === hidden) hidden = null;
        } else if (hiddenElements.has(name)) {
          if (kind === "open") hidden = name;
        } else if (name === "br") text += "  \n";
        else if (name === "img" && kind === "open") text += htmlImage(attributes, place, escapeText);
        else if (name === "a" && kind === "open") {
          openLinks.push({ target: linkTarget(attributes.get("href") ?? "", place), start: text.length });
        } else if (name === "a") {
          const link = openLinks.pop();
          if (link) text = `${text.slice(0, link.start)}${asLink(text.slice(link.start), link.target)}`;
        }
      }
    } else if (hidden === null) text += writeInlineToken(token, place);
  }
  return text;
}

function writeInlineToken(token: Token, place: CardPlace): string {
  const inner = () => writeInline("tokens" in token ? (token.tokens ?? []) : [], place);
  switch (token.type) {
    case "text":
      return (token as Tokens.Text).tokens ? inner() : escapeText((token as Tokens.Text).text);
    case "escape":
      return escapeText(decodeEntities((token as Tokens.Escape).text), /[\\`*_[\]<>~#|!]/g);
    case "strong":
      return around("**", inner());
    case "em":
      return around("*", inner());
    case "del":
      return around("~~", inner());
    case "codespan":
      return codeSpan((token as Tokens.Codespan).text);
    case "br":
      return "  \n";
    case "link":
      return asLink(inner(), linkTarget((token as Tokens.Link).href, place));
    case "image": {
      const { href, text } = token as Tokens.Image;
      const target = imageTarget(href, place);
      return target === null ? escapeText(text) : `![${escapeText(text)}](${target})`;
    }
    default:
      return "";
  }
}

function asLink(text: string, target: string | null): string {
  if (target === null) return text;
  return `[${text.trim() === "" ? escapeText(target) : text.trim()}](${target})`;
}

function around(mark: string, text: string): string {
  return text.trim() === "" ? text : `${mark}${text.trim()}${mark}`;
}

function codeSpan(text: string): string {
  const ticks = "`".repeat(longestRun(text) + 1);
  return text.includes("`") ? `${ticks} ${text} ${ticks}` : `${ticks}${text}${ticks}`;
}

/**
 * Text as text: what could begin code, a link or a tag is escaped, also where it was harmless before the HTML around it
 * was taken away.
 */
function escapeText(text: string, characters = /[\\`[\]<]/g): string {
  return text.replace(characters, "\\$&");
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}

function prefixed(text: string, first: string, rest: string): string {
  return text
    .split("\n")
    .map((line, index) => (index === 0 ? `${first}${line}` : line === "" ? rest.trimEnd() : `${rest}${line}`))
    .join("\n");
}
