/** Pure questions to a host tree: what rows, actions, fields and text the user would see. */
import type { HostNode } from "./reconciler.ts";

export interface Row {
  /** The item's `id`, else undefined: Raycast keeps the selection by it. */
  id: string | undefined;
  title: string;
  subtitle: string;
  accessories: string[];
  section: string | undefined;
  index: number;
  props: Record<string, unknown>;
  node: HostNode;
}

export interface PanelAction {
  title: string;
  kind: string;
  section: string | undefined;
  /** Two sections may both be without a title: the node tells them apart. */
  sectionNode: HostNode | undefined;
  submenu: string | undefined;
  style: unknown;
  shortcut: unknown;
  icon: unknown;
  props: Record<string, unknown>;
  perform(values: unknown): unknown;
  open: (() => unknown) | undefined;
}

/** All nodes of the given types below `node`, in order, not looking into slots named in `without`. */
export function findAll(node: HostNode, types: readonly string[], without: readonly string[] = []): HostNode[] {
  return node.children.flatMap((child) => {
    if (child.hidden || (child.type === "slot" && without.includes(String(child.props.name)))) return [];
    return [...(types.includes(child.type) ? [child] : []), ...findAll(child, types, without)];
  });
}

export function slot(node: HostNode | undefined, name: string): HostNode | undefined {
  return node?.children.find((child) => child.type === "slot" && child.props.name === name);
}

/** The text of a prop that may be a string, a number, or `{value}`. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object") return textOf((value as { value?: unknown }).value);
  return String(value);
}

export function rowsOf(view: HostNode, searchText: string): Row[] {
  const items = findAll(view, ["list-item", "grid-item"], ["actions", "detail", "searchBarAccessory"]);
  const rows = items.map((node, index) => rowOf(node, index));
  if (!filtersItself(view) || searchText.trim() === "") return rows;
  return rows.filter((row) => matches(row, searchText)).map((row, index) => ({ ...row, index }));
}

/** Raycast filters itself unless the command does (`onSearchTextChange`) or says otherwise (`filtering`). */
function filtersItself(view: HostNode): boolean {
  const filtering = view.props.filtering;
  return filtering === undefined ? view.props.onSearchTextChange === undefined : Boolean(filtering);
}

function matches(row: Row, searchText: string): boolean {
  const words = [row.title, ...((row.props.keywords as string[] | undefined) ?? [])].join(" ").toLowerCase();
  return searchText
    .toLowerCase()
    .trim()
    .split(/\s+/)
    .every((word) => words.includes(word));
}

function rowOf(node: HostNode, index: number): Row {
  const { id, title, subtitle, accessories } = node.props;
  const section = node.parent?.type.endsWith("-section") ? textOf(node.parent.props.title) : undefined;
  return {
    id: id as string | undefined,
    title: textOf(title),
    subtitle: textOf(subtitle),
    accessories: ((accessories as Record<string, unknown>[] | undefined) ?? []).map(accessoryText),
    section,
    index,
    props: node.props,
    node,
  };
}

export function accessoryText(accessory: Record<string, unknown>): string {
  return textOf(accessory.text) || textOf(accessory.tag) || textOf(accessory.date) || textOf(accessory.tooltip);
}

export function actionsOf(panel: HostNode | undefined): PanelAction[] {
  if (panel === undefined) return [];
  return findAll(panel, ["action"]).map((node) => {
    const submenu = ancestor(node, "action-submenu", panel);
    const section = ancestor(node, "action-section", panel);
    const { title, kind, style, shortcut, icon, perform } = node.props;
    return {
      title: textOf(title),
      kind: String(kind),
      section: section?.props.title as string | undefined,
      sectionNode: section,
      submenu: submenu?.props.title as string | undefined,
      style,
      shortcut,
      icon,
      props: node.props,
      perform: perform as (values: unknown) => unknown,
      open: submenu?.props.onOpen as (() => unknown) | undefined,
    };
  });
}

function ancestor(node: HostNode, type: string, top: HostNode): HostNode | undefined {
  for (let at = node.parent; at !== undefined && at !== top; at = at.parent) if (at.type === type) return at;
  return undefined;
}

const SHOWN = [
  "navigationTitle",
  "title",
  "subtitle",
  "description",
  "markdown",
  "text",
  "message",
  "label",
  "value",
  "error",
  "info",
];

/** Everything readable in a view, one line per text: not action titles, not the details of rows that `skip` names. */
export function textLines(node: HostNode, skip: (node: HostNode) => boolean): string[] {
  if (node.hidden || skip(node) || (node.type === "slot" && node.props.name === "actions")) return [];
  const accessories = (node.props.accessories as Record<string, unknown>[] | undefined) ?? [];
  const own = node.type === "slot" ? [] : SHOWN.map((name) => textOf(node.props[name]));
  const lines = [...own, ...accessories.map(accessoryText)].filter((line) => line !== "");
  return [...lines, ...node.children.flatMap((child) => textLines(child, skip))];
}

/** Values of a form as `Action.SubmitForm` hands them over: the command's own values, else what the user typed. */
export function formValues(view: HostNode, typed: (field: HostNode) => unknown): Record<string, unknown> {
  const fields = fieldsOf(view).map((field) => [field.props.id as string, fieldValue(field, typed)] as const);
  return Object.fromEntries(fields);
}

export function fieldsOf(view: HostNode): HostNode[] {
  return findAll(view, FIELD_TYPES, ["actions"]).filter((field) => typeof field.props.id === "string");
}

export function fieldValue(field: HostNode, typed: (field: HostNode) => unknown): unknown {
  return field.props.value ?? typed(field) ?? field.props.defaultValue ?? emptyValue(field);
}

export function dropdownValues(dropdown: HostNode): string[] {
  return findAll(dropdown, ["dropdown-item"]).map((item) => String(item.props.value));
}

function emptyValue(field: HostNode): unknown {
  switch (field.type) {
    case "form-checkbox":
      return false;
    case "form-tag-picker":
    case "form-file-picker":
      return [];
    case "form-date-picker":
      return null;
    case "form-dropdown":
      return dropdownValues(field)[0] ?? "";
    default:
      return "";
  }
}

const FIELD_TYPES = [
  "checkbox",
  "date-picker",
  "dropdown",
  "file-picker",
  "password",
  "tag-picker",
  "text-area",
  "text-field",
].map((kind) => `form-${kind}`);
