import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Log } from "../../platform/log.ts";
import { createResponseStore } from "./store.ts";
import type { StoredResponse, StoredTurn } from "./store.ts";

/** What one API key sees: its own responses. The master key sees all. */
export interface OwnResponses {
  /** A turn that cannot be written is logged: the answer itself was given. */
  keep(stored: Omit<StoredResponse, "createdAt" | "owner">): void;
  find(id: string): StoredResponse | null;
  /** All turns up to this one, oldest first; null when one of them is missing. */
  chain(id: string): StoredTurn[] | null;
  remove(id: string): boolean;
}

/** Answers that clients go on from by their id: kept as long as the settings say, or less where they take too much room. */
export interface Responses extends OwnResponses {
  /** @param owner the id of a named API key */
  ownedBy(owner: string): OwnResponses;
  close(): void;
}

export interface ResponsesDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** Images come as text, and a client that keeps everything would fill the disk. */
  readonly settings: { values(): { readonly storedResponseDays: number; readonly storedResponseBytes: number } };
}

const dayMs = 24 * 60 * 60 * 1000;
const pruneEveryMs = 60 * 60 * 1000;
const pruneSlice = 100;

export function createResponses({ database, clock, log, settings }: ResponsesDependencies): Responses {
  const store = createResponseStore(database);
  let cancelPrune: () => void = () => undefined;

  // One slice at a time with a pause between, so that retention never holds the writer for long.
  const prune = (): void => {
    const { storedResponseDays: days, storedResponseBytes: bytes } = settings.values();
    let removed = 0;
    try {
      removed = store.deleteBefore(new Date(clock.now() - days * dayMs).toISOString(), pruneSlice);
      if (removed < pruneSlice) removed = store.deleteOver(bytes, pruneSlice);
    } catch (error) {
      // Called by a timer: thrown on, it would end the service. The next hour may fare better.
      log.error({ error }, "old responses could not be deleted");
    }
    cancelPrune = clock.after(removed === pruneSlice ? 100 : pruneEveryMs, prune);
  };
  cancelPrune = clock.after(pruneEveryMs, prune);

  const seenBy = (owner: string | null): OwnResponses => ({
    find: (id) => store.find(id, owner),
    chain: (id) => store.chain(id, owner),
    remove: (id) => store.remove(id, owner),
    keep(stored) {
      try {
        store.insert({ ...stored, owner, createdAt: timestamp(clock) });
      } catch (error) {
        log.error({ error, response: stored.id }, "a response could not be kept");
      }
    },
  });
  return { ...seenBy(null), ownedBy: seenBy, close: () => cancelPrune() };
}
