import type { ModelPartial } from "../../contract/models.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Events } from "../../platform/events.ts";
import { builtInId } from "./built-in.ts";
import { createCatalog } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { noFacts } from "./local-model.ts";
import type { LocalModel } from "./local-model.ts";
import { findRevision } from "./revisions.ts";
import type { ScannedModel, ScannedRevision, Stamp } from "./cache/scanned-model.ts";
import { createModelStore, unsettledStamp } from "./store.ts";
import type { ModelMemory, StoredModel, StoredVerification } from "./store.ts";

/** The one owner of what is known of the models: in memory, in the table, and told by events. */
export interface LibraryState {
  readonly catalog: Catalog;
  /** What the table remembers becomes the list, silently; only rows that `fits` accepts. */
  load(fits: (model: ScannedModel) => boolean): void;
  /** Every id that memory or table know, also of places that hold no model. */
  ids(): string[];
  scanned(id: string): ScannedModel | null;
  /** The stamp of the last look; empty before the first. */
  stamp(id: string): string;
  /** Whether the place had just changed at the last look, so that a further change may not show in its stamp. */
  isUnsettled(id: string): boolean;
  memory(id: string): ModelMemory | null;
  /** Takes a fresh look into memory and table; tells of it only when something differs. */
  accept(scanned: ScannedModel, stamp: Stamp | null): void;
  /** There is no model at the place, as of this stamp; null: not even a place. */
  forget(id: string, stamp: Stamp | null): void;
  touch(id: string): void;
  noteUpdate(id: string, latestRevision: string | null): void;
  verifications(id: string): readonly StoredVerification[];
  saveVerification(verification: StoredVerification): void;
  onSeen(listener: (id: string) => void): () => void;
  onRemoved(listener: (id: string) => void): () => void;
}

export interface LibraryStateOptions {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
}

const touchIntervalMs = 60_000;
/** Times on disk are as coarse as two seconds; a change within them would not show in the stamp. */
const settledMs = 2_500;

export function createLibraryState({ database, events, clock }: LibraryStateOptions): LibraryState {
  const store = createModelStore(database);
  const catalog = createCatalog();
  const scans = new Map<string, ScannedModel>();
  const stamps = new Map<string, string>();
  const memories = new Map<string, ModelMemory>();
  const verifications = Map.groupBy(store.verifications(), ({ model }) => model);
  const unsettled = new Set<string>();
  const seen = new Set<(id: string) => void>();
  const removed = new Set<(id: string) => void>();
  let rows: StoredModel[] | null = store.all();
  for (const { id, addedAt, usedAt, latestRevision, updateCheckedAt } of rows) {
    memories.set(id, { addedAt, usedAt, latestRevision, updateCheckedAt });
  }

  const checksOf = (id: string): StoredVerification[] => verifications.get(id) ?? [];

  /** The model as it is now known; tells of it when that differs from before. */
  const refresh = (id: string): void => {
    const scanned = scans.get(id);
    const memory = memories.get(id);
    if (scanned === undefined || memory === undefined) return;
    const before = catalog.get(id);
    const model = toLocalModel(scanned, memory, checksOf(id), stamps.get(id) ?? "");
    if (before !== null && JSON.stringify(before) === JSON.stringify(model)) return;
    catalog.set(model);
    if (before === null) for (const listener of seen) listener(id);
    events.publish("model.changed", { id });
  };

  /** @returns whether the place has been quiet long enough. A time in the future tells nothing. */
  const note = (id: string, stamp: Stamp | null): boolean => {
    const age = stamp === null ? Infinity : clock.now() - stamp.newestMs;
    const isSettled = age > settledMs || age < 0;
    if (isSettled) unsettled.delete(id);
    else unsettled.add(id);
    return isSettled;
  };

  return {
    catalog,
    load(fits) {
      for (const { id, scanned, stamp } of rows ?? []) {
        const memory = memories.get(id);
        if (scanned === null || memory === undefined || !fits(scanned)) continue;
        scans.set(id, scanned);
        stamps.set(id, stamp);
        catalog.set(toLocalModel(scanned, memory, checksOf(id), stamp));
      }
      rows = null;
    },
    ids: () => [...new Set([...stamps.keys(), ...memories.keys()])],
    scanned: (id) => scans.get(id) ?? null,
    stamp: (id) => stamps.get(id) ?? "",
    isUnsettled: (id) => unsettled.has(id),
    memory: (id) => memories.get(id) ?? null,
    accept(scanned, stamp) {
      const { id } = scanned;
      const memory = memories.get(id) ?? newMemory(scanned, clock);
      const text = stamp?.text ?? "-";
      const isSettled = note(id, stamp);
      const isSame = stamps.get(id) === text && isSettled && JSON.stringify(scans.get(id)) === JSON.stringify(scanned);
      memories.set(id, memory);
      scans.set(id, scanned);
      stamps.set(id, text);
      if (!isSame) store.save(scanned, isSettled ? text : unsettledStamp, memory);
      refresh(id);
    },
    forget(id, stamp) {
      const wasHere = catalog.get(id) !== null;
      const wasStored = memories.delete(id);
      catalog.delete(id);
      scans.delete(id);
      verifications.delete(id);
      note(id, stamp);
      if (stamp === null) stamps.delete(id);
      else stamps.set(id, stamp.text);
      if (wasStored) store.remove(id);
      if (!wasHere) return;
      for (const listener of removed) listener(id);
      events.publish("model.removed", { id });
    },
    touch(id) {
      const memory = memories.get(id);
      if (memory === undefined || catalog.get(id) === null) return;
      if (memory.usedAt !== null && clock.now() - Date.parse(memory.usedAt) < touchIntervalMs) return;
      const usedAt = timestamp(clock);
      store.touch(id, usedAt);
      memories.set(id, { ...memory, usedAt });
      refresh(id);
    },
    noteUpdate(id, latestRevision) {
      const memory = memories.get(id);
      if (memory === undefined) return;
      const updateCheckedAt = timestamp(clock);
      store.noteUpdate(id, latestRevision, updateCheckedAt);
      memories.set(id, { ...memory, latestRevision, updateCheckedAt });
      refresh(id);
    },
    verifications: checksOf,
    saveVerification(verification) {
      const { model, revision } = verification;
      if (!memories.has(model)) return;
      store.saveVerification(verification);
      verifications.set(model, [...checksOf(model).filter((one) => one.revision !== revision), verification]);
      refresh(model);
    },
    onSeen: (listener) => subscribe(seen, listener),
    onRemoved: (listener) => subscribe(removed, listener),
  };
}

