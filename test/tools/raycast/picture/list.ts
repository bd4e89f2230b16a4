/** A list (or grid) as Raycast draws it: sections, rows, the selected one lit, its detail beside it. */
import type { Row } from "../tree.ts";
import { accessoryText, findAll, slot, textOf } from "../tree.ts";
import type { HostNode } from "../reconciler.ts";
import { detailPane } from "./detail.ts";
import { cssColor, escapeHtml, image } from "./markup.ts";
import type { Appearance } from "./markup.ts";

export interface ListPicture {
  rows: Row[];
  selected: Row | undefined;
  /** Index of the topmost row in the window. */
  scroll: number;
  appearance: Appearance;
}

export function listMain(view: HostNode, list: ListPicture): string {
  if (list.rows.length === 0) return emptyView(findAll(view, ["empty-view"])[0], list.appearance);
  const showsDetail = view.props.isShowingDetail === true;
  const pane = showsDetail ? findAll(slot(list.selected?.node, "detail") ?? view, ["detail"])[0] : undefined;
  const rows = list.rows.slice(list.scroll).map((row, index, visible) => {
    const opens = index === 0 || visible[index - 1]!.section !== row.section;
    return (
      (opens ? sectionHead(row) : "") +
      rowHtml(row, row === list.selected || row.node === list.selected?.node, list.appearance, showsDetail)
    );
  });
  const narrow = showsDetail ? " narrow" : "";
  return `<div class="list${narrow}">${rows.join("")}</div>${pane ? detailPane(pane, list.appearance, "below") : ""}`;
}

function sectionHead(row: Row): string {
  if (!row.section) return "";
  const subtitle = textOf(row.node.parent?.props.subtitle);
  return `<div class="section">${escapeHtml(row.section)}<span>${escapeHtml(subtitle)}</span></div>`;
}

function rowHtml(row: Row, isChosen: boolean, appearance: Appearance, narrow: boolean): string {
  const accessories = (row.props.accessories as Record<string, unknown>[] | undefined) ?? [];
  const subtitle = row.subtitle === "" || narrow ? "" : `<span class="second">${escapeHtml(row.subtitle)}</span>`;
  return `<div class="row${isChosen ? " chosen" : ""}">${image(row.props.icon, appearance)}<span class="name">${escapeHtml(row.title)}</span>
    ${subtitle}<span class="accessories">${accessories.map((accessory) => accessoryHtml(accessory, appearance)).join("")}</span></div>`;
}

function accessoryHtml(accessory: Record<string, unknown>, appearance: Appearance): string {
  const { icon, tag, text, date } = accessory;
  const isTag = tag !== undefined && tag !== null;
  const color = ((tag ?? text ?? date) as { color?: unknown } | undefined)?.color;
  const shown = isTag || text !== undefined || date !== undefined ? escapeHtml(accessoryText(accessory)) : "";
  const css = color === undefined ? "inherit" : cssColor(color, appearance);
  const fill = isTag
    ? `;background:color-mix(in srgb, ${color === undefined ? "var(--second)" : css} 18%, transparent)`
    : "";
  const label = shown === "" ? "" : `<span class="${isTag ? "tag" : ""}" style="color:${css}${fill}">${shown}</span>`;
  return `<span class="accessory">${image(icon, appearance, isTag ? color : undefined)}${label}</span>`;
}

function emptyView(empty: HostNode | undefined, appearance: Appearance): string {
  if (empty === undefined) return '<div class="empty second"><b>No Results</b></div>';
  const { icon, title, description } = empty.props;
  return `<div class="empty">${image(icon, appearance)}<b>${escapeHtml(textOf(title))}</b><span class="second">${escapeHtml(textOf(description))}</span></div>`;
}
