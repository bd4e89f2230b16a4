/** Draws what a rendered command shows as an HTML page that looks like a Raycast window; headless Chromium makes it a PNG. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { visibleToast } from "../fakes/raycast/record.ts";
import { detailPane } from "./raycast/picture/detail.ts";
import { formMain } from "./raycast/picture/form.ts";
import { listMain } from "./raycast/picture/list.ts";
import { escapeHtml, image } from "./raycast/picture/markup.ts";
import type { Appearance } from "./raycast/picture/markup.ts";
import { STYLE } from "./raycast/picture/style.ts";
import { findAll, slot, textOf } from "./raycast/tree.ts";
import type { PanelAction, Screen } from "./raycast-render.tsx";

export interface PictureOptions {
  appearance: Appearance;
  /** The command's title and icon file, for the bottom bar. */
  title: string;
  icon?: string;
  /** Draws the opened action panel. */
  isPanelOpen?: boolean;
}

/**
 * The page of what is on screen now. Commands that draw for one appearance read `environment.appearance`: set
 * `raycast.environment.appearance` to the same before rendering.
 */
export function drawPage(screen: Screen, options: PictureOptions): string {
  const view = screen.tree();
  const { appearance } = options;
  const panel = options.isPanelOpen ? actionPanel(screen.actions(), appearance) : "";
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style><body class="${appearance}"><div class="window">
    ${header(screen)}<main>${mainOf(screen, appearance)}</main>${footer(screen, options)}${panel}</div></body>`.replace(
    "<body",
    `<title>${escapeHtml(textOf(view.props.navigationTitle) || options.title)}</title><body`,
  );
}

/** Writes the page as a PNG of 1740 x 1188 pixels. `browser` is the path of a Chromium. Rejects when that fails. */
export async function savePicture(html: string, png: string, browser = "chromium"): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "raycast-picture-"));
  try {
    const page = join(folder, "page.html");
    await writeFile(page, html);
    await promisify(execFile)(browser, [
      ...CHROMIUM,
      `--user-data-dir=${folder}`,
      `--screenshot=${png}`,
      pathToFileURL(page).href,
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const CHROMIUM = [
  ..."--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split(" "),
  ..."--disable-component-update --disable-sync --hide-scrollbars --window-size=870,594 --force-device-scale-factor=2".split(
    " ",
  ),
];

function header(screen: Screen): string {
  const view = screen.tree();
  const query = screen.searchText();
  const hint =
    view.type === "list" ? textOf(view.props.searchBarPlaceholder) || "Search…" : textOf(view.props.navigationTitle);
  const back = screen.depth > 1 ? '<span class="back">←</span>' : "";
  const dropdown = slot(view, "searchBarAccessory");
  const shown = query === "" ? hint : query;
  return `<header class="${screen.isLoading() ? "loading" : ""}">${back}<span class="query ${query === "" ? "hint" : ""}">${escapeHtml(shown)}</span>
    ${dropdown ? dropdownHtml(dropdown) : ""}</header>`;
}

function dropdownHtml(dropdown: ReturnType<Screen["tree"]>): string {
  const node = findAll(dropdown, ["dropdown"])[0];
  const items = node ? findAll(node, ["dropdown-item"]) : [];
  const value = node?.props.value ?? node?.props.defaultValue;
  const chosen = items.find((item) => item.props.value === value) ?? items[0];
  return `<span class="dropdown">${escapeHtml(textOf(chosen?.props.title))} <span class="second">⌄</span></span>`;
}

function mainOf(screen: Screen, appearance: Appearance): string {
  const view = screen.tree();
  if (view.type === "detail") return detailPane(view, appearance, "side");
  if (view.type === "form")
    return formMain(view, (field) => (field.props.id ? screen.fieldValue(String(field.props.id)) : ""));
  return listMain(view, {
    rows: screen.rows(),
    selected: screen.selected(),
    scroll: screen.position().scroll,
    appearance,
  });
}

function footer(screen: Screen, options: PictureOptions): string {
  const toast = visibleToast();
  const command = `${image(options.icon ?? "icon.png", options.appearance)}${escapeHtml(options.title)}`;
  const left = toast
    ? `<span class="toast"><span class="dot" style="background:${TOAST_COLORS[String(toast.style)]}"></span>${escapeHtml(toast.title)}
       <span class="second">${escapeHtml(toast.message ?? "")}</span></span>`
    : command;
  const primary = screen.actions()[0];
  const actions = primary
    ? `${escapeHtml(primary.title)} <kbd>↵</kbd> <span class="second">|</span> Actions <kbd>⌘</kbd><kbd>K</kbd>`
    : "";
  return `<footer>${left}<span class="actions">${actions}</span></footer>`;
}

const TOAST_COLORS: Record<string, string> = {
  SUCCESS: "var(--raycast-green)",
  FAILURE: "var(--raycast-red)",
  ANIMATED: "var(--raycast-blue)",
};

function actionPanel(actions: PanelAction[], appearance: Appearance): string {
  const shown = actions.filter(
    ({ submenu }, index) => submenu === undefined || actions[index - 1]?.submenu !== submenu,
  );
  const rows = shown.map((action, index) => {
    const divider = index > 0 && action.sectionNode !== shown[index - 1]?.sectionNode ? "<hr>" : "";
    const head =
      action.section && action.sectionNode !== shown[index - 1]?.sectionNode
        ? `<div class="section">${escapeHtml(action.section)}</div>`
        : "";
    const name = action.submenu ?? action.title;
    const keys = index < 2 ? [["↵"], ["⌘", "↵"]][index]! : shortcutKeys(action.shortcut);
    return `${divider}${head}<div class="row${index === 0 ? " chosen" : ""} ${action.style}">
      ${image(action.icon, appearance)}<span class="name">${escapeHtml(name)}</span><span class="shortcut">${keys.map((key) => `<kbd>${key}</kbd>`).join("")}</span></div>`;
  });
  return `<div class="panel">${rows.join("")}</div>`;
}

const SYMBOLS: Record<string, string> = { cmd: "⌘", shift: "⇧", opt: "⌥", ctrl: "⌃", arrowUp: "↑", arrowDown: "↓" };

function shortcutKeys(shortcut: unknown): string[] {
  const { modifiers = [], key } = (shortcut ?? {}) as { modifiers?: string[]; key?: string };
  return key === undefined ? [] : [...modifiers, key].map((name) => SYMBOLS[name] ?? name.toUpperCase());
}