function toLocalModel(
  scanned: ScannedModel,
  { addedAt, usedAt, latestRevision }: ModelMemory,
  verifications: readonly StoredVerification[],
  stamp: string,
): LocalModel {
  const { id, source, location, sizeBytes, revisions } = scanned;
  const shown = findRevision(revisions, "main") ?? null;
  const main = revisions.find(({ revision }) => revision === shown?.revision) ?? null;
  const checked = verifications.find(({ revision }) => revision === main?.revision);
  const isDamaged = checked?.result === "wrong" && checked.stamp === stamp;
  return {
    ...{ id, source, location, sizeBytes, addedAt, usedAt, latestRevision },
    demo: id === builtInId,
    weightBytes: main?.weightBytes ?? 0,
    complete: main?.complete ?? false,
    partial: partialOf(scanned, main),
    problem: scanned.problem ?? (isDamaged ? damage(checked.wrongFiles.length) : null),
    verifiedAt: checked?.result === "right" ? checked.verifiedAt : null,
    revisions: revisions.map(({ revision, refs, sizeBytes: size, complete, exclusiveBytes, path }) => ({
      ...{ revision, refs: [...refs].sort(), sizeBytes: size, complete, exclusiveBytes, path },
    })),
    facts: main?.facts ?? noFacts,
  };
}

function partialOf({ foreignBytes }: ScannedModel, main: ScannedRevision | null): ModelPartial | null {
  if (main !== null && main.missing === null) {
    return foreignBytes === 0 ? null : { missingFiles: 0, missingBytes: 0, foreignBytes };
  }
  return { missingFiles: main?.missing?.files ?? null, missingBytes: main?.missing?.bytes ?? null, foreignBytes };
}

function damage(files: number): string {
  return `${files === 1 ? "One file is" : `${files} files are`} damaged or missing. Repair the model.`;
}

/** Models that were here before us keep the age of their files. */
function newMemory({ revisions }: ScannedModel, clock: Clock): ModelMemory {
  const oldest = Math.min(...revisions.map(({ modifiedMs }) => modifiedMs).filter((time) => time > 0));
  const addedAt = Number.isFinite(oldest) ? new Date(oldest).toISOString() : timestamp(clock);
  return { addedAt, usedAt: null, latestRevision: null, updateCheckedAt: null };
}

function subscribe(listeners: Set<(id: string) => void>, listener: (id: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
