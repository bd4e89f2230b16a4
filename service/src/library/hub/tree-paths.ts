import { AppError } from "../../platform/errors.ts";

/**
 * Refuses a repository whose file names could leave their folder or overwrite each other on this machine. Collisions
 * are judged as the least discerning file system does (macOS: no case, any Unicode form), so that a cache can move.
 * @throws AppError `unsupported` with `details.path`.
 */
export function checkTreePaths(paths: readonly string[]): void {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    if (!isSafePath(path)) throw refusal("is not safe to store", path);
    const key = folded(path);
    if (files.has(key)) throw refusal("differs from another only by case or Unicode form", path);
    files.set(key, path);
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1))
      folders.set(folded(path.slice(0, slash)), path);
  }
  for (const [key, path] of folders)
    if (files.has(key)) throw refusal("is a file and a folder at once", files.get(key) ?? path);
}

/** A relative path of plain segments: no `..`, no root, no drive, no backslash, no control characters. */
export function isSafePath(path: string): boolean {
  if (path === "" || path.includes("\\") || /^[A-Za-z]:/.test(path)) return false;
  // eslint-disable-next-line no-control-regex -- these very characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return false;
  return path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && Buffer.byteLength(part) <= 255);
}

function folded(path: string): string {
  return path.normalize("NFC").toLowerCase().normalize("NFC");
}

function refusal(what: string, path: string): AppError {
  return new AppError("unsupported", `This repository cannot be stored: the file name "${shown(path)}" ${what}.`, {
    details: { path: shown(path) },
  });
}

function shown(path: string): string {
  return JSON.stringify(path).slice(1, -1).slice(0, 200);
}
