/** Selection and scroll of a list, kept across updates as Raycast keeps them. Pure. */
import type { Row } from "./tree.ts";

/** Rows a Raycast window shows at once. */
export const VISIBLE_ROWS = 9;

export interface Selection {
  /** The item's id, else the serial of its node: an item without an id that React replaces is another item. */
  key: string | undefined;
  index: number;
  /** Index of the topmost visible row. */
  scroll: number;
  /** The last `selectedItemId` the command asked for: only a change of it moves the selection. */
  asked: string | undefined;
}

export const NO_SELECTION: Selection = { key: undefined, index: 0, scroll: 0, asked: undefined };

export function keyOf(row: Row): string {
  return row.id ?? `#${row.node.serial}`;
}

/**
 * The selection after an update. It follows its item wherever it moved; when the item is gone, the row that took its place
 * is selected. Scroll moves only as far as it must to keep the selected row in view.
 */
export function follow(before: Selection, rows: readonly Row[], asked: string | undefined): Selection {
  const wanted = asked !== undefined && asked !== before.asked ? asked : before.key;
  const found = rows.findIndex((row) => keyOf(row) === wanted);
  const index = found >= 0 ? found : Math.max(0, Math.min(before.index, rows.length - 1));
  const row = rows[index];
  return { key: row && keyOf(row), index, scroll: scrollTo(before.scroll, index, rows.length), asked };
}

function scrollTo(scroll: number, index: number, count: number): number {
  const least = Math.max(0, index - VISIBLE_ROWS + 1);
  const most = Math.max(0, Math.min(index, count - VISIBLE_ROWS));
  return Math.min(Math.max(scroll, least), Math.max(most, least));
}
