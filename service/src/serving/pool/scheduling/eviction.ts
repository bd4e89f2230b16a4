import { heldBytes, placesOf } from "./scheduler-state.ts";
import type { Limits, Slot } from "./scheduler-state.ts";

/** What has to become free. */
export interface Shortage {
  readonly bytes: number;
  readonly places: number;
}

/**
 * Which servers to unload so that the shortage is gone: those without work first, then the least recently used, and none
 * that is not needed for it. Null: all of them together are not enough.
 * @param candidates servers that may go: never pinned ones, never ones that load.
 */
export function chooseVictims(
  shortage: Shortage,
  candidates: readonly Slot[],
  limits: Pick<Limits, "footprintOf">,
): readonly Slot[] | null {
  const ordered = [...candidates].sort(
    (one, other) => workOf(one) - workOf(other) || one.lastUsedAt - other.lastUsedAt,
  );
  const taken: Slot[] = [];
  for (const slot of ordered) {
    if (isCovered(shortage, taken, limits)) break;
    taken.push(slot);
  }
  if (!isCovered(shortage, taken, limits)) return null;
  // A large one that came later may make small ones before it needless.
  return [...taken].reverse().reduce<readonly Slot[]>((kept, slot) => {
    const others = kept.filter((other) => other !== slot);
    return isCovered(shortage, others, limits) ? others : kept;
  }, taken);
}

/** What is over the limits now, if they became narrower or servers grew. */
export function overload(slots: readonly Slot[], limits: Limits): Shortage {
  const living = slots.filter(({ phase }) => phase === "loading" || phase === "ready");
  const held = living.reduce((sum, slot) => sum + heldBytes(slot, limits), 0);
  return {
    bytes: Math.max(0, held - limits.limitBytes),
    places: limits.maxModels === null ? 0 : Math.max(0, placesOf(living) - limits.maxModels),
  };
}

/** The oldest of the candidates, as many as the shortage asks for or there are. */
export function relieve(
  shortage: Shortage,
  candidates: readonly Slot[],
  limits: Pick<Limits, "footprintOf">,
): readonly Slot[] {
  if (shortage.bytes <= 0 && shortage.places <= 0) return [];
  return chooseVictims(shortage, candidates, limits) ?? candidates.filter((slot) => givesAnything(slot, limits));
}

/**
 * When an idle server goes, on the scheduler's clock; null: it stays. A client's wish counts before the profile's time
 * and the setting, but a pin is a person's word: it needs a time of its own to be unloaded.
 */
export function expiresAt(slot: Slot, limits: Pick<Limits, "idleMs">): number | null {
  if (slot.phase !== "ready" || slot.inFlight > 0) return null;
  const idleMs = idleMsOf(slot, limits);
  return idleMs === Infinity ? null : slot.lastUsedAt + idleMs;
}

function idleMsOf({ plan, keepMs }: Slot, limits: Pick<Limits, "idleMs">): number {
  if (keepMs !== null && !plan.isPinned) return keepMs;
  // There, 0 says never.
  return (plan.ttlMs ?? (plan.isPinned ? null : limits.idleMs) ?? 0) || Infinity;
}

function workOf({ inFlight }: Slot): number {
  return inFlight > 0 ? 1 : 0;
}

function isCovered(shortage: Shortage, slots: readonly Slot[], limits: Pick<Limits, "footprintOf">): boolean {
  const bytes = slots.reduce((sum, slot) => sum + heldBytes(slot, limits), 0);
  return bytes >= shortage.bytes && placesOf(slots) >= shortage.places;
}

function givesAnything(slot: Slot, limits: Pick<Limits, "footprintOf">): boolean {
  return heldBytes(slot, limits) > 0 || slot.plan.isCounted;
}
