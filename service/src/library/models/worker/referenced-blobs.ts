import { readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { walk } from "./walk.ts";

/** Names of the blobs that any snapshot of a repository links to, whatever the snapshot is called. */
export function referencedBlobs(location: string): Set<string> {
  const blobs = join(location, "blobs");
  const names = new Set<string>();
  for (const { path, facts } of walk(join(location, "snapshots"))) {
    if (!facts.isSymbolicLink()) continue;
    const link = join(location, "snapshots", path);
    const target = resolve(dirname(link), readlinkSync(link));
    if (dirname(target) === blobs) names.add(target.slice(blobs.length + 1));
  }
  return names;
}
