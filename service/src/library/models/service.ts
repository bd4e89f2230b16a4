import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ModelCleaning, ImportableModel, ModelUsage, ModelVerification } from "../../contract/library.ts";
import { wait } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Page } from "../../platform/database/page.ts";
import { AppError, isAbort } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import { findPlace } from "../../platform/place.ts";
import { folderOfId, listRepositories } from "./cache/cache-layout.ts";
import type { ModelFilter } from "./catalog.ts";
import { createCleaning } from "./care/cleaning.ts";
import type { StaleParts } from "./care/cleaning.ts";
import { createDeletion } from "./care/deletion.ts";
import type { Deleted } from "./care/deletion.ts";
import { createFolderWatch } from "./folder-watch.ts";
import { createImports } from "./imports.ts";
import { isAbsent } from "./json-file.ts";
import { createKeepUp, settleMs } from "./keep-up.ts";
import type { KeepUp } from "./keep-up.ts";
import { createLeases } from "./leases.ts";
import { createLibraryState } from "./library-state.ts";
import type { LibraryState } from "./library-state.ts";
import type { LocalModel, LocalRevision, LocatedModel, ModelFile } from "./local-model.ts";
import { createLooks } from "./looks.ts";
import { findRevision } from "./revisions.ts";
import { isFolderSource } from "./cache/scanned-model.ts";
import { createScanner } from "./cache/scanner.ts";
import { createSharedStore } from "./cache/shared-store.ts";
import { listSnapshot } from "./cache/snapshot-files.ts";
import { stampOfFolder, stampOfRepository } from "./cache/stamp.ts";
import type { StoredVerification } from "./store.ts";

/** The models on this machine: the Hugging Face cache, shared with every other program, and what else was given to us. */
export interface Models {
  list(filter: ModelFilter): Page<LocalModel>;
  /** Newest first. */
  all(): LocalModel[];
  find(id: string): LocalModel | null;
  /** @throws AppError `model_not_found` */
  get(id: string): LocalModel;
  /** @throws AppError `model_not_found`, `revision_not_found` */
  getRevision(id: string, revision: string): LocalRevision;
  /** @throws AppError `model_not_found`, or `revision_not_found` also for one that is not complete. */
  locate(id: string, revision: string): LocatedModel;
  /** The files of a revision, by path. @throws as `locate`, but takes incomplete ones. */
  files(id: string, revision: string): Promise<ModelFile[]>;
  /** Looks at one model's files again, or at what changed at all; publishes it. Calls while one waits share it. */
  rescan(id?: string): Promise<unknown>;
  /** Keeps the files until released; the id need not be here yet. @throws AppError `conflict` during a deletion. */
  hold(id: string, revision: string, reason: string): () => void;
  /** @throws AppError `model_in_use` with `details.reasons`, `conflict` for the built-in model. */
  remove(id: string): Promise<Deleted>;
  /** One revision and what it alone uses. @throws as `remove`, or `revision_not_found`. */
  removeRevision(id: string, revision: string): Promise<Deleted>;
  /** The last verification of a revision (`main` if none is named); null: never verified. @throws as `getRevision`. */
  verification(id: string, revision?: string): ModelVerification | null;
  keepVerification(verification: StoredVerification): void;
  /** The cheap sign of the state of the model's place, to tell later whether it has changed. */
  stampNow(id: string): Promise<string>;
  /** The same as of the last look; empty for a model that is not here. */
  stamp(id: string): string;
  /** When the Hub was last asked for the newest revision; 0: never. */
  updateCheckedAt(id: string): number;
  /** What the Hub said `main` is; null: it did not say. */
  noteUpdate(id: string, latestRevision: string | null): void;
  usage(): Promise<ModelUsage>;
  /** Models in the folders of other programs, or in the folder that is named. */
  importable(folder?: string): Promise<ImportableModel[]>;
  /** Makes a model of a plain folder, by reference. @throws AppError `invalid_request`, `conflict` */
  import(path: string, name?: string): Promise<LocalModel>;
  /** Takes a folder that we made ourselves into the library: deleting the model deletes it. @throws as `import` */
  adopt(path: string, name: string): Promise<LocalModel>;
  clean(dryRun: boolean): Promise<ModelCleaning>;
  /** Notes that the model was used. */
  touch(id: string): void;
  readonly cachePath: string;
  onSeen(listener: (id: string) => void): () => void;
  onRemoved(listener: (id: string) => void): () => void;
  /** Lists what the table remembers and begins to look; waits a moment, within which a library of usual size is read. */
  recover(): Promise<void>;
  /** Settles after the first look at everything, however it ended. */
  looked(): Promise<void>;
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
  /** Where other programs keep plain folders of models. */
  readonly importFolders?: readonly string[];
  /** Whether a download of the model is not over. */
  readonly isDownloading?: (id: string) => boolean;
  readonly staleParts?: StaleParts;
  /** The thread's entry. */
  readonly scanProgram?: string;
}

/** As long as a start may wait for the first look; the list corrects itself afterwards. */
const firstLookMs = 200;
const noStaleParts: StaleParts = { list: () => Promise.resolve([]), clean: () => Promise.resolve([]) };

