import * as z from "zod";
import type { ModelFile } from "../models/index.ts";
import { blobOid, lfsPointer } from "./git-objects.ts";

/** A file as the Hub would list it. */
export interface ListedFile {
  /** As the commit writes it. */
  readonly path: string;
  /** As this disk writes it: some keep names in another Unicode form. */
  readonly localPath: string;
  readonly sizeBytes: number;
  /** Checksum of the content and name of its blob: sha256 for LFS files, else the git blob's sha1. */
  readonly blobId: string;
  /** The git object; for LFS files that of the pointer. */
  readonly gitOid: string;
  /** Null for git files. */
  readonly pointerBytes: number | null;
}

/** One that was checked. */
export interface SharedFile extends ListedFile {
  /** Written later than this (milliseconds), it is another file. */
  readonly untilMs: number;
}

const hash = z.string().regex(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/);
const listingSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      size: z.number().int().nonnegative(),
      blob_id: hash,
      lfs_sha256: hash.nullish(),
      lfs_size: z.number().int().nonnegative().nullish(),
    }),
  ),
});

/**
 * The files of a snapshot that can be vouched for: those whose checksum the cache knows, by the name of the blob they
 * link to, or, where links do not work, by the commit's listing. Others (a person's own, a system's) stay private.
 * @param listing `trees/<sha>.json` as parsed; null where there is none.
 * @returns sorted by path; null when a file without which the model cannot run is not among them.
 */
export function listedFiles(files: readonly ModelFile[], listing: unknown): ListedFile[] | null {
  const listed = readListing(listing);
  const shared: ListedFile[] = [];
  for (const { path: localPath, sizeBytes, blobId } of files) {
    const known = listed.get(localPath.normalize("NFC"));
    const path = known?.path ?? localPath;
    const fromListing = known?.sizeBytes === sizeBytes ? known.blobId : null;
    const id = blobId !== null && hash.safeParse(blobId).success ? blobId : fromListing;
    if (id === null) {
      if (isEssential(localPath)) return null;
      continue;
    }
    if (id.length === 40) {
      shared.push({ path, localPath, sizeBytes, blobId: id, gitOid: id, pointerBytes: null });
      continue;
    }
    const pointer = lfsPointer(id, sizeBytes);
    const gitOid = known?.blobId === id ? known.gitOid : null;
    shared.push({
      ...{ path, localPath, sizeBytes, blobId: id },
      gitOid: gitOid ?? blobOid(pointer),
      pointerBytes: Buffer.byteLength(pointer),
    });
  }
  return shared.length === 0 ? null : shared.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every path of the commit, also of files that are not here; null where no listing tells. */
export function listedPaths(listing: unknown): ReadonlySet<string> | null {
  const parsed = listingSchema.safeParse(listing);
  return parsed.success ? new Set(Object.keys(parsed.data.files)) : null;
}

interface Listed {
  readonly path: string;
  readonly sizeBytes: number;
  readonly blobId: string;
  /** Null where the writer of the listing gave no git object. */
  readonly gitOid: string | null;
}

/** By the path's composed Unicode form; names that differ by nothing else are not told apart and left out. */
function readListing(listing: unknown): Map<string, Listed> {
  const parsed = listingSchema.safeParse(listing);
  const listed = new Map<string, Listed>();
  const twins = new Set<string>();
  for (const [path, file] of Object.entries(parsed.success ? parsed.data.files : {})) {
    const key = path.normalize("NFC");
    if (listed.has(key)) twins.add(key);
    const { size, blob_id: oid, lfs_sha256: sha256, lfs_size: lfsSize } = file;
    const blobId = sha256 ?? oid;
    listed.set(key, { path, sizeBytes: lfsSize ?? size, blobId, gitOid: oid.length === 40 ? oid : null });
  }
  for (const key of twins) listed.delete(key);
  return listed;
}

/** Without it the model cannot run. */
export function isEssential(path: string): boolean {
  return path === "config.json" || (path.endsWith(".safetensors") && !path.includes("/"));
}
