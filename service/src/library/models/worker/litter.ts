import { lstatSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { LitterKind } from "../../../contract/library.ts";
import type { RepositoryPlace } from "../cache/scanned-model.ts";
import { referencedBlobs } from "./referenced-blobs.ts";
import { namesOf, walk } from "./walk.ts";

/** Something that downloads left behind and nothing uses. */
export interface Litter {
  readonly kind: LitterKind;
  readonly model: string | null;
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  /** As found: what has changed since is not litter any more. */
  readonly modifiedMs: number;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Writers make the blob before the link, so a link that leads nowhere for so long is broken. */
const brokenMs = 10 * 60 * 1000;

/** Looks through the whole cache. Everything younger than a day may belong to somebody at work, and is left out. */
export async function findLitter(
  cachePath: string,
  places: readonly RepositoryPlace[],
  now: number,
): Promise<Litter[]> {
  const litter: Litter[] = [];
  for (const { id, location } of places) {
    litter.push(...litterIn(id, location, now));
    await nextTurn();
  }
  return [...litter, ...payloads(cachePath, now)];
}

function litterIn(model: string, location: string, now: number): Litter[] {
  if (lstatSync(location, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const files = walk(location);
  if (files.length === 0) {
    const { mtimeMs } = lstatSync(location);
    const isOld = now - mtimeMs > dayMs;
    return isOld ? [{ kind: "empty-repository", model, path: location, sizeBytes: 0, modifiedMs: mtimeMs }] : [];
  }
  const used = referencedBlobs(location);
  return files.flatMap(({ path, facts }): Litter[] => {
    const [top] = path.split("/");
    if (top !== "blobs" && top !== "snapshots") return [];
    const full = join(location, path);
    const target = facts.isSymbolicLink() ? statSync(full, { throwIfNoEntry: false }) : facts;
    const item = { model, path: full, modifiedMs: facts.mtimeMs };
    const age = now - facts.mtimeMs;
    if (target === undefined) return age > brokenMs ? [{ ...item, kind: "broken-link", sizeBytes: 0 }] : [];
    if (top === "snapshots" || !target.isFile() || age <= dayMs) return [];
    const sizeBytes = target.size;
    if (path.endsWith(".incomplete")) return [{ ...item, kind: "foreign-part", sizeBytes }];
    const isBlob = /^blobs\/([0-9a-f]{40}|[0-9a-f]{64})$/.test(path) && !used.has(basename(path));
    // The bytes of a link belong to the shared store, where they are counted if they go.
    return isBlob ? [{ ...item, kind: "unused-blob", sizeBytes: facts.isSymbolicLink() ? 0 : sizeBytes }] : [];
  });
}

/** What may be unused in the store that repositories share; whether it is, its own rule decides at the removal. */
function payloads(cachePath: string, now: number): Litter[] {
  const root = join(cachePath, "blobs");
  return namesOf(root)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((prefix) =>
      namesOf(join(root, prefix))
        .filter((name) => /^[0-9a-f]{64}$/.test(name))
        .flatMap((name): Litter[] => {
          const path = join(root, prefix, name);
          const facts = lstatSync(path, { throwIfNoEntry: false });
          const manifest = lstatSync(`${path}.refs`, { throwIfNoEntry: false });
          if (!facts?.isFile() || manifest === undefined || now - manifest.mtimeMs <= dayMs) return [];
          const item = { model: null, path, sizeBytes: facts.size, modifiedMs: facts.mtimeMs };
          return [{ kind: "unused-shared-blob", ...item }];
        }),
    );
}
