import type { Clock } from "../../platform/clock.ts";

export interface HoldsDependencies {
  readonly hold: (id: string, revision: string, reason: string) => () => void;
  readonly clock: Clock;
}

/** Leases of models while others read them. */
export interface Holds {
  /** @throws what `hold` throws while the model is being deleted. */
  take(id: string, revision: string): () => void;
  close(): void;
}

/** A pull is many requests: between two of them the model is still in use. */
const lingerMs = 5000;

/** One lease a revision, however many read it; kept for a moment after the last of them. */
export function createHolds({ hold, clock }: HoldsDependencies): Holds {
  const held = new Map<string, { readers: number; release: () => void; cancel: (() => void) | null }>();
  return {
    take(id, revision) {
      const key = `${id}@${revision}`;
      const entry = held.get(key) ?? {
        readers: 0,
        release: hold(id, revision, "Another machine is downloading it from here."),
        cancel: null,
      };
      held.set(key, entry);
      entry.cancel?.();
      entry.cancel = null;
      entry.readers += 1;
      let isDone = false;
      return () => {
        if (isDone) return;
        isDone = true;
        entry.readers -= 1;
        if (entry.readers > 0) return;
        entry.cancel = clock.after(lingerMs, () => {
          held.delete(key);
          entry.release();
        });
      };
    },
    close() {
      for (const { cancel, release } of held.values()) {
        cancel?.();
        release();
      }
      held.clear();
    },
  };
}
