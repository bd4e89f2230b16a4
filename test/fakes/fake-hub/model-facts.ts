import { createHash } from "node:crypto";

import type { Commit, Repository, StoredFile } from "./repository.ts";

/** Every value `expand` may name, with what it adds. A list carries no sizes in `siblings` and no `usedStorage`. */
const expandable: Record<string, (repository: Repository, commit: Commit) => unknown> = {
  author: ({ definition }) => (definition.id.includes("/") ? definition.id.split("/")[0] : undefined),
  baseModels: (repository) => baseModels(repository),
  cardData: ({ definition }) => definition.cardData,
  childrenModelCount: () => 0,
  config: ({ definition }) => definition.config && listedConfig(definition.config),
  createdAt: ({ definition }) => definition.createdAt ?? "2026-01-10T09:00:00.000Z",
  disabled: ({ definition }) => definition.disabled ?? false,
  downloads: ({ definition }) => definition.downloads ?? 0,
  downloadsAllTime: ({ definition }) => (definition.downloads ?? 0) * 3,
  evalResults: () => undefined,
  gated: ({ definition }) => definition.gated ?? false,
  gguf: () => undefined,
  inference: () => undefined,
  inferenceProviderMapping: () => [],
  lastModified: (_, commit) => new Date(commit.date).toISOString(),
  library_name: (repository) => libraryName(repository),
  likes: ({ definition }) => definition.likes ?? 0,
  mask_token: () => undefined,
  "model-index": () => null,
  pipeline_tag: ({ definition }) => definition.pipelineTag,
  private: ({ definition }) => definition.private ?? false,
  resourceGroup: () => undefined,
  safetensors: ({ definition }) => definition.safetensors,
  sha: (_, commit) => commit.sha,
  siblings: (_, commit) => [...commit.files.keys()].sort().map((rfilename) => ({ rfilename })),
  spaces: () => [],
  tags: (repository) => tagsOf(repository),
  transformersInfo: () => undefined,
  trendingScore: ({ definition }) => trendingScore(definition),
  usedStorage: (repository) => usedStorage(repository),
  widgetData: () => undefined,
};

export const expandValues: readonly string[] = Object.keys(expandable);

/** The named fields, after the ids that every answer has. */
export function modelFields(repository: Repository, commit: Commit, names: readonly string[]): Record<string, unknown> {
  const { id } = repository.definition;
  const fields: Record<string, unknown> = { _id: mongoId(id), id };
  for (const name of names) fields[name] = expandable[name]!(repository, commit);
  return fields;
}

export function libraryName({ definition }: Repository): string | undefined {
  return definition.libraryName ?? (definition.tags?.includes("mlx") ? "mlx" : undefined);
}

/** Stated tags plus those the Hub adds by itself. */
export function tagsOf(repository: Repository): string[] {
  const { definition } = repository;
  const hasSafetensors = Object.keys(definition.files).some((path) => path.endsWith(".safetensors"));
  const own = [libraryName(repository), hasSafetensors ? "safetensors" : undefined, modelType(repository)];
  const license = definition.cardData?.["license"];
  const added = [
    ...[...own, definition.pipelineTag, typeof license === "string" ? `license:${license}` : undefined],
    ...[...baseTags(repository), bitsTag(definition)],
  ];
  const all = [...(definition.tags ?? []), ...added, "region:us"];
  return [...new Set(all.filter((tag) => tag !== undefined))];
}

/** A base named by the card becomes two tags: the plain one, and one with the relation the Hub infers. */
function baseTags({ definition }: Repository): string[] {
  const relation = definition.config?.["quantization_config"] ? "quantized" : "finetune";
  return basesOf(definition).flatMap((base) => [`base_model:${base}`, `base_model:${relation}:${base}`]);
}

function baseModels({ definition }: Repository): Record<string, unknown> | undefined {
  const bases = basesOf(definition);
  if (bases.length === 0) return undefined;
  const relation = definition.config?.["quantization_config"] ? "quantized" : "finetune";
  return { relation, models: bases.map((id) => ({ _id: mongoId(id), id })) };
}

function basesOf({ cardData }: Repository["definition"]): string[] {
  return [cardData?.["base_model"] ?? []].flat().filter((base): base is string => typeof base === "string");
}

/** `4-bit`: only where the configuration has the key that other libraries use too. */
function bitsTag({ config }: Repository["definition"]): string | undefined {
  const bits = (config?.["quantization_config"] as { bits?: unknown } | undefined)?.bits;
  return typeof bits === "number" ? `${bits}-bit` : undefined;
}

export function trendingScore({ trendingScore, downloads }: Repository["definition"]): number {
  return trendingScore ?? Math.round((downloads ?? 0) / 1000);
}

/** Bytes of every version ever stored: more than the present revision has. */
function usedStorage({ commits }: Repository): number {
  const stored = new Map<string, StoredFile>();
  for (const commit of commits.values()) for (const file of commit.files.values()) stored.set(file.oid, file);
  return [...stored.values()].reduce((sum, file) => sum + file.size, 0);
}

/** The Hub keeps only these parts of `config.json` in its index, and of the quantization only bits and method. */
function listedConfig(config: Record<string, unknown>): Record<string, unknown> {
  const listed: Record<string, unknown> = {};
  for (const key of ["architectures", "model_type", "auto_map", "tokenizer_config", "chat_template_jinja"]) {
    if (config[key] !== undefined) listed[key] = config[key];
  }
  const quantization = config["quantization_config"] as Record<string, unknown> | undefined;
  if (quantization) {
    const { bits, quant_method: method } = quantization;
    listed["quantization_config"] = { ...(bits ? { bits } : {}), ...(method ? { quant_method: method } : {}) };
  }
  return listed;
}

function modelType({ definition }: Repository): string | undefined {
  const type = definition.config?.["model_type"];
  return typeof type === "string" ? type : undefined;
}

function mongoId(id: string): string {
  return createHash("sha1").update(id).digest("hex").slice(0, 24);
}