export function createModels(dependencies: ModelsDependencies): Models {
  const { demoModelPath, database, events, clock, log } = dependencies;
  const { importFolders = [], isDownloading = () => false, staleParts = noStaleParts } = dependencies;
  const cachePath = resolve(dependencies.cachePath);
  const program = dependencies.scanProgram ?? findPlace().worker("library/models/worker/main");
  const state = createLibraryState({ database, events, clock });
  const store = createSharedStore(cachePath, () => clock.now());
  const leases = createLeases();
  const scanner = createScanner({ cachePath, program, clock, log });
  const onUnsettled = (id: string) => keepUp.stirred(id, settleMs);
  const looks = createLooks({ cachePath, demoModelPath, state, scanner, onUnsettled, clock, log });
  const locationOf = (id: string) => state.scanned(id)?.location ?? join(cachePath, folderOfId(id));
  const watch = createFolderWatch({ cachePath, log, stirred: (id) => keepUp.stirred(id) });
  const keepUp: KeepUp = createKeepUp({ looks, watch, locationOf, clock, log });

  const get = (id: string): LocalModel => {
    const model = state.catalog.get(id);
    if (model !== null) return model;
    throw new AppError("model_not_found", `The model ${id} is not on this machine. Download it first.`, {
      details: { model: id },
    });
  };
  const getRevision = (id: string, name: string): LocalRevision => {
    const found = findRevision(get(id).revisions, name);
    if (found !== null) return found;
    throw new AppError("revision_not_found", `The model ${id} has no revision ${name} on this machine.`, {
      details: { model: id, revision: name },
    });
  };
  const deletion = createDeletion({ cachePath, get, leases, looks, state, store, isDownloading });
  const imports = createImports({ cachePath, folders: importFolders, state });
  const cleaning = { cachePath, deletion, leases, looks, scanner, store, isDownloading, staleParts, clock, log };
  let isClosed = false;
  let firstLook: Promise<void> = Promise.resolve();

  state.onSeen((id) => watch.add(id, locationOf(id)));
  state.onRemoved((id) => watch.remove(id));

  const lookFirst = async (): Promise<void> => {
    const startedAt = clock.monotonic();
    try {
      const { read } = await looks.all();
      const milliseconds = Math.round(clock.monotonic() - startedAt);
      log.info({ models: state.catalog.all().length, read, milliseconds }, "the library is looked at");
      if (!isClosed) await keepUp.begin(state.ids());
    } catch (error) {
      if (!isAbort(error) && !isClosed) log.error({ error }, "the library cannot be looked at");
    }
  };

  return {
    cachePath,
    list: (filter) => state.catalog.list(filter),
    all: () => state.catalog.all(),
    find: (id) => state.catalog.get(id),
    get,
    getRevision,
    locate(id, name) {
      const { revision, path, complete } = getRevision(id, name);
      const known = state.scanned(id)?.revisions.find((one) => one.revision === revision);
      if (complete && known !== undefined)
        return { model: id, revision, path, weightBytes: known.weightBytes, facts: known.facts };
      throw new AppError("revision_not_found", `The files of ${id} are not complete. Download it again.`, {
        details: { model: id, revision, complete: false },
      });
    },
    files: async (id, name) => await listSnapshot(getRevision(id, name).path),
    rescan: (id) => (id === undefined ? looks.all() : looks.one(id)),
    hold(id, revision, reason) {
      if (deletion.isDeleting(id))
        throw new AppError("conflict", `The model ${id} is being deleted. Try again in a moment.`);
      return leases.take(id, revision, reason);
    },
    remove: (id) => deletion.model(id),
    removeRevision: (id, revision) => deletion.revision(id, revision),
    verification(id, name = "main") {
      const { revision } = getRevision(id, name);
      const found = state.verifications(id).find((one) => one.revision === revision);
      if (found === undefined) return null;
      const { stamp, ...verification } = found;
      return { ...verification, current: stamp === state.stamp(id) };
    },
    keepVerification: state.saveVerification,
    stamp: state.stamp,
    stampNow: async (id) => await stampOf(state, get(id)),
    updateCheckedAt: (id) => Date.parse(state.memory(id)?.updateCheckedAt ?? "") || 0,
    noteUpdate: state.noteUpdate,
    async usage() {
      const staleBytes = (await staleParts.list()).reduce((total, { bytes }) => total + bytes, 0);
      return { ...(await scanner.usage(await listRepositories(cachePath))), staleBytes, ...(await diskOf(cachePath)) };
    },
    importable: imports.importable,
    import: (path, name) => deletion.inTurn(() => imports.add(path, { name })),
    adopt: (path, name) => deletion.inTurn(() => imports.add(path, { name, source: "converted" })),
    clean: createCleaning(cleaning),
    touch: state.touch,
    onSeen: state.onSeen,
    onRemoved: state.onRemoved,
    async recover() {
      state.load(({ id, source, location }) => isFolderSource(source) || location === join(cachePath, folderOfId(id)));
      await looks.builtIn();
      firstLook = lookFirst();
      await Promise.race([firstLook, wait(clock, firstLookMs)]);
    },
    looked: () => firstLook,
    async close() {
      isClosed = true;
      const quiet = keepUp.close();
      await deletion.idle();
      await scanner.close();
      await Promise.all([quiet, firstLook]);
    },
  };
}

async function stampOf(state: LibraryState, { id, source, location }: LocalModel): Promise<string> {
  const parts = state.scanned(id)?.foreignParts ?? [];
  if (source === "hub-cache") return (await stampOfRepository(location, parts))?.text ?? "-";
  return isFolderSource(source) ? ((await stampOfFolder(location))?.text ?? "-") : "-";
}

/** Null where the disk of the cache does not tell, such as before there is a cache. */
async function diskOf(path: string): Promise<{ freeBytes: number | null; diskBytes: number | null }> {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { freeBytes: bavail * bsize, diskBytes: blocks * bsize };
  } catch (error) {
    if (isAbsent(error)) return { freeBytes: null, diskBytes: null };
    throw error;
  }
}
