import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelVerification } from "../../contract/library.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError, systemCode } from "../../platform/errors.ts";
import { parseObject } from "../models/index.ts";
import type { LocalModel, LocalRevision, ModelFacts, Models } from "../models/index.ts";
import { readModelCard } from "./model-card.ts";
import type { ModelCard } from "./model-card.ts";
import { readShared } from "./open-file.ts";
import { provenFiles } from "./proof.ts";
import type { ProvenBlobs } from "./proof.ts";
import { listedFiles, listedPaths } from "./shared-files.ts";
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
  /** Models whose `main` is complete, in no order; whether it was checked shows when it is looked for. */
  models(): LocalModel[];
  /** @throws AppError `model_not_found`, `revision_not_found` */
  find(id: string, revision: string): Promise<SharedRevision>;
  modifiedAt(model: LocalModel): Promise<string>;
  /** A file of it is not what it was: the next question looks anew. */
  forget(id: string, commit: string): void;
}

export interface SharedLibraryDependencies {
  readonly models: Pick<Models, "all" | "find" | "locate" | "files" | "verification" | "cachePath">;
  readonly provenBlobs: ProvenBlobs;
  readonly clock: Clock;
}

/** Descriptions kept in memory; made anew from the files when they are asked for again. */
const keptLimit = 256;
/** What could not be shown is looked at again after this: a download that ends makes it so. */
const refusalMs = 2000;
const textLimitBytes = 4 * 1024 * 1024;

interface Kept {
  readonly state: string;
  readonly description: Promise<SharedRevision | null>;
  /** When it turned out that there is nothing to show. */
  emptyAt: number | null;
}

export function createSharedLibrary({ models, provenBlobs, clock }: SharedLibraryDependencies): SharedLibrary {
  const kept = new Map<string, Kept>();

  const mainOf = (model: LocalModel): LocalRevision | null => {
    const { source, revisions } = model;
    const main = revisions.find(({ refs }) => refs.includes("main")) ?? revisions.find(({ complete }) => complete);
    return source === "hub-cache" && main?.complete === true ? main : null;
  };

  const describe = async (
    model: LocalModel,
    { revision, refs, path }: LocalRevision,
    verification: ModelVerification | null,
  ): Promise<SharedRevision | null> => {
    const listing = await readListing(join(model.location, "trees", `${revision}.json`));
    const here = listedFiles(await models.files(model.id, revision), listing);
    if (here === null) return null;
    const proven = await provenBlobs(model.id, new Set(here.map(({ blobId }) => blobId)));
    const files = await provenFiles(path, here, { proven, verification });
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
  };

  const describeOnce = (model: LocalModel, source: LocalRevision): Promise<SharedRevision | null> => {
    const key = `${model.id}@${source.revision}`;
    const verification = models.verification(model.id, source.revision);
    const state = JSON.stringify([source, verification]);
    const known = kept.get(key);
    // Taken out and put in again, so that the first entry is the one not asked for the longest.
    kept.delete(key);
    const isGood = known?.state === state && (known.emptyAt === null || clock.monotonic() - known.emptyAt < refusalMs);
    const entry: Kept = isGood ? known : { state, emptyAt: null, description: describe(model, source, verification) };
    kept.set(key, entry);
    for (const first of kept.keys()) if (kept.size > keptLimit) kept.delete(first);
    if (entry !== known) {
      entry.description.then(
        (found) => (entry.emptyAt = found === null ? clock.monotonic() : null),
        // Told to whoever asked; the next one tries again.
        () => kept.delete(key),
      );
    }
    return entry.description;
  };

  return {
    models: () => models.all().filter((model) => mainOf(model) !== null),
    async find(id, name) {
      const model = models.find(id);
      if (model === null || model.source !== "hub-cache") throw notShared(id);
      const { revision } = models.locate(id, name);
      const source = model.revisions.find((one) => one.revision === revision);
      if (source === undefined) throw notVerified(id, revision);
      const description = await describeOnce(model, source);
      if (description === null) throw notVerified(id, revision);
      return description;
    },
    async modifiedAt(model) {
      const main = mainOf(model);
      return main === null ? model.addedAt : await modifiedAt(main.path, model.addedAt);
    },
    forget: (id, commit) => void kept.delete(`${id}@${commit}`),
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
