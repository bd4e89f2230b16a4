import { readFileSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { isMainThread } from "node:worker_threads";
import { systemCode } from "../../platform/errors.ts";

const textLimitBytes = 96 * 1024 * 1024;

/**
 * The text of a file of a model; null when there is none, it is a folder, or it is absurdly large. A thread that has
 * nothing else to do reads at once, for a tenth of the cost; the main thread never waits for a disk.
 */
export async function readText(path: string): Promise<string | null> {
  try {
    if (!isMainThread) {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined || found.size > textLimitBytes ? null : readFileSync(path, "utf8");
    }
    const { size } = await stat(path);
    return size > textLimitBytes ? null : await readFile(path, "utf8");
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** A JSON object from a file of a model; null when there is none or it holds anything else. */
export async function readJsonObject(path: string): Promise<Record<string, unknown> | null> {
  const text = await readText(path);
  return text === null ? null : parseObject(text);
}

export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch (error) {
    // Others write these files; one that is no JSON tells us nothing, which is an answer.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether a file system error only says that there is nothing of that kind. */
export function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EISDIR", "ELOOP"].includes(systemCode(error) ?? "");
}
