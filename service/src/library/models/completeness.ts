import * as z from "zod";
import type { ModelFile } from "./local-model.ts";

/** What tells whether a snapshot is whole, gathered by the scan. */
export interface SnapshotEvidence {
  readonly files: readonly ModelFile[];
  /** `trees/<sha>.json` as parsed, where a writer left one. */
  readonly tree: unknown;
  /** `model.safetensors.index.json` as parsed. */
  readonly index: unknown;
  /** Weight files that are shorter or longer than their own header says. */
  readonly cutWeights: readonly string[];
}

const treeSchema = z.object({
  files: z.record(z.string(), z.object({ size: z.number(), lfs_size: z.number().nullish() })),
});
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Whether an engine can load the snapshot. The commit's own file list decides where there is one, but only about the
 * files engines read: a missing README is no harm. Else the weights' index, else at least one file of weights.
 */
export function isComplete({ files, tree, index, cutWeights }: SnapshotEvidence): boolean {
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  const weights = files.filter(({ path }) => path.endsWith(".safetensors") && !path.includes("/"));
  if (cutWeights.length > 0 || weights.length === 0 || !sizes.has("config.json")) return false;
  const shards = indexSchema.safeParse(index);
  if (shards.success && !Object.values(shards.data.weight_map).every((path) => sizes.has(path))) return false;
  const listed = treeSchema.safeParse(tree);
  if (!listed.success) return true;
  return Object.entries(listed.data.files)
    .filter(([path]) => isNeeded(path))
    .every(([path, { size, lfs_size: lfsSize }]) => sizes.get(path) === (lfsSize ?? size));
}

/** Files that `mlx_lm` and alike read; all lie in the snapshot's own folder. */
export function isNeeded(path: string): boolean {
  return /^[^/]+\.(json|jsonl|jinja|txt|py|tiktoken)$|^tokenizer\.model$|^model[^/]*\.safetensors$/.test(path);
}
