import type { LocalEngineId } from "../../contract/engines.ts";
import type { FileLock } from "../../platform/database/file-lock.ts";
import { AppError } from "../../platform/errors.ts";
import { takeUse } from "./environment-lock.ts";
import type { Environments } from "./environments.ts";

/** Who runs from an environment. Owns the shared locks that tell other services so. */
export interface Holders {
  isHeld(id: LocalEngineId): boolean;
  /** @throws AppError `conflict` when another service changes the environment this moment. */
  hold(id: LocalEngineId): () => void;
  close(): void;
}

export function createHolders(environments: Pick<Environments, "whole" | "folder">): Holders {
  const held = new Map<LocalEngineId, Set<FileLock>>();
  return {
    isHeld: (id) => (held.get(id)?.size ?? 0) > 0,
    hold(id) {
      const current = environments.whole(id);
      const lock = current === null ? nothing() : takeUse(environments.folder(id, current.lockHash));
      if (lock === null) {
        throw new AppError("conflict", "Another service is changing the engine. Try again in a moment.");
      }
      const locks = held.get(id) ?? new Set();
      held.set(id, locks.add(lock));
      return () => {
        if (locks.delete(lock)) lock.release();
      };
    },
    close() {
      for (const lock of [...held.values()].flatMap((locks) => [...locks])) lock.release();
      held.clear();
    },
  };
}

function nothing(): FileLock {
  return { release: () => undefined };
}
