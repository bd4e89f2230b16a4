import type { Profile } from "../../../contract/profiles.ts";
import type { ModelLocation } from "../units/process/engine-command.ts";
import { chooseVictims } from "./eviction.ts";
import type { Shortage } from "./eviction.ts";
import { heldBytes, placesOf } from "./scheduler-state.ts";
import type { Limits, Refusal, ServerPlan, Slot } from "./scheduler-state.ts";

/** The memory a server of a profile will take. */
export interface ForecastMemory {
  /** Everything together: what is reserved. */
  readonly bytes: number;
  readonly source: "measured" | "predicted" | "unknown";
  readonly parts: {
    readonly weights: number;
    /** Keys and values of the configured conversations. */
    readonly kv: number;
    /** The engine itself and what a step of the prompt takes. */
    readonly overhead: number;
  };
}

export type MemoryForecast = (profile: Profile, location: ModelLocation) => ForecastMemory;

/** Room for another server: bytes, and places of `maxModels`. */
export interface Room {
  readonly bytes: number;
  readonly places: number;
}

export type Verdict =
  | { readonly kind: "admit" }
  /** Enough is on its way out already. */
  | { readonly kind: "coming" }
  /** These have no work and together make room. */
  | { readonly kind: "unload"; readonly victims: readonly Slot[] }
  /** These make room once they have had their turn. */
  | { readonly kind: "contend"; readonly victims: readonly Slot[] }
  /** Only what loads at present can make room, later. */
  | { readonly kind: "later" }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/**
 * Whether a server may be started beside the others, and if not, who could go for it. Only asked by the scheduler, one
 * step after the other, and what it admits is reserved in that step: two loads never pass on the same memory.
 * @param isIdle whether a server has neither work nor anybody who waits for it.
 */
export function judge(
  plan: ServerPlan,
  slots: readonly Slot[],
  isIdle: (slot: Slot) => boolean,
  limits: Limits,
): Verdict {
  const room = roomOf(slots, limits);
  if (fits(plan, room)) return { kind: "admit" };
  const leaving = slots.filter(({ phase }) => phase === "leaving");
  const coming = withSlots(room, leaving, limits);
  if (fits(plan, coming)) return { kind: "coming" };
  const shortage = shortageOf(plan, coming);
  const unpinned = slots.filter((slot) => !slot.plan.isPinned);
  const ready = unpinned.filter(({ phase }) => phase === "ready");
  const idle = chooseVictims(shortage, ready.filter(isIdle), limits);
  if (idle !== null) return { kind: "unload", victims: idle };
  const victims = chooseVictims(shortage, ready, limits);
  if (victims !== null) return { kind: "contend", victims };
  const most = withSlots(
    coming,
    unpinned.filter(({ phase }) => phase === "ready" || phase === "loading"),
    limits,
  );
  if (fits(plan, most)) return { kind: "later" };
  return { kind: "refuse", refusal: refusalOf(plan, most, slots, limits) };
}

/** What is left beside everything that is loaded, loads, or is not gone yet. */
export function roomOf(slots: readonly Slot[], limits: Limits): Room {
  const held = slots.reduce((sum, slot) => sum + heldBytes(slot, limits), 0);
  return {
    bytes: Math.min(limits.limitBytes - held, limits.freeBytes ?? Infinity),
    places: (limits.maxModels ?? Infinity) - placesOf(slots),
  };
}

export function withSlots(room: Room, slots: readonly Slot[], limits: Pick<Limits, "footprintOf">): Room {
  return {
    bytes: room.bytes + slots.reduce((sum, slot) => sum + heldBytes(slot, limits), 0),
    places: room.places + placesOf(slots),
  };
}

export function without(room: Room, plan: ServerPlan): Room {
  return { bytes: room.bytes - plan.bytes, places: room.places - (plan.isCounted ? 1 : 0) };
}

/** What needs nothing, such as a server on another machine, fits even where too much is taken. */
export function fits(plan: ServerPlan, room: Room): boolean {
  return (plan.bytes === 0 || plan.bytes <= room.bytes) && (!plan.isCounted || room.places >= 1);
}

export function shortageOf(plan: ServerPlan, room: Room): Shortage {
  return {
    bytes: plan.bytes === 0 ? 0 : Math.max(0, plan.bytes - room.bytes),
    places: plan.isCounted ? Math.max(0, 1 - room.places) : 0,
  };
}

/** For a start that may not make anybody go. */
export function noRoomNow(plan: ServerPlan, slots: readonly Slot[], limits: Limits): Refusal {
  const living = slots.filter(({ isAdmitted }) => isAdmitted);
  return refusalFor(plan, roomOf(slots, limits), living, limits);
}

function refusalOf(plan: ServerPlan, room: Room, slots: readonly Slot[], limits: Limits): Refusal {
  const pinned = slots.filter((slot) => slot.plan.isPinned && (slot.phase === "ready" || slot.phase === "loading"));
  return refusalFor(plan, room, pinned, limits);
}

function refusalFor(plan: ServerPlan, room: Room, inTheWay: readonly Slot[], limits: Limits): Refusal {
  const holders = inTheWay
    .map((slot) => ({ key: slot.key, bytes: heldBytes(slot, limits) }))
    .sort((one, other) => other.bytes - one.bytes);
  if (fits({ ...plan, isCounted: false }, room)) return { kind: "no-place", maxModels: limits.maxModels ?? 0, holders };
  const roomBytes = Math.max(0, room.bytes);
  const { limitBytes } = limits;
  // What is larger than the whole is not helped by stopping anything.
  const isTooLarge = plan.bytes > limitBytes;
  return { kind: "no-memory", neededBytes: plan.bytes, limitBytes, roomBytes, holders: isTooLarge ? [] : holders };
}
