import { lstat, readFile, readlink, stat, unlink } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { isAbsent } from "../json-file.ts";

/**
 * The blob store that Python's client shares between repositories (`<cache>/blobs/<2 hex>/<xet hash>`). Beside a
 * payload, `<hash>.refs` lists the blobs linked to it.
 */
export interface SharedStore {
  /** Whether the cache has such a store at all. */
  exists(): Promise<boolean>;
  /** The payload a repository's blob is linked to; null when it is a plain file or linked elsewhere. */
  payloadOf(blob: string): Promise<string | null>;
  /** Whether nothing but blobs of the repository at `location` links to the payload: it would go with them. */
  isUnused(payload: string, location: string): Promise<boolean>;
  /** Removes a payload that no listed blob links to any more. Any doubt keeps it. @returns whether it was removed. */
  sweep(payload: string): Promise<boolean>;
}

const marker = ".huggingface-shared-blobs";
/** A writer lists its reference before its link is made: what was touched just now may still get one. */
const graceMs = 60_000;

export function createSharedStore(cachePath: string, now: () => number): SharedStore {
  const root = join(cachePath, "blobs");
  return {
    exists: async () => (await textOf(join(root, marker))) !== null,
    async payloadOf(blob) {
      const target = await linkTarget(blob);
      if (target === null) return null;
      const [prefix, hash, ...more] = relative(root, target).split("/");
      const isPayload = more.length === 0 && hash !== undefined && /^[0-9a-f]{64}$/.test(hash);
      return isPayload && prefix === hash.slice(0, 2) ? target : null;
    },
    async isUnused(payload, location) {
      const links = await linksOf(payload);
      return links !== null && links.every((blob) => dirname(dirname(blob)) === location);
    },
    async sweep(payload) {
      const links = await linksOf(payload);
      if (links === null || links.length > 0) return false;
      const manifest = `${payload}.refs`;
      if (now() - (await stat(manifest)).mtimeMs < graceMs) return false;
      if (!(await lstat(payload)).isFile()) return false;
      await unlink(payload);
      await unlink(manifest);
      return true;
    },
  };

  /** The listed blobs that link to the payload; null when it cannot be told for sure. */
  async function linksOf(payload: string): Promise<string[] | null> {
    if ((await textOf(join(root, marker))) === null) return null;
    const references = await textOf(`${payload}.refs`);
    if (references === null) return null;
    const links: string[] = [];
    for (const line of references.split("\n").filter((text) => text !== "")) {
      // A line that is no reference means that somebody else knows more about this file than we do.
      if (!/^(models|datasets|spaces)--[^/]+\/blobs\/[^/]+$/.test(line)) return null;
      const blob = join(cachePath, line);
      if ((await linkTarget(blob)) === payload) links.push(blob);
    }
    return links;
  }
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
