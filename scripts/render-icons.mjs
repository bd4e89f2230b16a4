// Makes the PNG icons of the extension from the SVG sources under assets/. Run by hand after a source changed:
//   node scripts/render-icons.mjs
// Needs `rsvg-convert` (librsvg) on the PATH. The PNGs are committed, so no build and no test needs it.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, "assets");
const target = join(root, "raycast", "assets");

// Raycast demands exactly this size, and takes `<name>@dark.png` when the window is dark.
const SIZE = 512;

// On a dark window the deep tile would sink into the background: the same picture on a lighter tile.
const DARK = { "#6d5dfc": "#8f80ff", "#2b1f8f": "#4a36d6", "#4a3bd0": "#7767ef" };

mkdirSync(target, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), "icons-"));
try {
  renderBoth(join(sources, "logo.svg"), "icon");
  for (const file of readdirSync(join(sources, "icons")).sort()) {
    if (file.endsWith(".svg")) renderBoth(join(sources, "icons", file), basename(file, ".svg"));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function renderBoth(source, name) {
  const light = readFileSync(source, "utf8");
  const dark = Object.entries(DARK).reduce((text, [from, to]) => text.replaceAll(from, to), light);
  if (name === "icon") writeFileSync(join(sources, "logo-dark.svg"), dark);
  render(light, join(target, `${name}.png`));
  render(dark, join(target, `${name}@dark.png`));
}

function render(svg, png) {
  const file = join(scratch, "source.svg");
  writeFileSync(file, svg);
  execFileSync("rsvg-convert", ["--width", SIZE, "--height", SIZE, "--output", png, file].map(String), {
    stdio: "inherit",
  });
  console.log(`wrote ${png.slice(root.length + 1)}`);
}
