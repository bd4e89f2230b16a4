import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export const root = path.join(import.meta.dirname, "../..");

/** Paths of the repository's files, from its root, with `/`. */
export function trackedFiles(...patterns: string[]): string[] {
  const text = execFileSync("git", ["ls-files", "-z", "--", ...patterns], { cwd: root, encoding: "utf8" });
  // One that was removed and is not yet committed is listed still.
  return text.split("\0").filter((name) => name !== "" && existsSync(path.join(root, name)));
}

export function textOf(name: string): string {
  return readFileSync(path.join(root, name), "utf8");
}
