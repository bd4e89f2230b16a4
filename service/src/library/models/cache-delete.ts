import { lstat, readdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../../platform/errors.ts";
import { idOfFolder } from "./cache-layout.ts";
import type { SharedStore } from "./shared-store.ts";
import { namesIn } from "./snapshot-files.ts";

/**
 * Removes a model's folder from the Hub cache in an order that leaves every reader a state it understands: refs, then
 * snapshots, then blobs (a snapshot without its blobs would hide the whole repository from Python), last the folder.
 * Links are removed, never followed; payloads of the shared store go only when nothing else links to them.
 * @throws AppError `conflict` when the folder is not plainly inside the cache.
 */
export async function deleteRepository(cachePath: string, location: string, store: SharedStore): Promise<void> {
  await refuseOutside(cachePath, location);
  const payloads: string[] = [];
  for (const name of await namesIn(join(location, "blobs"))) {
    const payload = await store.payloadOf(join(location, "blobs", name));
    if (payload !== null) payloads.push(payload);
  }
  await remove(join(location, "refs"));
  await empty(join(location, "snapshots"));
  for (const name of await readdir(location)) {
    // Python warns about a repository without `snapshots`, so that folder goes with the last step.
    if (name !== "snapshots") await remove(join(location, name));
  }
  await remove(location);
  for (const payload of payloads) await store.sweep(payload);
}

async function refuseOutside(cachePath: string, location: string): Promise<void> {
  const name = basename(location);
  const isInside = resolve(dirname(location)) === resolve(cachePath) && idOfFolder(name) !== null;
  // A person may have moved the folder to another disk and linked it; what lies there is not ours to delete.
  if (isInside && (await lstat(location)).isDirectory()) return;
  throw new AppError("conflict", "The model's folder is a link to another place. Delete the files there by hand.");
}

/** `snapshots` itself may be a link as well: then only the link goes. */
async function empty(folder: string): Promise<void> {
  if (!(await namesIn(dirname(folder))).includes(basename(folder))) return;
  if (!(await lstat(folder)).isDirectory()) return remove(folder);
  for (const name of await readdir(folder)) await remove(join(folder, name));
}

/** `rm` unlinks symbolic links instead of entering them. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
