import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Keys of pip's configuration files (`[global]` and `[install]`), as pip itself would see them. */
export function readPipConfiguration(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.assign({}, ...pipFiles(environment).map((path) => parsePipFile(readFileSync(path, "utf8")))) as Record<
    string,
    string
  >;
}

/** Global, user and named configuration in pip's documented order: the later wins. */
function pipFiles(environment: Readonly<Record<string, string>>): string[] {
  const named = environment["PIP_CONFIG_FILE"];
  // pip's own way to say "no files at all".
  if (named === "/dev/null") return [];
  const home = environment["HOME"] ?? "/";
  const macSupport = ["Library", "Application Support", "pip", "pip.conf"];
  return [
    join("/", ...macSupport),
    "/etc/xdg/pip/pip.conf",
    "/etc/pip.conf",
    join(home, ".pip", "pip.conf"),
    join(home, ...macSupport),
    join(environment["XDG_CONFIG_HOME"] ?? join(home, ".config"), "pip", "pip.conf"),
    ...(named === undefined ? [] : [named]),
  ].filter((path) => existsSync(path));
}

/** Continued lines (several extra indexes) are joined by spaces; `[install]` wins over `[global]`. */
export function parsePipFile(text: string): Record<string, string> {
  const sections: Record<string, Record<string, string>> = { global: {}, install: {} };
  let keys: Record<string, string> | undefined;
  let last: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    const section = /^\[(.+)\]\s*$/.exec(line)?.[1];
    const [, name, value] = /^([A-Za-z_-]+)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (section !== undefined) {
      keys = sections[section];
      last = null;
    } else if (keys !== undefined && name !== undefined) {
      last = name.replaceAll("_", "-").toLowerCase();
      keys[last] = (value ?? "").trim();
    } else if (keys !== undefined && last !== null && /^\s+\S/.test(line)) {
      keys[last] = `${keys[last] ?? ""} ${line.trim()}`.trim();
    }
  }
  return { ...sections["global"], ...sections["install"] };
}
