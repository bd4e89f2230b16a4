/** Pieces of HTML: escaped text, Raycast colours, images as a view names them. */
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { extensionFolder } from "../../../fakes/raycast/extension-folder.ts";
import { textOf } from "../tree.ts";
import { COLORS } from "./colors.ts";
import { glyph } from "./glyphs.ts";

export type Appearance = "light" | "dark";

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}

/** A Raycast colour name becomes the page's variable, `{light, dark}` the fitting side, anything else stays. */
export function cssColor(color: unknown, appearance: Appearance): string {
  if (color !== null && typeof color === "object")
    return cssColor((color as Record<string, unknown>)[appearance], appearance);
  const name = textOf(color);
  if (name === "") return "currentColor";
  return name.startsWith("raycast-") ? `var(--${name})` : name;
}

/** An image of a view: icon name, asset file, data URI, `{source, tintColor}`, `{value, tooltip}`, light and dark sources. */
export function image(like: unknown, appearance: Appearance, tint?: unknown): string {
  if (like === null || like === undefined || like === "") return "";
  if (typeof like === "object") {
    const { source, tintColor, value, light, dark, fileIcon } = like as Record<string, unknown>;
    if (fileIcon !== undefined) return image("finder-16", appearance, tint);
    if (light !== undefined) return image(appearance === "light" ? light : dark, appearance, tint);
    return image(source ?? value, appearance, tintColor ?? tint);
  }
  const name = String(like);
  if (/-16$/.test(name)) return `<span style="color:${cssColor(tint, appearance)}">${glyph(name)}</span>`;
  return `<img class="glyph" src="${escapeHtml(imageAddress(name, appearance))}" alt="">`;
}

function imageAddress(name: string, appearance: Appearance): string {
  // Raycast colours the drawings of data URIs too (`getProgressIcon` names them); a browser does not know the names.
  if (name.startsWith("data:image/svg+xml,")) {
    return name.replace(/raycast-[a-z-]+/g, (color) => encodeURIComponent(colorNamed(color, appearance)));
  }
  if (/^(data|https?):/.test(name)) return name;
  const extension = extname(name);
  const dark = name.replace(extension, `@dark${extension}`);
  for (const candidate of appearance === "dark" ? [dark, name] : [name]) {
    const bytes = readAsset(candidate);
    if (bytes)
      return `data:image/${extension === ".svg" ? "svg+xml" : extension.slice(1)};base64,${bytes.toString("base64")}`;
  }
  return "";
}

function colorNamed(name: string, appearance: Appearance): string {
  return (COLORS[appearance] as Record<string, string>)[name] ?? name;
}

function readAsset(name: string): Buffer | undefined {
  try {
    return readFileSync(join(extensionFolder, "assets", name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
