import * as z from "zod";
import type { ModelFile } from "../local-model.ts";
import type { Missing } from "./scanned-model.ts";

/** What tells whether a snapshot is whole, gathered by the scan. */
export interface SnapshotEvidence {
  readonly files: readonly ModelFile[];
  /** `trees/<sha>.json` as parsed, where a writer left one. */
  readonly tree: unknown;
  /** `model.safetensors.index.json` as parsed. */
  readonly index: unknown;
  /** Weight files that are shorter or longer than their own header says, with the bytes they lack where known. */
  readonly cutWeights: ReadonlyMap<string, number | null>;
}

const treeSchema = z.object({
  files: z.record(z.string(), z.object({ size: z.number(), lfs_size: z.number().nullish() })),
});
const indexSchema = z.object({
  weight_map: z.record(z.string(), z.string()),
  metadata: z.object({ total_size: z.number() }).optional().catch(undefined),
});

/**
 * What an engine needs and the snapshot lacks; null when an engine can load it. The commit's own file list decides
 * where there is one, but only about the files engines read: a missing README is no harm. Else the weights' index,
 * else at least one file of weights.
 */
export function missingOf({ files, tree, index, cutWeights }: SnapshotEvidence): Missing | null {
  const sizes = new Map(files.map(({ path, sizeBytes }) => [path, sizeBytes]));
  /** What is missing, with its size where something tells it. */
  const missing = new Map<string, number | null>(cutWeights);
  if (!sizes.has("config.json")) missing.set("config.json", null);
  const shards = indexSchema.safeParse(index);
  const listed = shards.success ? new Set(Object.values(shards.data.weight_map)) : new Set<string>();
  for (const path of listed) if (!sizes.has(path)) missing.set(path, null);
  const commit = treeSchema.safeParse(tree);
  for (const [path, { size, lfs_size: lfsSize }] of commit.success ? Object.entries(commit.data.files) : []) {
    const should = lfsSize ?? size;
    if (isNeeded(path) && sizes.get(path) !== should) missing.set(path, should);
  }
  const present = files.filter(({ path }) => path.endsWith(".safetensors") && !path.includes("/"));
  if (present.length === 0 && ![...missing.keys()].some(isWeights)) missing.set("model.safetensors", null);
  if (missing.size === 0) return null;
  const total = shards.success && !commit.success ? shards.data.metadata?.total_size : undefined;
  return { files: missing.size, bytes: bytesOf(missing, total, present) };
}

/** Exact where every size is known; else what the index says of all weights together, less what is here. */
function bytesOf(
  missing: ReadonlyMap<string, number | null>,
  total: number | undefined,
  present: readonly ModelFile[],
): number | null {
  const sizes = [...missing.values()];
  if (sizes.every((size) => size !== null)) return sizes.reduce((sum, size) => sum + size, 0);
  if (total === undefined) return null;
  return Math.max(0, total - present.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
}

function isWeights(path: string): boolean {
  return /^model[^/]*\.safetensors$/.test(path);
}

/** Files that `mlx_lm` and alike read; all lie in the snapshot's own folder. */
export function isNeeded(path: string): boolean {
  return /^[^/]+\.(json|jsonl|jinja|txt|py|tiktoken)$|^tokenizer\.model$|^model[^/]*\.safetensors$/.test(path);
}
