/** The Markdown our commands write, as HTML: headings, lists, quotes, tables, fences, rules, inline marks. */
import { escapeHtml } from "./markup.ts";

export function markdownToHtml(markdown: string): string {
  const html: string[] = [];
  const lines = markdown.split("\n");
  for (let at = 0; at < lines.length;) {
    const block = BLOCKS.find(({ starts }) => starts.test(lines[at]!))!;
    const end = block.end(lines, at);
    html.push(block.html(lines.slice(at, end)));
    at = end;
  }
  return html.join("\n");
}

interface Block {
  starts: RegExp;
  end(lines: string[], from: number): number;
  html(lines: string[]): string;
}

const oneLine = (_lines: string[], from: number) => from + 1;
const whileMatching = (pattern: RegExp) => (lines: string[], from: number) => {
  const stop = lines.findIndex((line, index) => index > from && !pattern.test(line));
  return stop < 0 ? lines.length : stop;
};
const items = (pattern: RegExp, lines: string[]) =>
  lines.map((line) => `<li>${inline(line.replace(pattern, ""))}</li>`).join("");

const BLOCKS: Block[] = [
  {
    starts: /^```/,
    end: (lines, from) => {
      const close = lines.findIndex((line, index) => index > from && line.startsWith("```"));
      return close < 0 ? lines.length : close + 1;
    },
    html: (lines) =>
      `<pre><code>${escapeHtml(
        lines
          .slice(1)
          .filter((line) => !line.startsWith("```"))
          .join("\n"),
      )}</code></pre>`,
  },
  {
    starts: /^#{1,6} /,
    end: oneLine,
    html: ([line]) => {
      const level = /^#+/.exec(line!)![0].length;
      return `<h${level}>${inline(line!.slice(level + 1))}</h${level}>`;
    },
  },
  { starts: /^---+$/, end: oneLine, html: () => "<hr>" },
  {
    starts: /^> ?/,
    end: whileMatching(/^> ?/),
    html: (lines) => `<blockquote>${lines.map((line) => inline(line.replace(/^> ?/, ""))).join("<br>")}</blockquote>`,
  },
  { starts: /^[-*] /, end: whileMatching(/^[-*] /), html: (lines) => `<ul>${items(/^[-*] /, lines)}</ul>` },
  { starts: /^\d+\. /, end: whileMatching(/^\d+\. /), html: (lines) => `<ol>${items(/^\d+\. /, lines)}</ol>` },
  {
    starts: /^\|/,
    end: whileMatching(/^\|/),
    html: (lines) => {
      const rows = lines.filter((line) => !/^\|[\s:|-]+\|$/.test(line));
      const cells = (line: string, tag: string) =>
        line
          .slice(1, line.lastIndexOf("|"))
          .split("|")
          .map((cell) => `<${tag}>${inline(cell.trim())}</${tag}>`)
          .join("");
      return `<table>${rows.map((line, index) => `<tr>${cells(line, index === 0 ? "th" : "td")}</tr>`).join("")}</table>`;
    },
  },
  { starts: /^\s*$/, end: oneLine, html: () => "" },
  {
    starts: /^/,
    end: whileMatching(/^(?!```|#{1,6} |> |[-*] |\d+\. |\||\s*$)/),
    html: (lines) => `<p>${lines.map(inline).join("<br>")}</p>`,
  },
];

function inline(text: string): string {
  return escapeHtml(text)
    .replace(/!\[([^\]]*)\]\(([^)\s]+)[^)]*\)/g, '<img src="$2" alt="$1">')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '<a href="$2">$1</a>')
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<b>$1</b>")
    .replace(/(^|\W)[*_]([^*_]+)[*_](?=\W|$)/g, "$1<i>$2</i>");
}
