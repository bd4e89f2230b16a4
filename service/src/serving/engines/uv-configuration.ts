import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The default index that uv's configuration names, or null. uv reads its files itself; this is for the two cases in
 * which uv is not there yet: to fetch it, and to do without it.
 */
export function readUvIndex(environment: Readonly<Record<string, string>>): string | null {
  for (const path of uvFiles(environment)) {
    const index = parseUvIndex(readFileSync(path, "utf8"));
    if (index !== null) return index;
  }
  return null;
}

/** The file that is named is the only one; else the user's wins over the system's. */
function uvFiles(environment: Readonly<Record<string, string>>): string[] {
  if (/^(1|true)$/i.test(environment["UV_NO_CONFIG"] ?? "")) return [];
  const named = environment["UV_CONFIG_FILE"];
  const home = environment["XDG_CONFIG_HOME"] ?? join(environment["HOME"] ?? "/", ".config");
  const paths = named === undefined ? [join(home, "uv", "uv.toml"), "/etc/uv/uv.toml"] : [named];
  return paths.filter((path) => existsSync(path));
}

/** `[[index]]` with `default = true` wins over `index-url`, which may stand at the top or under `[pip]`. */
export function parseUvIndex(text: string): string | null {
  let table = "";
  let plain: string | null = null;
  const indexes: { url?: string; isDefault?: boolean }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}/.exec(line)?.[1];
    const [, key, basic, literal, bare] = /^\s*([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\w+))/.exec(line) ?? [];
    if (header !== undefined) {
      table = header;
      if (table === "index") indexes.push({});
    } else if (key === "index-url" && (table === "" || table === "pip")) {
      plain ??= basic ?? literal ?? null;
    } else if (table === "index") {
      const index = indexes.at(-1);
      const text = basic ?? literal;
      if (index && key === "url" && text !== undefined) index.url = text;
      if (index && key === "default") index.isDefault = bare === "true";
    }
  }
  return indexes.find(({ isDefault }) => isDefault)?.url ?? plain;
}
