import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError, systemCode } from "../../platform/errors.ts";
import { parseObject } from "../models/index.ts";
import type { LocalModel, LocalRevision, ModelFacts, Models } from "../models/index.ts";
import { readModelCard } from "./model-card.ts";
import type { ModelCard } from "./model-card.ts";
import { readShared } from "./open-file.ts";
import { listedPaths, sharedFiles } from "./shared-files.ts";
import type { SharedFile } from "./shared-files.ts";

/** A revision that may be served, with what its small files say. */
export interface SharedRevision {
  readonly id: string;
  readonly commit: string;
  readonly refs: readonly string[];
  readonly path: string;
  readonly addedAt: string;
  readonly modifiedAt: string;
  readonly facts: ModelFacts;
  /** Sorted by path. */
  readonly files: readonly SharedFile[];
  readonly card: ModelCard;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly tokenizerConfig: Readonly<Record<string, unknown>> | null;
  readonly chatTemplate: string | null;
  /** Also by another Unicode form of the name, where it names one file only. */
  file(path: string): SharedFile | null;
  /** Whether the commit has no such file, as against one that only is not here. */
  lacks(path: string): boolean;
}

/** Which revisions others may have: complete ones of the Hub's cache whose content was checked. */
export interface SharedLibrary {
  /** Models whose `main` may be served, in no order. */
  models(): LocalModel[];
  /** @throws AppError `model_not_found`, `revision_not_found` */
  find(id: string, revision: string): Promise<SharedRevision>;
  modifiedAt(model: LocalModel): Promise<string>;
}

export interface SharedLibraryDependencies {
  readonly models: Pick<Models, "all" | "find" | "locate" | "files" | "cachePath">;
  /** Whether every file of the revision was once read and found right. */
  readonly isVerified: (model: string, revision: string) => boolean;
}

/** Descriptions kept in memory; made anew from the files when they are asked for again. */
const keptLimit = 256;
const textLimitBytes = 4 * 1024 * 1024;

export function createSharedLibrary({ models, isVerified }: SharedLibraryDependencies): SharedLibrary {
  const kept = new Map<string, { source: LocalRevision; description: Promise<SharedRevision | null> }>();

  const mainOf = (model: LocalModel): LocalRevision | null => {
    const { id, source, revisions } = model;
    const main = revisions.find(({ refs }) => refs.includes("main")) ?? revisions.find(({ complete }) => complete);
    return source === "hub-cache" && main?.complete === true && isVerified(id, main.revision) ? main : null;
  };

  const describeOnce = async (model: LocalModel, source: LocalRevision): Promise<SharedRevision | null> => {
    const key = `${model.id}@${source.revision}`;
    const known = kept.get(key);
    // Taken out and put in again, so that the first entry is the one not asked for the longest.
    kept.delete(key);
    const description = known?.source === source ? known.description : describe(models, model, source);
    kept.set(key, { source, description });
    for (const first of kept.keys()) if (kept.size > keptLimit) kept.delete(first);
    let found: SharedRevision | null = null;
    try {
      return (found = await description);
    } finally {
      // What could not be described now may be later, when the cache has more of it.
      if (found === null && kept.get(key)?.description === description) kept.delete(key);
    }
  };

  return {
    models: () => models.all().filter((model) => mainOf(model) !== null),
    async find(id, name) {
      const model = models.find(id);
      if (model === null || model.source !== "hub-cache") throw notShared(id);
      const { revision } = models.locate(id, name);
      const source = model.revisions.find((one) => one.revision === revision);
      if (source === undefined || !isVerified(id, revision)) throw notVerified(id, revision);
      const description = await describeOnce(model, source);
      if (description === null) throw notVerified(id, revision);
      return description;
    },
    async modifiedAt(model) {
      const main = mainOf(model);
      return main === null ? model.addedAt : await modifiedAt(main.path, model.addedAt);
    },
  };
}

function notShared(id: string): AppError {
  return new AppError("model_not_found", `The model ${id} is not shared by this machine.`, { details: { model: id } });
}

function notVerified(id: string, revision: string): AppError {
  return new AppError(
    "revision_not_found",
    `This revision of ${id} is not shared: its files were never checked. Verify the model on that machine first.`,
    { details: { model: id, revision } },
  );
}

async function describe(
  models: SharedLibraryDependencies["models"],
  model: LocalModel,
  { revision, refs, path }: LocalRevision,
): Promise<SharedRevision | null> {
  const listing = await readListing(join(model.location, "trees", `${revision}.json`));
  const files = sharedFiles(await models.files(model.id, revision), listing);
  if (files === null) return null;
  const listed = listedPaths(listing);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const byForm = Map.groupBy(files, (file) => file.path.normalize("NFC"));
  const text = (name: string) => readShared(models.cachePath, path, byPath.get(name), textLimitBytes);
  const object = async (name: string) => {
    const content = await text(name);
    return content === null ? null : parseObject(content);
  };
  return {
    ...{ id: model.id, commit: revision, refs, path, files, addedAt: model.addedAt },
    modifiedAt: await modifiedAt(path, model.addedAt),
    facts: models.locate(model.id, revision).facts,
    card: readModelCard((await text("README.md")) ?? ""),
    config: await object("config.json"),
    tokenizerConfig: await object("tokenizer_config.json"),
    chatTemplate: await text("chat_template.jinja"),
    file(name) {
      const alike = byForm.get(name.normalize("NFC")) ?? [];
      return byPath.get(name) ?? (alike.length === 1 ? (alike[0] ?? null) : null);
    },
    lacks: (name) => listed !== null && !listed.has(name),
  };
}

async function readListing(path: string): Promise<unknown> {
  try {
    return parseObject(await readFile(path, "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
}

/** When the files came here: the commit's own date is not kept in the cache. */
async function modifiedAt(path: string, fallback: string): Promise<string> {
  try {
    return (await stat(path)).mtime.toISOString();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return fallback;
    throw error;
  }
}
