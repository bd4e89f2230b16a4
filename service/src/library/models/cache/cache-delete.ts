import { lstat, readFile, readdir, readlink, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError, systemCode } from "../../../platform/errors.ts";
import { idOfFolder } from "./cache-layout.ts";
import { isAbsent } from "../json-file.ts";
import type { SharedStore } from "./shared-store.ts";
import { namesIn, statOrNull } from "./snapshot-files.ts";

/**
 * Removes a model's folder from the Hub cache in an order that leaves every reader a state it understands: refs, then
 * snapshots, then blobs (a snapshot without its blobs would hide the whole repository from Python), last the folder.
 * Links are removed, never followed; payloads of the shared store go only when nothing else links to them.
 * @returns the bytes of all files that are gone.
 * @throws AppError `conflict` when the folder is not plainly inside the cache.
 */
export async function deleteRepository(cachePath: string, location: string, store: SharedStore): Promise<number> {
  await refuseOutside(cachePath, location);
  const payloads = await payloadsOf(location, await namesIn(join(location, "blobs")), store);
  let freed = await remove(join(location, "refs"));
  freed += await empty(join(location, "snapshots"));
  const names = (await readdir(location)).filter((name) => name !== "snapshots" && name !== "blobs");
  // Blobs go after all else: as long as any is left, the scan shows the remains of a deletion that was cut short.
  for (const name of [...names, "blobs"]) freed += await remove(join(location, name));
  // Python warns about a repository without `snapshots`, so that folder goes with the last step.
  freed += await remove(location);
  return freed + (await sweep(payloads, store));
}

/**
 * Removes one revision of several: the refs that point at it, its folder and lists, then the blobs that no other
 * revision links to. Each step leaves a cache that every client takes for whole; one that dies half-way leaves blobs
 * without use, which cleaning finds. The names that pointed here point nowhere after, as with Python's own client.
 * @returns the bytes of all files that are gone.
 */
export async function deleteRevision(
  cachePath: string,
  location: string,
  commit: string,
  store: SharedStore,
): Promise<number> {
  await refuseOutside(cachePath, location);
  const snapshots = join(location, "snapshots");
  const own = await blobsOf(location, [commit]);
  const elsewhere = await blobsOf(
    location,
    (await namesIn(snapshots)).filter((name) => name !== commit),
  );
  let freed = await removeRefs(join(location, "refs"), commit);
  freed += await remove(join(snapshots, commit));
  freed += await remove(join(location, "trees", `${commit}.json`));
  freed += await remove(join(location, ".no_exist", commit));
  const unused = [...own].filter((blob) => !elsewhere.has(blob));
  const payloads = await payloadsOf(location, unused, store);
  for (const blob of unused) freed += await remove(join(location, "blobs", blob));
  return freed + (await sweep(payloads, store));
}

async function refuseOutside(cachePath: string, location: string): Promise<void> {
  const name = basename(location);
  const isInside = resolve(dirname(location)) === resolve(cachePath) && idOfFolder(name) !== null;
  // A person may have moved the folder to another disk and linked it; what lies there is not ours to delete.
  if (isInside && (await lstat(location)).isDirectory()) return;
  throw new AppError("conflict", "The model's folder is a link to another place. Delete the files there by hand.");
}

/** Names of the blobs that these snapshots link to. */
async function blobsOf(location: string, commits: readonly string[]): Promise<Set<string>> {
  const blobs = join(location, "blobs");
  const names = new Set<string>();
  for (const commit of commits) {
    const folder = join(location, "snapshots", commit);
    for (const path of await namesBelow(folder)) {
      const target = resolve(dirname(join(folder, path)), (await linkOf(join(folder, path))) ?? "");
      if (dirname(target) === blobs) names.add(basename(target));
    }
  }
  return names;
}

async function namesBelow(folder: string): Promise<string[]> {
  if ((await lstatOrNull(folder))?.isDirectory() !== true) return [];
  return await readdir(folder, { recursive: true });
}

async function linkOf(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch (error) {
    if (isAbsent(error) || systemCode(error) === "EINVAL") return null;
    throw error;
  }
}

async function removeRefs(refs: string, commit: string): Promise<number> {
  let freed = 0;
  for (const name of (await namesBelow(refs)).sort().reverse()) {
    const path = join(refs, name);
    const facts = await lstatOrNull(path);
    if (facts?.isFile() && (await readFile(path, "utf8")).trim() === commit) freed += await remove(path);
    // A folder of names such as `refs/refs/pr` goes with the last of them.
    if (facts?.isDirectory()) await removeIfEmpty(path);
  }
  return freed;
}

async function payloadsOf(location: string, blobs: Iterable<string>, store: SharedStore): Promise<string[]> {
  const payloads: string[] = [];
  for (const name of blobs) {
    const payload = await store.payloadOf(join(location, "blobs", name));
    if (payload !== null) payloads.push(payload);
  }
  return payloads;
}

async function sweep(payloads: readonly string[], store: SharedStore): Promise<number> {
  let freed = 0;
  for (const payload of payloads) {
    const size = (await statOrNull(payload))?.size ?? 0;
    if (await store.sweep(payload)) freed += size;
  }
  return freed;
}

/** `snapshots` itself may be a link as well: then only the link goes. */
async function empty(folder: string): Promise<number> {
  const facts = await lstatOrNull(folder);
  if (facts === null) return 0;
  if (!facts.isDirectory()) return await remove(folder);
  let freed = 0;
  for (const name of await readdir(folder)) freed += await remove(join(folder, name));
  return freed;
}

/** Unlinks symbolic links instead of entering them. @returns the bytes of the files whose last name this was. */
async function remove(path: string): Promise<number> {
  const bytes = await bytesOf(path);
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  return bytes;
}

async function bytesOf(path: string): Promise<number> {
  const facts = await lstatOrNull(path);
  if (facts === null) return 0;
  if (!facts.isDirectory()) return facts.isFile() && facts.nlink === 1 ? facts.size : 0;
  let bytes = 0;
  for (const name of await namesIn(path)) bytes += await bytesOf(join(path, name));
  return bytes;
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!isAbsent(error) && !["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  }
}

async function lstatOrNull(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}
