import type { Terminal } from "../terminal.ts";
import { visible } from "./visible.ts";

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: "right";
  /** Gives up width first where the terminal is narrow. */
  readonly shrinks?: boolean;
}

const gap = "  ";
const narrowest = 12;

/** Aligned columns under bold titles. On a terminal no line is longer than it is wide; a pipe gets every value whole. */
export function printTable<Row>(terminal: Terminal, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const cells = rows.map((row) => columns.map(({ value }) => oneLine(value(row))));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => lengthOf(row[index] ?? ""))),
  );
  if (terminal.columns !== null) shrink(columns, widths, terminal.columns);
  const lay = (row: readonly string[]): string =>
    row
      .map((text, index) => fit(text, widths[index] ?? 0, columns[index]?.align === "right"))
      .join(gap)
      .trimEnd();
  const cut = (text: string): string =>
    terminal.columns === null ? text : [...text].slice(0, terminal.columns).join("");
  terminal.line(terminal.styles.bold(cut(lay(columns.map(({ title }) => title)))));
  for (const row of cells) terminal.line(cut(lay(row)));
}

/** Two columns of names and values, for one object. */
export function printFields(terminal: Terminal, fields: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) {
    terminal.line(
      `${terminal.styles.bold(name.padEnd(width))}${gap}${value.replace(/\n/g, `\n${" ".repeat(width)}${gap}`)}`,
    );
  }
}

function shrink<Row>(columns: readonly Column<Row>[], widths: number[], available: number): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1) - available;
  for (const [index, { shrinks }] of columns.entries()) {
    if (excess <= 0) return;
    const width = widths[index] ?? 0;
    const smaller = shrinks === true ? Math.max(Math.min(width, narrowest), width - excess) : width;
    widths[index] = smaller;
    excess -= width - smaller;
  }
}

function fit(text: string, width: number, isRight: boolean): string {
  const length = lengthOf(text);
  // The end of a model id tells more than its middle, but its owner is what one looks for first: cut at the end.
  if (length > width) return `${[...text].slice(0, Math.max(0, width - 1)).join("")}…`;
  const padding = " ".repeat(width - length);
  return isRight ? padding + text : text + padding;
}

function lengthOf(text: string): number {
  return [...text].length;
}

function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, " "));
}
