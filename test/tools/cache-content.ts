import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/**
 * Everything in a model's folder of a Hub cache, by path: `-> target` of a link, else the checksum of the content.
 * Hidden folders (parts of downloads) and `.no_exist` are left out. Two caches are equal when these are.
 */
export async function cacheContent(folder: string, below = ""): Promise<Record<string, string>> {
  const content: Record<string, string> = {};
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    if (below === "" && entry.name.startsWith(".")) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(content, await cacheContent(folder, path));
    else if (entry.isSymbolicLink()) content[path] = `-> ${await readlink(join(folder, path))}`;
    else content[path] = await checksum(join(folder, path));
  }
  return Object.fromEntries(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function checksum(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
