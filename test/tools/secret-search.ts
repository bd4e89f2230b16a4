import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import Sqlite from "better-sqlite3";

export interface Secret {
  readonly name: string;
  readonly text: string;
}

/** The forms in which a text may hide: as it is, in hexadecimal, and in Base64 at each of its three offsets. */
function formsOf(text: string): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const whole = Buffer.from("\0".repeat(offset) + text).toString("base64");
    // Without what depends on the bytes around it.
    return whole.slice(offset === 0 ? 0 : 4, -4);
  });
  const safe = encoded.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  const written = [
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString("hex"),
  ];
  return [...new Set([...written, ...encoded, ...safe])];
}

/** Names of the secrets in a text or in bytes. */
export function secretsIn(content: string | Buffer, secrets: readonly Secret[]): string[] {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return secrets.filter(({ text }) => formsOf(text).some((form) => bytes.includes(form))).map(({ name }) => name);
}

/** `path: secret` for every file below `folder` that holds one, by content or by name. Links are not followed. */
export function secretsBelow(folder: string, secrets: readonly Secret[]): { found: string[]; searched: string[] } {
  const found: string[] = [];
  const searched: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    const content = entry.isFile() ? readFileSync(path) : entry.isSymbolicLink() ? readlinkSync(path) : "";
    for (const secret of new Set([...secretsIn(content, secrets), ...secretsIn(name, secrets)]))
      found.push(`${name}: ${secret}`);
    if (entry.isFile() && statSync(path).size > 0) searched.push(name);
  }
  return { found, searched };
}

/** Every row of every table as one text, so that a value split over pages of the file is found too. */
export function rowsOf(databasePath: string): string {
  const database = new Sqlite(databasePath, { readonly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
    return tables
      .map((table) => JSON.stringify([table, database.prepare(`SELECT * FROM "${table}"`).all()]))
      .join("\n");
  } finally {
    database.close();
  }
}

export interface ProcessView {
  readonly pid: number;
  readonly parent: number;
  /** What every program of the machine sees of it; on macOS with the environment behind the command. */
  readonly shown: string;
}

/** Arguments and environment of every process that descends from `pid`. */
export function descendantsOf(pid: number): ProcessView[] {
  const all = process.platform === "linux" ? fromProc() : fromPs();
  const parents = new Map(all.map((one) => [one.pid, one.parent]));
  const descends = (id: number): boolean => {
    const parent = parents.get(id) ?? 0;
    return parent === pid || (parent > 1 && descends(parent));
  };
  return all.filter((one) => descends(one.pid));
}

function fromProc(): ProcessView[] {
  const read = (id: string, file: string): string => {
    try {
      return readFileSync(`/proc/${id}/${file}`, "utf8").replaceAll("\0", " ");
    } catch {
      return ""; // It ended while we looked: then it shows nothing to anybody.
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((id) => ({
      pid: Number(id),
      parent: Number(/\) \S (\d+)/.exec(read(id, "stat"))?.[1] ?? 0),
      shown: `${read(id, "cmdline")}\n${read(id, "environ")}`,
    }));
}

function fromPs(): ProcessView[] {
  const rows = execFileSync("/bin/ps", ["-axwwE", "-o", "pid=,ppid=,command="], { encoding: "utf8" })
    .trim()
    .split("\n");
  return rows.map((row) => {
    const [pid = "", parent = ""] = row.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), shown: row };
  });
}
