import { createHash } from "node:crypto";
import { join } from "node:path";
import { readSafetensorsHeader } from "../models/index.ts";
import { repositoryOf } from "./hub-paths.ts";
import { wordsOf } from "./model-card.ts";
import { openShared } from "./open-file.ts";
import type { SharedRevision } from "./shared-library.ts";

type Field = (revision: SharedRevision, cachePath: string) => unknown;

/** Everything that `expand` may name and we know. The Hub's other names are answered by leaving them out. */
const fields: Readonly<Record<string, Field>> = {
  author: ({ id }) => (id.startsWith("_/") ? undefined : id.slice(0, id.indexOf("/"))),
  cardData: ({ card }) => (Object.keys(card).length === 0 ? undefined : card),
  config: (revision) => configOf(revision),
  createdAt: ({ addedAt }) => addedAt,
  disabled: () => false,
  // A mirror counts nothing, but clients of the Hub expect numbers here.
  downloads: () => 0,
  gated: () => false,
  lastModified: ({ modifiedAt }) => modifiedAt,
  library_name: (revision) => libraryOf(revision),
  likes: () => 0,
  pipeline_tag: (revision) => pipelineOf(revision),
  private: () => false,
  safetensors: (revision, cachePath) => countsOf(revision, cachePath),
  sha: ({ commit }) => commit,
  siblings: ({ files }) => files.map(({ path }) => ({ rfilename: path })),
  tags: (revision) => tagsOf(revision),
  usedStorage: ({ files }) =>
    [...new Map(files.map(({ blobId, sizeBytes }) => [blobId, sizeBytes])).values()].reduce((a, b) => a + b, 0),
};

/** What an answer carries when nothing is asked for by name. */
export const plainFields = Object.keys(fields);
export const listFields = plainFields.filter(
  (name) => !["cardData", "config", "safetensors", "siblings", "usedStorage"].includes(name),
);

/** A model in the Hub's form: the two ids, then the named fields that are known. */
export async function modelFields(
  revision: SharedRevision,
  names: readonly string[],
  cachePath: string,
): Promise<Record<string, unknown> & { _id: string; id: string }> {
  const id = repositoryOf(revision.id);
  const known: [string, unknown][] = [];
  for (const name of new Set(names))
    if (Object.hasOwn(fields, name)) known.push([name, await fields[name]?.(revision, cachePath)]);
  const values = Object.fromEntries(known.filter(([, value]) => value !== undefined));
  return { ...values, _id: createHash("sha1").update(id).digest("hex").slice(0, 24), id };
}

/** `?blobs=true`: names with sizes and checksums. */
export function siblingsWithBlobs({ files }: SharedRevision): Record<string, unknown>[] {
  return files.map(({ path, sizeBytes, blobId, gitOid, pointerBytes }) => ({
    ...{ rfilename: path, size: sizeBytes, blobId: gitOid },
    ...(pointerBytes === null ? {} : { lfs: { sha256: blobId, size: sizeBytes, pointerSize: pointerBytes } }),
  }));
}

/** Tags of the card and those the Hub adds by itself. */
export function tagsOf(revision: SharedRevision): string[] {
  const { card, config, facts, files } = revision;
  const type = config?.["model_type"];
  const license = card["license"];
  const bases = wordsOf(card, "base_model");
  const tags = [
    libraryOf(revision),
    ...(files.some(({ path }) => path.endsWith(".safetensors")) ? ["safetensors"] : []),
    ...(typeof type === "string" ? [type] : []),
    ...wordsOf(card, "tags"),
    ...(isMlx(revision) ? ["mlx"] : []),
    pipelineOf(revision),
    ...(facts.chatTemplate ? ["conversational"] : []),
    ...wordsOf(card, "language"),
    ...bases.map((base) => `base_model:${base}`),
    ...(typeof license === "string" ? [`license:${license}`] : []),
  ];
  return [...new Set(tags.filter((tag) => tag !== undefined))];
}

export function pipelineOf({ card, facts }: SharedRevision): string | undefined {
  const stated = card["pipeline_tag"];
  if (typeof stated === "string") return stated;
  if (facts.capabilities.includes("vision")) return "image-text-to-text";
  if (facts.capabilities.includes("embeddings")) return "feature-extraction";
  return facts.chatTemplate ? "text-generation" : undefined;
}

function libraryOf(revision: SharedRevision): string | undefined {
  const stated = revision.card["library_name"];
  return typeof stated === "string" ? stated : isMlx(revision) ? "mlx" : undefined;
}

/** MLX writes `quantization` where other programs write `quantization_config` alone. */
function isMlx({ card, config }: SharedRevision): boolean {
  const isStated = card["library_name"] === "mlx" || wordsOf(card, "tags").includes("mlx");
  return isStated || typeof config?.["quantization"] === "object";
}

const configLimit = 16 * 1024;
const indexedKeys = ["architectures", "model_type", "auto_map", "max_position_embeddings", "text_config"];
const indexedTokenizerKeys = ["bos_token", "eos_token", "pad_token", "unk_token", "chat_template", "model_max_length"];

/** `config.json`, of a very long one what the Hub keeps in its index, and the tokenizer's part of that index. */
function configOf({ config, tokenizerConfig, chatTemplate }: SharedRevision): Record<string, unknown> | undefined {
  if (config === null) return undefined;
  const isLong = JSON.stringify(config).length > configLimit;
  const shown = isLong ? pick(config, indexedKeys) : { ...config };
  if (isLong) {
    for (const key of ["quantization", "quantization_config"]) {
      const value = config[key];
      if (typeof value === "object" && value !== null)
        shown[key] = pick(value as Record<string, unknown>, ["bits", "group_size", "mode", "quant_method"]);
    }
  }
  return {
    ...shown,
    ...(tokenizerConfig === null ? {} : { tokenizer_config: pick(tokenizerConfig, indexedTokenizerKeys) }),
    ...(chatTemplate === null ? {} : { chat_template_jinja: chatTemplate }),
  };
}

function pick(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
}

/** Stored numbers by data type, as the weights' own heads tell: of packed weights the words they are packed in. */
async function countsOf(revision: SharedRevision, cachePath: string) {
  const parameters: Record<string, number> = {};
  for (const file of revision.files.filter(({ path }) => /^[^/]+\.safetensors$/.test(path))) {
    const handle = await openShared(cachePath, revision.path, file);
    if (handle === null) return undefined;
    await handle.close();
    const header = await readSafetensorsHeader(join(revision.path, file.localPath));
    for (const { dtype, shape } of header?.tensors.values() ?? [])
      parameters[dtype] = (parameters[dtype] ?? 0) + shape.reduce((product, length) => product * length, 1);
  }
  const total = Object.values(parameters).reduce((sum, count) => sum + count, 0);
  return total === 0 ? undefined : { parameters, total };
}
