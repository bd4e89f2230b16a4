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
  readonly trending: number | null;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  /** The commit of `main`, where the answer names it. */
  readonly commit: string | null;
  readonly tags: readonly string[];
  readonly pipelineTag: string | null;
  /** The Hub's index of `config.json`: only a part of the file. */
  readonly config: Readonly<Record<string, unknown>> | null;
  /** Counts by data type; for MLX either packed or logical (facts of `library/models`). */
  readonly safetensors: { readonly parameters: Readonly<Record<string, number>>; readonly total: number } | null;
  /** Names alone; empty where the answer has none. */
  readonly files: readonly string[];
  readonly license: string | null;
  /** The repository it was made from: from its tags, which the Hub makes of the card. */
  readonly baseModel: string | null;
  /** How it was made from that, as far as the Hub tells: `quantized`, `finetune`, `adapter`, `merge`. */
  readonly baseRelation: string | null;
}

export interface Repository extends HubEntry {
  /** The commit everything else is asked by. */
  readonly sha: string;
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
const time = z
  .string()
  .transform((text) => new Date(text).toISOString())
  .nullable()
  .catch(null);
const text = z.string().nullable().catch(null);
const entrySchema = z.object({
  id: z.string(),
  gated: z.enum(["no", "auto", "manual"]).catch("no"),
  private: z.boolean().catch(false),
  downloads: count,
  likes: count,
  trendingScore: z.number().nullable().catch(null),
  createdAt: time,
  lastModified: time,
  sha: text,
  tags: z.array(z.string()).catch([]),
  pipeline_tag: text,
  config: z.record(z.string(), z.unknown()).nullable().catch(null),
  safetensors: z
    .object({ parameters: z.record(z.string(), z.number().nonnegative()), total: z.number().nonnegative() })
    .nullable()
    .catch(null),
  siblings: z.array(z.object({ rfilename: z.string() })).catch([]),
  cardData: z.object({ license: text, base_model: z.unknown() }).nullable().catch(null),
});

/**
 * Reads one model of the Hub's JSON; null for a repository whose name is no id of ours.
 * @throws ZodError for what no Hub sends.
 */
export function readEntry(value: unknown): HubEntry | null {
  const entry = entrySchema.parse(value);
  const id = modelIdOf(entry.id);
  if (id === null) return null;
  const { downloads, likes, tags, config, safetensors, cardData } = entry;
  return {
    id,
    author: id.slice(0, id.indexOf("/")),
    gated: entry.gated,
    private: entry.private,
    downloads,
    likes,
    trending: entry.trendingScore,
    createdAt: entry.createdAt,
    updatedAt: entry.lastModified,
    commit: entry.sha,
    tags,
    pipelineTag: entry.pipeline_tag,
    config,
    safetensors,
    files: entry.siblings.map(({ rfilename }) => rfilename),
    license: cardData?.license ?? tagged(tags, "license:"),
    baseModel: baseModelOf(tags, cardData?.base_model),
    baseRelation: relationOf(tags),
  };
}

/** Tags name the relation too (`base_model:quantized:owner/name`); a card names one or several, of which the first. */
function baseModelOf(tags: readonly string[], named: unknown): string | null {
  const card: unknown = Array.isArray(named) ? named[0] : named;
  const found = tagged(tags, "base_model:quantized:") ?? (typeof card === "string" ? card : plainBase(tags));
  return found !== null && /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/.test(found) ? found : null;
}

function plainBase(tags: readonly string[]): string | null {
  const bases = tags.filter((tag) => tag.startsWith("base_model:")).map((tag) => tag.slice("base_model:".length));
  return bases.find((base) => !base.includes(":")) ?? null;
}

function relationOf(tags: readonly string[]): string | null {
  return (
    /^base_model:(quantized|finetune|adapter|merge):/.exec(
      tags.find((tag) => /^base_model:\w+:/.test(tag)) ?? "",
    )?.[1] ?? null
  );
}

function tagged(tags: readonly string[], start: string): string | null {
  return tags.find((tag) => tag.startsWith(start))?.slice(start.length) ?? null;
}

const sha1 = /^[0-9a-f]{40}$/;
const sha256 = /^[0-9a-f]{64}$/;

/** A repository at one commit. @throws ZodError without a commit. */
export function readRepository(value: unknown): Repository | null {
  const entry = readEntry(value);
  return entry === null ? null : { ...entry, sha: z.string().regex(sha1).parse(entry.commit) };
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
