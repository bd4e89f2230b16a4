import { lstat, readFile, readlink, stat, unlink } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { isAbsent } from "./json-file.ts";

/**
 * The blob store that Python's client shares between repositories (`<cache>/blobs/<2 hex>/<xet hash>`). Beside a
 * payload, `<hash>.refs` lists the blobs linked to it.
 */
export interface SharedStore {
  /** The payload a repository's blob is linked to; null when it is a plain file or linked elsewhere. */
  payloadOf(blob: string): Promise<string | null>;
  /** Removes a payload that no listed blob links to any more. Any doubt keeps it. @returns whether it was removed. */
  sweep(payload: string): Promise<boolean>;
}

const marker = ".huggingface-shared-blobs";
/** A writer lists its reference before its link is made: what was touched just now may still get one. */
const graceMs = 60_000;

export function createSharedStore(cachePath: string, now: () => number): SharedStore {
  const root = join(cachePath, "blobs");
  return {
    async payloadOf(blob) {
      const target = await linkTarget(blob);
      if (target === null) return null;
      const [prefix, hash, ...more] = relative(root, target).split("/");
      const isPayload = more.length === 0 && hash !== undefined && /^[0-9a-f]{64}$/.test(hash);
      return isPayload && prefix === hash.slice(0, 2) ? target : null;
    },
    async sweep(payload) {
      if ((await textOf(join(root, marker))) === null) return false;
      const manifest = `${payload}.refs`;
      const references = await textOf(manifest);
      if (references === null) return false;
      for (const line of references.split("\n").filter((text) => text !== "")) {
        // A line that is no reference means that somebody else knows more about this file than we do.
        if (!/^(models|datasets|spaces)--[^/]+\/blobs\/[^/]+$/.test(line)) return false;
        if ((await linkTarget(join(cachePath, line))) === payload) return false;
      }
      if (now() - (await stat(manifest)).mtimeMs < graceMs) return false;
      if (!(await lstat(payload)).isFile()) return false;
      await unlink(payload);
      await unlink(manifest);
      return true;
    },
  };
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return resolve(path, "..", await readlink(path));
  } catch (error) {
    // EINVAL: a plain file.
    if (isAbsent(error) || (error as NodeJS.ErrnoException).code === "EINVAL") return null;
    throw error;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
