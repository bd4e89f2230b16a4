import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Page } from "../../platform/database/page.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import { createMailbox } from "../../platform/process/mailbox.ts";
import { builtInId, scanBuiltIn } from "./built-in.ts";
import { deleteRepository } from "./cache-delete.ts";
import { folderOfId, idOfFolder } from "./cache-layout.ts";
import { scanRepository } from "./cache-scan.ts";
import type { KnownFacts, ScannedModel } from "./cache-scan.ts";
import { createCatalog } from "./catalog.ts";
import type { ModelFilter } from "./catalog.ts";
import { isAbsent } from "./json-file.ts";
import { createLeases } from "./leases.ts";
import { noFacts } from "./local-model.ts";
import type { LocalModel, LocatedModel, ModelFacts, ModelFile } from "./local-model.ts";
import { findRevision } from "./revisions.ts";
import { createSharedStore } from "./shared-store.ts";
import { listSnapshot, statOrNull } from "./snapshot-files.ts";
import { createModelStore } from "./store.ts";

/** The models on this machine: the Hugging Face cache, shared with every other program, and the built-in one. */
export interface Models {
  list(filter: ModelFilter): Page<LocalModel>;
  /** Newest first. */
  all(): LocalModel[];
  find(id: string): LocalModel | null;
  /** @throws AppError `model_not_found` */
  get(id: string): LocalModel;
  /** @throws AppError `model_not_found`, or `revision_not_found` also for one that is not complete. */
  locate(id: string, revision: string): LocatedModel;
  /** The files of a revision, by path. @throws as `locate`, but takes incomplete ones. */
  files(id: string, revision: string): Promise<ModelFile[]>;
  /** Looks at one model's files again, or at all; publishes what changed. Calls while one waits share it. */
  rescan(id?: string): Promise<void>;
  /** Keeps the files until released; the id need not be here yet. @throws AppError `conflict` during a deletion. */
  hold(id: string, revision: string, reason: string): () => void;
  /** @throws AppError `model_in_use` with `details.reasons`, `conflict` for the built-in model. */
  remove(id: string): Promise<LocalModel>;
  /** Notes that the model was used. */
  touch(id: string): void;
  readonly cachePath: string;
  onSeen(listener: (id: string) => void): () => void;
  onRemoved(listener: (id: string) => void): () => void;
  /** The first scan: afterwards the list is right. */
  recover(): Promise<void>;
  close(): Promise<void>;
}

export interface ModelsDependencies {
  /** The Hub cache; may not exist yet. */
  readonly cachePath: string;
  readonly demoModelPath: string;
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly log: Log;
}

const scansAtOnce = 8;
const touchIntervalMs = 60_000;

/** For a model that somebody says has changed: a later download may have added files to a commit that was here. */
const readAnew: KnownFacts = () => null;

