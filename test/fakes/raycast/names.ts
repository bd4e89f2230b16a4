/**
 * Enumerations of `@raycast/api`. The package has no run-time part, so icons and colours are read from its type file: a
 * name that does not exist there is `undefined` here, as it would be in Raycast.
 */
import { readFileSync } from "node:fs";
import { extensionFolder } from "./extension-folder.ts";
import { join } from "node:path";

const declarations = readFileSync(
  join(extensionFolder, "node_modules", "@raycast", "api", "types", "index.d.ts"),
  "utf8",
);

export const Icon = readEnum("Icon");
export const Color = { ...readEnum("Color"), toString: () => "Color" };
export const LaunchType = readEnum("LaunchType");
export const PopToRootType = readEnum("PopToRootType");

export const Image = { Mask: { Circle: "circle", RoundedRectangle: "roundedRectangle" } } as const;

type Modifier = "cmd" | "ctrl" | "opt" | "shift";
const shortcut = (key: string, ...modifiers: Modifier[]) => ({ modifiers, key });

export const Keyboard = {
  Shortcut: {
    Common: {
      Copy: shortcut("c", "cmd", "shift"),
      CopyDeeplink: shortcut("c", "cmd", "shift", "opt"),
      CopyName: shortcut("c", "cmd", "opt"),
      CopyPath: shortcut("c", "cmd", "ctrl"),
      Save: shortcut("s", "cmd"),
      Duplicate: shortcut("s", "cmd", "shift"),
      Edit: shortcut("e", "cmd"),
      MoveDown: shortcut("arrowDown", "cmd", "shift"),
      MoveUp: shortcut("arrowUp", "cmd", "shift"),
      New: shortcut("n", "cmd"),
      Open: shortcut("o", "cmd"),
      OpenWith: shortcut("o", "cmd", "shift"),
      Pin: shortcut(".", "cmd"),
      Refresh: shortcut("r", "cmd"),
      Remove: shortcut("d", "ctrl"),
      RemoveAll: shortcut("d", "ctrl", "shift"),
      ToggleQuickLook: shortcut("y", "cmd"),
    },
  },
};

function readEnum(name: string): Record<string, string> {
  const body = new RegExp(`^ ?(?:export )?declare enum ${name} \\{([\\s\\S]*?)^ ?\\}`, "m").exec(declarations)?.[1];
  if (body === undefined) throw new Error(`The types of @raycast/api declare no enum ${name}`);
  return Object.fromEntries([...body.matchAll(/^\s*(\w+) = "([^"]*)"/gm)].map((match) => [match[1]!, match[2]!]));
}
