import type { HubFile, HubModelDetail } from "../../contract/hub.ts";
import type { Log } from "../../platform/log.ts";
import { isAppError } from "../../platform/errors.ts";
import { offline, repositoryOf } from "../hub/index.ts";
import type { FileSize, Hub } from "../hub/index.ts";
import { fitTable } from "../models/index.ts";
import type { LocalModel, Models } from "../models/index.ts";
import type { RenderCard } from "./card/card-worker.ts";
import type { Details } from "./details.ts";
import { downloadedFiles } from "./download-size.ts";
import { unreachable } from "./earlier-answer.ts";
import type { Answered } from "./earlier-answer.ts";
import type { HubFacts } from "./hub-facts.ts";
import { localFacts } from "./hub-model.ts";
import type { ModelDetails, SearchStore } from "./store.ts";
import type { Viewer } from "./surroundings.ts";

export interface ModelPageDependencies {
  readonly hub: Hub;
  readonly models: Pick<Models, "find" | "locate" | "files">;
  readonly details: Details;
  readonly store: SearchStore;
  readonly viewer: Viewer;
  readonly renderCard: RenderCard;
  readonly now: () => string;
  readonly log: Log;
}

export interface ModelPageQuestion {
  readonly id: string;
  /** Undefined = `main`. */
  readonly revision: string | undefined;
  readonly contextTokens: number | null;
}

const readmeLimitBytes = 1024 * 1024;

/**
 * One model with all that is known: at most three requests for a commit seen the first time (its page, `config.json`,
 * README), then one, none while that is new.
 * @throws AppError of the Hub; `offline` for what nothing is known of.
 */
export async function modelPage(
  { id, revision, contextTokens }: ModelPageQuestion,
  dependencies: ModelPageDependencies,
  signal: AbortSignal,
): Promise<HubModelDetail> {
  const { hub, details, models } = dependencies;
  const isMain = revision === undefined || revision === "main";
  let answered: Answered<ModelDetails>;
  try {
    answered = isMain
      ? await details.get(id, signal)
      : { value: await details.at(id, revision, signal), source: "hub", stale: false, problem: null };
  } catch (error) {
    const problem = unreachable(error);
    const model = models.find(id);
    if (problem === null) throw error;
    if (model?.source !== "hub-cache") throw hub.offline ? offline() : error;
    const local = await localDetails(model, revision ?? "main", models);
    answered = { value: local, source: "local", stale: false, problem: hub.offline ? null : problem };
  }
  return await shown(answered, contextTokens, dependencies, signal);
}

async function shown(
  { value: { facts, commit, files, tags, licenseUrl }, ...provenance }: Answered<ModelDetails>,
  contextTokens: number | null,
  dependencies: ModelPageDependencies,
  signal: AbortSignal,
): Promise<HubModelDetail> {
  const { viewer, models, hub } = dependencies;
  const page = `${hub.endpoint}/${repositoryOf(facts.id)}`;
  const model = viewer.show(facts, contextTokens);
  const { measured } = viewer.surroundings(facts, contextTokens);
  const { weightBytes, contextLength: modelContext } = facts;
  const local = models.find(facts.id);
  return {
    ...model,
    ...provenance,
    revision: commit,
    totalBytes: files.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
    files: await shownFiles(files, local, models),
    card: await cardOf({ facts, commit, files, page }, dependencies, signal),
    fitTable: fitTable(facts.memory, { weightBytes, limitBytes: model.fit.limitBytes, modelContext, measured }),
    localRevisions: (local?.revisions ?? []).map(({ revision, refs, complete, sizeBytes }) => ({
      ...{ revision, refs: [...refs], complete, sizeBytes },
    })),
    // A gated model is opened on its own page, whatever its license.
    licenseUrl: model.gated === "no" ? licenseUrl : page,
    tags: [...tags],
    url: page,
  };
}

async function shownFiles(
  files: readonly FileSize[],
  local: LocalModel | null,
  models: ModelPageDependencies["models"],
): Promise<HubFile[]> {
  const needed = new Set(downloadedFiles(files).map(({ path }) => path));
  const blobs = new Set<string>();
  for (const { revision } of local?.revisions ?? [])
    for (const { blobId } of await models.files(local?.id ?? "", revision)) if (blobId !== null) blobs.add(blobId);
  return files.map(({ path, sizeBytes, blobId }) => ({
    ...{ path, sizeBytes, checksum: blobId },
    here: blobs.has(blobId),
    needed: needed.has(path),
  }));
}

interface CardQuestion {
  readonly facts: HubFacts;
  readonly commit: string;
  readonly files: readonly FileSize[];
  readonly page: string;
}

/** The card is worth having, but no reason to fail: whatever is wrong with it, the page is shown without. */
async function cardOf(
  { facts: { id }, commit, files, page }: CardQuestion,
  { hub, store, renderCard, now, log }: ModelPageDependencies,
  signal: AbortSignal,
): Promise<string | null> {
  const kept = store.card(id, commit);
  if (kept !== undefined) return kept;
  const file = files.find(({ path }) => path === "README.md");
  if (!file || file.sizeBytes > readmeLimitBytes || hub.offline) return null;
  let readme: string;
  try {
    readme = await hub.text(id, commit, "README.md", signal);
  } catch (error) {
    if (!isAppError(error)) throw error;
    log.debug({ model: id, code: error.code }, "a model card was not to be had");
    return null;
  }
  const card = await renderCard(readme, { page, commit }).catch((error: unknown) => {
    log.warn({ model: id, error }, "a model card could not be read");
    return null;
  });
  store.saveCard(id, commit, card, now());
  return card;
}

/** A page from the files on this machine alone. */
async function localDetails(
  model: LocalModel,
  revision: string,
  models: ModelPageDependencies["models"],
): Promise<ModelDetails> {
  const located = models.locate(model.id, revision);
  const files = await models.files(model.id, located.revision);
  return {
    facts: localFacts(model),
    commit: located.revision,
    files: files.map(({ path, sizeBytes, blobId }) => ({ path, sizeBytes, blobId: blobId ?? "" })),
    tags: [],
    licenseUrl: null,
  };
}
