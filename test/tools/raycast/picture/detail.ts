/** Markdown with its metadata, as a whole view (metadata at the side) or as a list's pane (metadata below). */
import type { HostNode } from "../reconciler.ts";
import { findAll, slot, textOf } from "../tree.ts";
import { markdownToHtml } from "./markdown.ts";
import { cssColor, escapeHtml, image } from "./markup.ts";
import type { Appearance } from "./markup.ts";

export function detailPane(detail: HostNode, appearance: Appearance, metadata: "side" | "below"): string {
  const markdown = textOf(detail.props.markdown);
  const facts = findAll(slot(detail, "metadata") ?? detail, FACTS);
  const text = markdown === "" && metadata === "below" ? "" : `<div class="markdown">${markdownToHtml(markdown)}</div>`;
  const list =
    facts.length === 0
      ? ""
      : `<div class="metadata"${text === "" ? ' style="border:0;max-height:none"' : ""}>${facts.map((fact) => factHtml(fact, appearance)).join("")}</div>`;
  return `<div class="pane ${metadata}">${text}${list}</div>`;
}

const FACTS = ["metadata-label", "metadata-link", "metadata-separator", "metadata-tag-list"];

function factHtml(fact: HostNode, appearance: Appearance): string {
  if (fact.type === "metadata-separator") return "<hr>";
  const value = factValue(fact, appearance);
  return `<div class="fact"><span class="second">${escapeHtml(textOf(fact.props.title))}</span><span class="value">${value}</span></div>`;
}

function factValue(fact: HostNode, appearance: Appearance): string {
  const { icon, text, target } = fact.props;
  if (fact.type === "metadata-link")
    return `<a style="color:var(--raycast-blue)" href="${escapeHtml(textOf(target))}">${escapeHtml(textOf(text))}</a>`;
  if (fact.type === "metadata-tag-list")
    return findAll(fact, ["metadata-tag"])
      .map((tag) => tagHtml(tag, appearance))
      .join("");
  const color = (text as { color?: unknown } | undefined)?.color;
  return `${image(icon, appearance)}<span style="color:${cssColor(color, appearance)}">${escapeHtml(textOf(text))}</span>`;
}

function tagHtml(tag: HostNode, appearance: Appearance): string {
  const color = tag.props.color === undefined ? "var(--second)" : cssColor(tag.props.color, appearance);
  return `<span class="tag" style="color:${color};background:color-mix(in srgb, ${color} 18%, transparent)">${escapeHtml(textOf(tag.props.text))}</span>`;
}
