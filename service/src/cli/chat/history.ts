import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const limit = 500;

/** What was asked in earlier chats, newest first, in `chat-history` of the data directory (0600). */
export function readHistory(home: string): string[] {
  const path = pathIn(home);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").filter(Boolean).slice(0, limit);
}

export function writeHistory(home: string, lines: readonly string[]): void {
  const path = pathIn(home);
  // Without a data directory no service was ever here, and nothing is worth keeping.
  if (!existsSync(dirname(path))) return;
  writeFileSync(path, `${lines.slice(0, limit).join("\n")}\n`, { mode: 0o600 });
}

function pathIn(home: string): string {
  return join(home, "chat-history");
}
