import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../../platform/errors.ts";
import { createMailbox } from "../../../platform/process/mailbox.ts";
import { deleteRepository, deleteRevision } from "../cache/cache-delete.ts";
import type { Leases } from "../leases.ts";
import type { LibraryState } from "../library-state.ts";
import type { LocalModel } from "../local-model.ts";
import type { Looks } from "../looks.ts";
import { findRevision } from "../revisions.ts";
import type { SharedStore } from "../cache/shared-store.ts";
import { namesIn } from "../cache/snapshot-files.ts";

export interface Deleted {
  /** As it was before. */
  readonly model: LocalModel;
  /** The commit that was deleted; null: all of them. */
  readonly revision: string | null;
  readonly freedBytes: number;
}

/** Deletes models and revisions, one after the other. */
export interface Deletion {
  /** An imported model only loses its entry. @throws AppError `model_in_use`, `conflict` for the built-in model. */
  model(id: string): Promise<Deleted>;
  /** The last revision takes the model with it. @throws AppError `revision_not_found` and as `model`. */
  revision(id: string, revision: string): Promise<Deleted>;
  isDeleting(id: string): boolean;
  /** Runs in turn with deletions, so that none takes away what is looked at. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  idle(): Promise<void>;
}

export interface DeletionOptions {
  readonly cachePath: string;
  /** @throws AppError `model_not_found` */
  readonly get: (id: string) => LocalModel;
  readonly leases: Leases;
  readonly looks: Looks;
  readonly state: LibraryState;
  readonly store: SharedStore;
  /** Whether a download of the model is not over. */
  readonly isDownloading: (id: string) => boolean;
}

export function createDeletion(options: DeletionOptions): Deletion {
  const { cachePath, get, leases, looks, state, store, isDownloading } = options;
  const mailbox = createMailbox();
  const deleting = new Set<string>();

  const refuseInUse = ({ id, revisions }: LocalModel, commit: string | null): void => {
    const isMeant = (name: string) => name === commit || findRevision(revisions, name)?.revision === commit;
    const reasons = leases.reasons(id, (name) => commit === null || isMeant(name));
    if (isDownloading(id)) reasons.push("A download of it is not over.");
    if (reasons.length === 0) return;
    throw new AppError("model_in_use", `${id} is in use. ${reasons.join(" ")} Stop that first.`, {
      details: { reasons },
    });
  };

  const run = (id: string, name: string | null, work: (model: LocalModel, commit: string) => Promise<number>) =>
    mailbox.post(async (): Promise<Deleted> => {
      const model = get(id);
      const revision = name === null ? null : commitOf(model, name);
      refuseInUse(model, revision);
      deleting.add(id);
      looks.outdate(id);
      let freedBytes = 0;
      try {
        freedBytes = await work(model, revision ?? "");
      } finally {
        deleting.delete(id);
        // Also after a failure half-way: the list shows what is left.
        if (model.source === "hub-cache") await looks.one(id);
      }
      return { model, revision, freedBytes };
    });

  const dropEntry = async ({ id }: LocalModel): Promise<number> => {
    state.forget(id, null);
    return 0;
  };

  /** What we made ourselves, nobody else keeps. */
  const dropFolder = async ({ id, location, sizeBytes }: LocalModel): Promise<number> => {
    await rm(location, { recursive: true, force: true });
    state.forget(id, null);
    return sizeBytes;
  };

  const deletion: Deletion = {
    async model(id) {
      const { source } = get(id);
      if (source === "built-in")
        throw new AppError("conflict", "This model is part of MLX Manager and cannot be deleted.");
      if (source === "converted") return await run(id, null, dropFolder);
      if (source !== "hub-cache") return await run(id, null, dropEntry);
      return await run(id, null, ({ location }) => deleteRepository(cachePath, location, store));
    },
    async revision(id, name) {
      if (get(id).source !== "hub-cache") return await deletion.model(id);
      return await run(id, name, async ({ location }, commit) => {
        const freed = await deleteRevision(cachePath, location, commit, store);
        // Other programs may be at work on what is not a revision yet.
        const isEmpty = (await namesIn(join(location, "snapshots"))).length === 0;
        const isBusy = (state.scanned(id)?.foreignBytes ?? 0) > 0;
        return isEmpty && !isBusy ? freed + (await deleteRepository(cachePath, location, store)) : freed;
      });
    },
    isDeleting: (id) => deleting.has(id),
    inTurn: (work) => mailbox.post(work),
    idle: () => mailbox.idle(),
  };
  return deletion;
}

function commitOf({ id, revisions }: LocalModel, name: string): string {
  const found = findRevision(revisions, name);
  if (found !== null) return found.revision;
  throw new AppError("revision_not_found", `The model ${id} has no revision ${name} on this machine.`, {
    details: { model: id, revision: name },
  });
}
