import { readdir, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import type { TreeFile } from "../../hub/index.ts";
import { isNeeded } from "./completeness.ts";
import { isAbsent, readJsonObject } from "../json-file.ts";
import { statOrNull } from "./snapshot-files.ts";

/** One file of a revision as it should be. */
export interface ExpectedFile {
  readonly path: string;
  /** Absolute place, in the snapshot. */
  readonly place: string;
  readonly sizeBytes: number | null;
  /** Null: nothing here says what its content should be. */
  readonly checksum: Checksum | null;
}

export interface Checksum {
  readonly algorithm: "sha256" | "git-sha1";
  readonly hex: string;
}

const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const treeSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      size: z.number(),
      blob_id: z.string(),
      lfs_sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullish(),
      lfs_size: z.number().nullish(),
    }),
  ),
});
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * The files of a revision with the checksums that are known here: from the commit's list, else from the names of the
 * blobs. Files of the list that no engine reads and that are not here were left out on purpose.
 */
export async function expectedFiles(location: string, commit: string, folder: string): Promise<ExpectedFile[]> {
  const listed = await listedFiles(join(location, "trees", `${commit}.json`));
  const present = await presentFiles(folder);
  const expected = new Map<string, ExpectedFile>();
  for (const path of await shardsOf(folder)) expected.set(path, fileAt(folder, path, null, null));
  for (const [path, blobId] of present) expected.set(path, fileAt(folder, path, null, checksumOf(blobId)));
  for (const { path, sizeBytes, checksum } of listed) {
    if (present.has(path) || isNeeded(path)) expected.set(path, fileAt(folder, path, sizeBytes, checksum));
  }
  return [...expected.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Fills in what the Hub knows and the cache does not. */
export function withHubTree(files: readonly ExpectedFile[], tree: readonly TreeFile[], folder: string): ExpectedFile[] {
  const known = new Map(files.map((file) => [file.path, file]));
  for (const { path, sizeBytes, blobId, algorithm } of tree) {
    const file = known.get(path);
    const isUnknown = file === undefined ? isNeeded(path) : file.checksum === null;
    if (isUnknown) known.set(path, fileAt(folder, path, sizeBytes, { algorithm, hex: blobId }));
  }
  return [...known.values()];
}

function fileAt(folder: string, path: string, sizeBytes: number | null, checksum: Checksum | null): ExpectedFile {
  return { path, place: join(folder, path), sizeBytes, checksum };
}

/** A blob is named after its content. */
function checksumOf(blobId: string | null): Checksum | null {
  if (blobId === null) return null;
  if (/^[0-9a-f]{64}$/.test(blobId)) return { algorithm: "sha256", hex: blobId };
  return sha1.safeParse(blobId).success ? { algorithm: "git-sha1", hex: blobId } : null;
}

async function listedFiles(file: string): Promise<{ path: string; sizeBytes: number; checksum: Checksum | null }[]> {
  const tree = treeSchema.safeParse(await readJsonObject(file));
  if (!tree.success) return [];
  return Object.entries(tree.data.files).map(
    ([path, { size, blob_id: blobId, lfs_sha256: sha256, lfs_size: lfsSize }]) => ({
      path,
      sizeBytes: lfsSize ?? size,
      checksum: sha256 ? { algorithm: "sha256", hex: sha256 } : checksumOf(blobId),
    }),
  );
}

/** Every entry of the snapshot by path with the name of its blob, also links that lead nowhere. */
async function presentFiles(folder: string): Promise<Map<string, string | null>> {
  const present = new Map<string, string | null>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const place = join(entry.parentPath, entry.name);
    const path = place.slice(folder.length + 1);
    if (entry.isFile()) present.set(path, null);
    if (entry.isSymbolicLink() && !(await statOrNull(place))?.isDirectory()) {
      present.set(path, basename(await readlink(place)));
    }
  }
  return present;
}

async function shardsOf(folder: string): Promise<string[]> {
  try {
    const index = indexSchema.safeParse(await readJsonObject(join(folder, "model.safetensors.index.json")));
    return index.success ? [...new Set(Object.values(index.data.weight_map))] : [];
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
