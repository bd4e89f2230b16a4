import * as z from "zod";
import { modelIdOf } from "./names.ts";

/** What the Hub says of a repository without its files. Lax: a field of an unknown form counts as absent. */
export interface HubEntry {
  readonly id: string;
  readonly author: string;
  readonly gated: "no" | "auto" | "manual";
  readonly private: boolean;
  readonly downloads: number | null;
  readonly likes: number | null;
  readonly updatedAt: string | null;
  readonly tags: readonly string[];
  readonly pipelineTag: string | null;
  /** The Hub's index of `config.json`: only a part of the file. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** Counts by data type; for MLX either packed or logical (facts of `library/models`). */
  readonly safetensors: { readonly parameters: Readonly<Record<string, number>>; readonly total: number } | null;
}

export interface Repository extends HubEntry {
  /** The commit everything else is asked by. */
  readonly sha: string;
  readonly license: string | null;
}

export interface TreeFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Name of the blob in the cache and the checksum of the content: sha256 for LFS files, else the git blob's sha1. */
  readonly blobId: string;
  readonly algorithm: "git-sha1" | "sha256";
  readonly xetHash: string | null;
  /** The git object; for LFS files that of the pointer. */
  readonly gitOid: string;
}

const count = z.number().int().nonnegative().nullable().catch(null);
const entrySchema = z.object({
  name: z.string(),
  gated: z.enum(["no", "auto", "manual"]).catch("no"),
  private: z.boolean().catch(false),
  downloads: count,
  likes: count,
  updatedAt: z.date().nullable().catch(null),
  tags: z.array(z.string()).catch([]),
  task: z.string().nullable().catch(null),
  config: z.record(z.string(), z.unknown()).nullable().catch(null),
  safetensors: z
    .object({ parameters: z.record(z.string(), z.number().nonnegative()), total: z.number().nonnegative() })
    .nullable()
    .catch(null),
});

/** Reads what `@huggingface/hub` gives for one model; null for a repository whose name is no id of ours. */
export function readEntry(value: unknown): HubEntry | null {
  const entry = entrySchema.parse(value);
  const id = modelIdOf(entry.name);
  if (id === null) return null;
  const { gated, downloads, likes, tags, config, safetensors, updatedAt } = entry;
  return {
    id,
    author: id.slice(0, id.indexOf("/")),
    gated,
    private: entry.private,
    downloads,
    likes,
    updatedAt: updatedAt === null ? null : updatedAt.toISOString(),
    tags,
    pipelineTag: entry.task,
    config,
    safetensors,
  };
}

const sha1 = /^[0-9a-f]{40}$/;
const sha256 = /^[0-9a-f]{64}$/;
const repositorySchema = z.object({
  sha: z.string().regex(sha1),
  cardData: z
    .object({ license: z.string().nullable().catch(null) })
    .nullable()
    .catch(null),
});

export function readRepository(value: unknown): Repository | null {
  const entry = readEntry(value);
  if (entry === null) return null;
  const { sha, cardData } = repositorySchema.parse(value);
  return { ...entry, sha, license: cardData?.license ?? null };
}

const fileSchema = z.object({
  path: z.string(),
  size: z.number().int().nonnegative(),
  oid: z.string().regex(sha1),
  lfs: z.object({ oid: z.string().regex(sha256), size: z.number().int().nonnegative() }).optional(),
  xetHash: z.string().regex(sha256).optional().catch(undefined),
});

/** One file of a tree. Checksums become file names of the cache, so anything but plain hex is refused. */
export function readFile(value: unknown): TreeFile {
  const { path, size, oid, lfs, xetHash } = fileSchema.parse(value);
  return {
    path,
    sizeBytes: lfs?.size ?? size,
    blobId: lfs?.oid ?? oid,
    algorithm: lfs ? "sha256" : "git-sha1",
    xetHash: xetHash ?? null,
    gitOid: oid,
  };
}
