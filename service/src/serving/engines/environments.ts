import type { LocalEngineId } from "../../contract/engines.ts";
import { AppError } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { createCompleteReader, environmentHashes, environmentPath, removeEnvironment } from "./environment-folder.ts";
import type { Complete } from "./environment-folder.ts";
import { takeChange } from "./environment-lock.ts";
import type { EngineLock } from "./lock-file.ts";
import type { EnvironmentStore } from "./store.ts";

/** The environments of this data directory: its rows and the folders they stand for. */
export interface Environments {
  folder(id: LocalEngineId, lockHash: string): string;
  hasCurrent(id: LocalEngineId): boolean;
  /** The current one, when its folder is whole. */
  whole(id: LocalEngineId): Complete | null;
  /** A whole folder of this lock, ours or another service's. */
  find(id: LocalEngineId, lock: EngineLock): Complete | null;
  /** The newest whole one beside the current. */
  previous(id: LocalEngineId): Complete | null;
  switchTo(complete: Complete): void;
  /** Keeps the current one and the one before, for the way back; older ones go, and what a crash left. */
  sweep(id: LocalEngineId): Promise<void>;
  /** @throws AppError `conflict` when another service runs from one of them. */
  removeAll(id: LocalEngineId): Promise<void>;
}

export interface EnvironmentsDependencies {
  readonly store: EnvironmentStore;
  readonly enginesPath: string;
  readonly log: Log;
}

const kept = 2;

export function createEnvironments({ store, enginesPath, log }: EnvironmentsDependencies): Environments {
  const readComplete = createCompleteReader();
  const folder = (id: LocalEngineId, lockHash: string): string => environmentPath(enginesPath, id, lockHash);

  /** False when somebody uses or builds it, here or in another service. */
  const removeOne = async (id: LocalEngineId, lockHash: string, isWanted: () => boolean): Promise<boolean> => {
    const change = takeChange(folder(id, lockHash));
    if (change === null) return false;
    try {
      if (isWanted()) await removeEnvironment(folder(id, lockHash));
      return true;
    } finally {
      change.release();
    }
  };

  return {
    folder,
    hasCurrent: (id) => store.current(id) !== null,
    whole(id) {
      const row = store.current(id);
      return row === null ? null : readComplete(folder(id, row.lockHash), id, row.lockHash);
    },
    find(id, lock) {
      const found = readComplete(folder(id, lock.hash), id, lock.hash);
      return found?.version === lock.engineVersion ? found : null;
    },
    previous(id) {
      const others = store.all(id).filter(({ lockHash }) => lockHash !== store.current(id)?.lockHash);
      const wholes = others.map(({ lockHash }) => readComplete(folder(id, lockHash), id, lockHash));
      return wholes.find((complete) => complete !== null) ?? null;
    },
    switchTo: (complete) => store.switchTo(complete),
    async sweep(id) {
      try {
        for (const { lockHash } of store.all(id).slice(kept)) {
          if (await removeOne(id, lockHash, () => true)) store.remove(id, lockHash);
        }
        const known = new Set(store.all(id).map(({ lockHash }) => lockHash));
        for (const lockHash of await environmentHashes(enginesPath, id)) {
          const isRubbish = () => readComplete(folder(id, lockHash), id, lockHash) === null;
          if (!known.has(lockHash) && isRubbish()) await removeOne(id, lockHash, isRubbish);
        }
      } catch (error) {
        // The engine is installed all the same; the next installation tries again.
        log.warn({ error, engine: id }, "old environments could not be removed");
      }
    },
    async removeAll(id) {
      // Every lock first: a refusal in the middle would have taken the current environment already.
      const changes: { lockHash: string; release: () => void }[] = [];
      try {
        for (const { lockHash } of store.all(id)) {
          const change = takeChange(folder(id, lockHash));
          if (change === null) {
            throw new AppError("conflict", "Another service runs from this engine's folder. Stop its servers first.");
          }
          changes.push({ lockHash, release: change.release });
        }
        for (const { lockHash } of changes) {
          await removeEnvironment(folder(id, lockHash));
          store.remove(id, lockHash);
        }
      } finally {
        for (const { release } of changes) release();
      }
    },
  };
}
