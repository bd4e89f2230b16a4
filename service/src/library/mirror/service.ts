import type { FileHandle } from "node:fs/promises";
import type { MirrorEntry, MirrorModel, MirrorQuery, MirrorRefs } from "../../contract/mirror.ts";
import type { Clock } from "../../platform/clock.ts";
import { decodeCursor, encodeCursor } from "../../platform/database/page.ts";
import { AppError } from "../../platform/errors.ts";
import type { LocalModel, Models } from "../models/index.ts";
import { entryNotFound, notSwitchedOn } from "./errors.ts";
import { createHolds } from "./holds.ts";
import type { HubTarget } from "./hub-paths.ts";
import { isDescribed, isNamed, isOn, readListQuery, valuesOf } from "./list-query.ts";
import { listFields, modelFields, plainFields, siblingsWithBlobs } from "./model-fields.ts";
import { openShared } from "./open-file.ts";
import { createSharedLibrary } from "./shared-library.ts";
import type { SharedLibraryDependencies } from "./shared-library.ts";
import type { SharedFile } from "./shared-files.ts";
import { namedEntries, treeEntries } from "./tree-entries.ts";

export interface MirrorPage<Item> {
  readonly items: Item[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
}

export interface OpenedFile {
  readonly handle: FileHandle;
  /** Closes it and gives the model free. */
  release(): Promise<void>;
}

/** A file by its headers; its bytes are opened apart, since `HEAD` and a condition that fails need none. */
export interface MirrorFile {
  readonly commit: string;
  readonly file: SharedFile;
  /** @throws AppError `not_found` when it has gone, `conflict` during a deletion, `queue_full` */
  open(): Promise<OpenedFile>;
}

type Target<Kind extends HubTarget["kind"]> = Extract<HubTarget, { kind: Kind }>;

/**
 * The library as a read-only Hub: complete, checked models of the cache and nothing else.
 * Every call throws AppErrors: `not_found` while sharing is off, `model_not_found`, `revision_not_found`.
 */
export interface Mirror {
  isOn(): boolean;
  list(query: MirrorQuery): Promise<MirrorPage<MirrorModel>>;
  info(target: Target<"info">, query: MirrorQuery): Promise<MirrorModel>;
  tree(target: Target<"tree">, query: MirrorQuery): Promise<MirrorPage<MirrorEntry>>;
  paths(target: Target<"paths">, paths: readonly string[], expand: boolean): Promise<MirrorEntry[]>;
  refs(target: Target<"refs">): Promise<MirrorRefs>;
  file(target: Target<"file">): Promise<MirrorFile>;
  close(): void;
}

export interface MirrorDependencies {
  readonly models: SharedLibraryDependencies["models"] & Pick<Models, "hold">;
  readonly settings: { values(): { readonly mirrorEnabled: boolean } };
  readonly provenBlobs: SharedLibraryDependencies["provenBlobs"];
  readonly clock: Clock;
}

const treePage = 1000;
const expandedTreePage = 50;
/** Each open file costs a descriptor and two buffers; clients come back after a 429. */
const openLimit = 64;

export function createMirror({ models, settings, provenBlobs, clock }: MirrorDependencies): Mirror {
  const library = createSharedLibrary({ models, provenBlobs, clock });
  const holds = createHolds({ hold: models.hold, clock });
  let openFiles = 0;

  const find = (id: string, revision: string) => {
    if (!settings.values().mirrorEnabled) throw notSwitchedOn();
    return library.find(id, revision === "HEAD" ? "main" : revision);
  };

  const open = async (id: string, commit: string, path: string, file: SharedFile): Promise<OpenedFile> => {
    if (openFiles >= openLimit)
      throw new AppError("queue_full", "Too many files are being read here at once. Try again in a moment.", {
        details: { retryAfterSeconds: 1 },
      });
    const giveFree = holds.take(id, commit);
    openFiles += 1;
    const release = (): void => {
      openFiles -= 1;
      giveFree();
    };
    let handle: FileHandle | null = null;
    try {
      handle = await openShared(models.cachePath, path, file);
      if (handle === null) {
        library.forget(id, commit);
        throw entryNotFound(file.path, commit, null);
      }
    } finally {
      if (handle === null) release();
    }
    const opened = handle;
    return {
      handle: opened,
      async release() {
        try {
          await opened.close();
        } finally {
          release();
        }
      },
    };
  };

  return {
    isOn: () => settings.values().mirrorEnabled,
    async list(query) {
      if (!settings.values().mirrorEnabled) throw notSwitchedOn();
      const question = readListQuery(query);
      const after = decodeCursor(question.cursor);
      const expand = valuesOf(query, "expand");
      const names = expand.length > 0 ? expand : namesFor(query);
      const items: MirrorModel[] = [];
      let last: { time: string; id: string } | null = null;
      const candidates = library.models().filter((model) => isNamed(model, question));
      for (const { model, time } of await inOrder(candidates, question.sort, library.modifiedAt)) {
        if (after !== null && (time > after.time || (time === after.time && model.id <= after.id))) continue;
        const revision = await describedOrNull(() => library.find(model.id, "main"));
        if (revision === null || !isDescribed(revision, question)) continue;
        if (items.length === question.limit) return { items, next: last && encodeCursor(last) };
        const shown = await modelFields(revision, names, models.cachePath);
        items.push(expand.length > 0 ? shown : { ...shown, modelId: shown.id });
        last = { time, id: model.id };
      }
      return { items, next: null };
    },
    async info({ id, revision: name }, query) {
      const revision = await find(id, name);
      const expand = valuesOf(query, "expand");
      const names = expand.length > 0 ? expand : plainFields;
      const shown = await modelFields(revision, names, models.cachePath);
      if (expand.length > 0) return shown;
      const blobs = isOn(query["blobs"]) ? { siblings: siblingsWithBlobs(revision) } : {};
      return { ...shown, modelId: shown.id, ...blobs } as MirrorModel;
    },
    async tree({ id, revision: name, path }, query) {
      const revision = await find(id, name);
      const expand = isOn(query["expand"]);
      const entries = treeEntries(revision, { path, recursive: isOn(query["recursive"]), expand });
      if (entries === null) throw entryNotFound(path, name, null);
      const [cursor] = valuesOf(query, "cursor");
      const after = decodeCursor(cursor);
      const isPast = ({ type, path: own }: MirrorEntry) =>
        after === null || type > after.time || (type === after.time && own > after.id);
      const rest = entries.filter(isPast);
      const items = rest.slice(0, expand ? expandedTreePage : treePage);
      const last = items.at(-1);
      const isMore = rest.length > items.length && last !== undefined;
      return { items, next: isMore ? encodeCursor({ time: last.type, id: last.path }) : null };
    },
    paths: async ({ id, revision }, paths, expand) => namedEntries(await find(id, revision), paths, expand),
    async refs({ id }) {
      const main = await find(id, "main");
      const all = [{ name: "main", targetCommit: main.commit }];
      for (const { revision, refs: names } of models.find(id)?.revisions ?? []) {
        const others = names.filter((name) => name !== "main");
        const isShared = others.length > 0 && (await describedOrNull(() => find(id, revision))) !== null;
        if (isShared) all.push(...others.map((name) => ({ name, targetCommit: revision })));
      }
      const isPullRequest = ({ name }: { name: string }) => name.startsWith("refs/");
      return {
        branches: all.filter((ref) => !isPullRequest(ref)).map((ref) => ({ ...ref, ref: `refs/heads/${ref.name}` })),
        ...{ tags: [], converts: [] },
        pullRequests: all.filter(isPullRequest).map((ref) => ({ ...ref, ref: ref.name })),
      };
    },
    async file({ id, revision: name, path }) {
      const revision = await find(id, name);
      const file = revision.file(path);
      if (file === null) throw entryNotFound(path, name, revision.lacks(path) ? revision.commit : null);
      return { commit: revision.commit, file, open: () => open(id, revision.commit, revision.path, file) };
    },
    close: () => holds.close(),
  };
}

function namesFor(query: MirrorQuery): string[] {
  const more = ["config", "cardData"].filter((name) => isOn(query[name]));
  return [...listFields, ...more, ...(isOn(query["full"]) ? ["siblings"] : [])];
}

/** Newest first, then by id: an order in which a cursor finds its place again though models come and go. */
async function inOrder(
  models: readonly LocalModel[],
  sort: "modified" | "added",
  modifiedAt: (model: LocalModel) => Promise<string>,
) {
  const timed = await Promise.all(
    models.map(async (model) => ({ model, time: sort === "added" ? model.addedAt : await modifiedAt(model) })),
  );
  return timed.sort((a, b) => (a.time === b.time ? (a.model.id < b.model.id ? -1 : 1) : a.time < b.time ? 1 : -1));
}

/** A model that goes, or turns out not to be whole, while the list is made is left out of it. */
async function describedOrNull<Result>(find: () => Promise<Result>): Promise<Result | null> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof AppError && ["model_not_found", "revision_not_found"].includes(error.code)) return null;
    throw error;
  }
}