export function createModels(dependencies: ModelsDependencies): Models {
  const { demoModelPath, database, events, clock, log } = dependencies;
  const cachePath = resolve(dependencies.cachePath);
  const store = createModelStore(database);
  const sharedStore = createSharedStore(cachePath, () => clock.now());
  const catalog = createCatalog();
  const factsOf = new Map<string, Map<string, { facts: ModelFacts; weightBytes: number }>>();
  const leases = createLeases();
  const deleting = new Set<string>();
  const mailbox = createMailbox();
  const waiting = new Map<string, Promise<void>>();
  const seen = new Set<(id: string) => void>();
  const removed = new Set<(id: string) => void>();
  let times = store.times();

  /** Takes a fresh look of one model into memory and table; tells of it only when something differs. */
  const accept = (scanned: ScannedModel): void => {
    const before = catalog.get(scanned.id);
    const kept = before ?? times.get(scanned.id) ?? null;
    const model = toLocalModel(scanned, kept?.addedAt ?? firstSeen(scanned, clock), kept?.usedAt ?? null);
    const { revisions } = scanned;
    factsOf.set(
      model.id,
      new Map(revisions.map(({ revision, facts, weightBytes }) => [revision, { facts, weightBytes }])),
    );
    if (before !== null && JSON.stringify(before) === JSON.stringify(model)) return;
    const complete = revisions.filter((revision) => revision.complete && model.source === "hub-cache");
    store.save(model, new Map(complete.map(({ revision, facts }) => [revision, facts])));
    catalog.set(model);
    if (before === null) for (const listener of seen) listener(model.id);
    events.publish("model.changed", { id: model.id });
  };

  const forget = (id: string): void => {
    const wasHere = catalog.get(id) !== null;
    catalog.delete(id);
    factsOf.delete(id);
    times.delete(id);
    store.remove(id);
    if (!wasHere) return;
    for (const listener of removed) listener(id);
    events.publish("model.removed", { id });
  };

  const scanOne = async (id: string, known: KnownFacts): Promise<void> => {
    const folder = join(cachePath, folderOfId(id));
    const scanned = id === builtInId ? await scanBuiltIn(demoModelPath) : await scanFolder(id, folder, known);
    if (scanned === null) forget(id);
    else accept(scanned);
  };

  /** One unreadable folder must not hide the others: it is logged, and the model counts as gone. */
  const scanFolder = async (id: string, folder: string, known: KnownFacts): Promise<ScannedModel | null> => {
    if (!(await statOrNull(folder))?.isDirectory()) return null;
    try {
      return await scanRepository(id, folder, known);
    } catch (error) {
      log.warn({ error, model: id }, "a model in the cache cannot be read");
      return null;
    }
  };

  const scanAll = async (): Promise<void> => {
    const ids = [builtInId, ...(await cachedIds(cachePath))];
    const queue = [...ids];
    const work = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) await scanOne(id, store.facts);
    };
    await Promise.all(Array.from({ length: scansAtOnce }, work));
    const present = new Set(ids);
    for (const id of [...catalog.all().map((model) => model.id), ...times.keys()]) if (!present.has(id)) forget(id);
    times = new Map();
  };

  const get = (id: string): LocalModel => {
    const model = catalog.get(id);
    if (model !== null) return model;
    throw new AppError("model_not_found", `The model ${id} is not on this machine. Download it first.`, {
      details: { model: id },
    });
  };

  const getRevision = (id: string, name: string) => {
    const found = findRevision(get(id).revisions, name);
    if (found !== null) return found;
    throw new AppError("revision_not_found", `The model ${id} has no revision ${name} on this machine.`, {
      details: { model: id, revision: name },
    });
  };

  return {
    cachePath,
    list: (filter) => catalog.list(filter),
    all: () => catalog.all(),
    find: (id) => catalog.get(id),
    get,
    locate(id, name) {
      const { revision, path, complete } = getRevision(id, name);
      const known = factsOf.get(id)?.get(revision);
      if (complete && known !== undefined) return { model: id, revision, path, ...known };
      throw new AppError("revision_not_found", `The files of ${id} are not complete. Download it again.`, {
        details: { model: id, revision, complete: false },
      });
    },
    files: async (id, name) => await listSnapshot(getRevision(id, name).path),
    rescan(id) {
      const key = id ?? "";
      const shared = waiting.get(key);
      if (shared !== undefined) return shared;
      const scan = mailbox.post(() => {
        // From here on a new call wants a newer look.
        waiting.delete(key);
        return id === undefined ? scanAll() : scanOne(id, readAnew);
      });
      waiting.set(key, scan);
      return scan;
    },
    hold(id, revision, reason) {
      if (deleting.has(id)) throw new AppError("conflict", `The model ${id} is being deleted. Try again in a moment.`);
      return leases.take(id, revision, reason);
    },
    remove: (id) =>
      mailbox.post(async () => {
        const model = get(id);
        if (model.source !== "hub-cache")
          throw new AppError("conflict", "This model is part of MLX Manager and cannot be deleted.");
        const reasons = leases.reasons(id);
        if (reasons.length > 0)
          throw new AppError("model_in_use", `${id} is in use. ${reasons.join(" ")} Stop that first.`, {
            details: { reasons },
          });
        deleting.add(id);
        try {
          await deleteRepository(cachePath, model.location, sharedStore);
        } finally {
          deleting.delete(id);
          // Also after a failure half-way: the list shows what is left.
          await scanOne(id, readAnew);
        }
        return model;
      }),
    touch(id) {
      const model = catalog.get(id);
      if (model === null) return;
      if (model.usedAt !== null && clock.now() - Date.parse(model.usedAt) < touchIntervalMs) return;
      const usedAt = timestamp(clock);
      store.touch(id, usedAt);
      catalog.set({ ...model, usedAt });
      events.publish("model.changed", { id });
    },
    onSeen: (listener) => subscribe(seen, listener),
    onRemoved: (listener) => subscribe(removed, listener),
    recover: () => mailbox.post(scanAll),
    close: () => mailbox.idle(),
  };
}

async function cachedIds(cachePath: string): Promise<string[]> {
  try {
    const entries = await readdir(cachePath, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .flatMap(({ name }) => idOfFolder(name) ?? []);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function toLocalModel(scanned: ScannedModel, addedAt: string, usedAt: string | null): LocalModel {
  const { id, location, sizeBytes, revisions } = scanned;
  const shown = findRevision(revisions, "main") ?? null;
  const main = revisions.find(({ revision }) => revision === shown?.revision);
  const isBuiltIn = id === builtInId;
  return {
    id,
    source: isBuiltIn ? "built-in" : "hub-cache",
    demo: isBuiltIn,
    location,
    sizeBytes,
    weightBytes: main?.weightBytes ?? 0,
    complete: main?.complete ?? false,
    revisions: revisions.map(({ revision, refs, sizeBytes: size, complete, path }) => ({
      ...{ revision, refs: [...refs].sort(), sizeBytes: size, complete, path },
    })),
    facts: main?.facts ?? noFacts,
    addedAt,
    usedAt,
  };
}

/** Models that were here before us keep the age of their files. */
function firstSeen({ revisions }: ScannedModel, clock: Clock): string {
  const oldest = Math.min(...revisions.map(({ modifiedMs }) => modifiedMs).filter((time) => time > 0));
  return Number.isFinite(oldest) ? new Date(oldest).toISOString() : timestamp(clock);
}

function subscribe(listeners: Set<(id: string) => void>, listener: (id: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
