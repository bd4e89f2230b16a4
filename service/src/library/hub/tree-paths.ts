import { AppError } from "../../platform/errors.ts";

/** Which names a disk takes for one. macOS: usually both; Linux: neither. */
export interface NameFolding {
  readonly byCase: boolean;
  readonly byUnicodeForm: boolean;
}

/**
 * Refuses files whose names could leave their folder, or overwrite each other on a disk of this kind.
 * @param folding left out: one that takes every name as it is.
 * @throws AppError `unsupported` with `details.path`.
 */
export function checkTreePaths(
  paths: readonly string[],
  folding: NameFolding = { byCase: false, byUnicodeForm: false },
): void {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    if (!isSafePath(path)) throw refusal("is not safe to store", path);
    const key = folded(path, folding);
    if (files.has(key)) throw refusal("and another one are the same on this disk", path);
    files.set(key, path);
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1))
      folders.set(folded(path.slice(0, slash), folding), path);
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

function folded(path: string, { byCase, byUnicodeForm }: NameFolding): string {
  const text = byUnicodeForm ? path.normalize("NFC") : path;
  if (!byCase) return text;
  // Lower case may fall apart into several characters.
  return byUnicodeForm ? text.toLowerCase().normalize("NFC") : text.toLowerCase();
}

function refusal(what: string, path: string): AppError {
  return new AppError("unsupported", `This repository cannot be stored: the file name "${shown(path)}" ${what}.`, {
    details: { path: shown(path) },
  });
}

function shown(path: string): string {
  return JSON.stringify(path).slice(1, -1).slice(0, 200);
}
