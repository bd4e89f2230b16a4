import type { HubModelDetail, HubPage, HubQuery } from "../../contract/hub.ts";
import type { MachineMemory } from "../../contract/system.ts";
import { decodeCursor, pageOf } from "../../platform/database/page.ts";
import { isAppError } from "../../platform/errors.ts";
import { offline, repositoryOf } from "../hub/index.ts";
import type { Hub, Repository, TreeFile } from "../hub/index.ts";
import { isFound, isWeightFile, parseObject } from "../models/index.ts";
import type { LocalModel, Models } from "../models/index.ts";
import { hubModel, localHubModel } from "./hub-model.ts";
import type { Surroundings } from "./hub-model.ts";

export interface Search {
  /** One Hub request a page; offline, what is on this machine. */
  search(query: HubQuery, signal: AbortSignal): Promise<HubPage>;
  /** One model with exact sizes. @throws AppError of the Hub; `offline` for what is not on this machine. */
  detail(model: string, revision: string, signal: AbortSignal): Promise<HubModelDetail>;
}

export interface SearchDependencies {
  readonly hub: Hub;
  readonly models: Pick<Models, "all" | "find" | "locate" | "files">;
  readonly downloads: { activeFor(model: string): string | null };
  readonly machine: { memory(): MachineMemory };
  readonly settings: { values(): { readonly hubAuthor: string; readonly fitContextTokens: number } };
}

export function createSearch({ hub, models, downloads, machine, settings }: SearchDependencies): Search {
  const around = (id: string, limitBytes: number): Surroundings => ({
    here: models.find(id)?.complete ?? false,
    downloadId: downloads.activeFor(id),
    limitBytes,
    contextTokens: settings.values().fitContextTokens,
  });

  return {
    async search({ query, author, sort, limit, cursor }, signal) {
      const { limitBytes } = machine.memory();
      if (hub.offline) {
        const { items, nextCursor } = localPage(models.all(), { query, author, limit, cursor });
        return {
          items: items.map((model) => localHubModel(model, around(model.id, limitBytes))),
          nextCursor,
          source: "local",
        };
      }
      // Only the Hub's search follows the default author: offline, everything that is here may be found.
      const owner = author ?? settings.values().hubAuthor;
      const page = await hub.listModels({ search: query, author: owner, sort, limit, cursor }, signal);
      const items = page.entries.map((entry) => hubModel(entry, around(entry.id, limitBytes)));
      return { items, nextCursor: page.nextCursor, source: "hub" };
    },
    async detail(model, revision, signal) {
      const { limitBytes } = machine.memory();
      if (hub.offline) return await localDetail(hub, models, model, revision, around(model, limitBytes));
      const repository = await hub.repository(model, revision, signal);
      const files = await hub.tree(repository.id, repository.sha, signal);
      const config = await configOf(hub, repository, files, signal);
      const weightBytes = sum(files.filter(({ path }) => isWeightFile(path)).map(({ sizeBytes }) => sizeBytes));
      const facts = { weightBytes, names: files.map(({ path }) => path), config };
      return {
        ...hubModel(repository, around(repository.id, limitBytes), facts),
        revision: repository.sha,
        totalBytes: sum(files.map(({ sizeBytes }) => sizeBytes)),
        files: files.map(({ path, sizeBytes, blobId }) => ({ path, sizeBytes, checksum: blobId })),
        license: repository.license,
        tags: [...repository.tags],
        url: pageOfModel(hub, repository.id),
      };
    },
  };
}

const configLimitBytes = 1024 * 1024;

/** The whole `config.json`, as the Hub's index keeps a few keys of it. A gated one is refused: then the index must do. */
async function configOf(hub: Hub, { id, sha }: Repository, files: readonly TreeFile[], signal: AbortSignal) {
  const file = files.find(({ path }) => path === "config.json");
  if (!file || file.sizeBytes > configLimitBytes) return null;
  try {
    return parseObject(await hub.text(id, sha, "config.json", signal));
  } catch (error) {
    if (isAppError(error) && (error.code === "gated_no_token" || error.code === "gated_not_accepted")) return null;
    throw error;
  }
}

interface LocalFilter {
  readonly query: string;
  readonly author: string | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

function localPage(all: readonly LocalModel[], { query, author, limit, cursor }: LocalFilter) {
  const after = decodeCursor(cursor);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all
    .filter((model) => model.source === "hub-cache" && isFound(model, words))
    .filter(({ id }) => author === undefined || author === "" || id.startsWith(`${author}/`));
  const isAfter = ({ addedAt, id }: LocalModel) =>
    after === null || addedAt < after.time || (addedAt === after.time && id < after.id);
  return pageOf(found.filter(isAfter).slice(0, limit + 1), limit, ({ addedAt, id }) => ({ time: addedAt, id }));
}

async function localDetail(
  hub: Hub,
  models: SearchDependencies["models"],
  id: string,
  revision: string,
  around: Surroundings,
): Promise<HubModelDetail> {
  const model = models.find(id);
  if (model === null || model.source !== "hub-cache") throw offline();
  const located = models.locate(id, revision);
  const files = await models.files(id, located.revision);
  return {
    ...localHubModel(model, around),
    revision: located.revision,
    totalBytes: sum(files.map(({ sizeBytes }) => sizeBytes)),
    files: files.map(({ path, sizeBytes, blobId }) => ({ path, sizeBytes, checksum: blobId ?? "" })),
    license: null,
    tags: [],
    url: pageOfModel(hub, id),
  };
}

function pageOfModel(hub: Hub, id: string): string {
  return `${hub.endpoint}/${repositoryOf(id)}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
