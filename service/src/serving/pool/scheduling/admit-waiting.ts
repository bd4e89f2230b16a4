import { fits, judge, roomOf, shortageOf, without, withSlots } from "./admission.ts";
import type { Room } from "./admission.ts";
import type { Draft } from "./scheduler-draft.ts";
import type { Contention, Slot } from "./scheduler-state.ts";
import { isTurnOver, withVictims } from "./turns.ts";

export interface Admission {
  readonly isIdle: (slot: Slot) => boolean;
  readonly unload: (slot: Slot, forKey: string) => void;
}

/**
 * Admits servers that wait, the oldest wish first. The first that has to wait for room keeps what it waits for: others
 * pass it only where its room is not touched, so that a large model is not kept out by small ones for ever.
 */
export function admitWaiting(draft: Draft, admission: Admission): void {
  let kept: { readonly key: string; readonly plan: Slot["plan"]; readonly coming: readonly Slot[] } | null = null;
  for (const { key } of wantedInOrder(draft)) {
    const slot = draft.slot(key);
    if (slot === undefined) continue;
    if (kept === null) {
      const coming = admitFirst(draft, slot, admission);
      if (coming !== null) kept = { key, plan: slot.plan, coming };
      continue;
    }
    const now = roomOf(draft.all(), draft.limits);
    const later: Room = without(withSlots(now, stillHeld(draft, kept.coming), draft.limits), kept.plan);
    if (fits(slot.plan, now) && fits(slot.plan, later)) admit(draft, slot);
  }
}

/** @returns null when it was admitted or refused, else whose room it waits for. */
function admitFirst(draft: Draft, slot: Slot, { isIdle, unload }: Admission): readonly Slot[] | null {
  const { limits, now } = draft;
  const verdict = judge(slot.plan, draft.all(), isIdle, limits);
  const leaving = () => draft.all().filter(({ phase }) => phase === "leaving");
  switch (verdict.kind) {
    case "admit":
      admit(draft, slot);
      return null;
    case "refuse":
      draft.set(slot, { phase: "leaving" });
      draft.effects.push({ type: "turn-away", key: slot.key, run: slot.run, refusal: verdict.refusal });
      draft.refuse(draft.waitersOf(slot.key), verdict.refusal);
      return null;
    case "coming":
      releaseVictims(draft, slot);
      return leaving();
    case "unload":
      draft.contention = { key: slot.key, victims: new Map() };
      for (const victim of verdict.victims) unload(victim, slot.key);
      return leaving();
    case "later":
      releaseVictims(draft, slot);
      return draft.all().filter(({ phase, plan }) => phase === "leaving" || (phase !== "waiting" && !plan.isPinned));
    case "contend": {
      const victims = keptVictims(draft, slot) ?? verdict.victims;
      const contention = withVictims(draft.contention, slot.key, victims, now);
      draft.contention = contention;
      const isRipe = victims.every(
        (victim) => victim.inFlight === 0 && (isIdle(victim) || hadTurn(draft, contention, victim)),
      );
      if (!isRipe) return [...leaving(), ...victims];
      // The room is its own from here on: who made way and has older requests comes after it.
      draft.contention = { key: slot.key, victims: new Map() };
      for (const victim of victims) unload(victim, slot.key);
      return leaving();
    }
  }
}

function admit(draft: Draft, slot: Slot): void {
  draft.set(slot, { phase: "loading", isAdmitted: true });
  if (draft.contention?.key === slot.key) draft.contention = null;
  draft.effects.push({ type: "admit", key: slot.key, run: slot.run });
}

/** Nobody has to make way any more, or nobody can: whoever was chosen goes on. */
function releaseVictims(draft: Draft, { key }: Slot): void {
  if (draft.contention?.key === key) draft.contention = { key, victims: new Map() };
}

/** Those that were chosen before, while they still do: a victim that changed with every request would never drain. */
function keptVictims(draft: Draft, slot: Slot): readonly Slot[] | null {
  if (draft.contention?.key !== slot.key) return null;
  const victims = [...draft.contention.victims.keys()].map((key) => draft.slot(key));
  const able = victims.filter((one) => one !== undefined && one.phase === "ready" && !one.plan.isPinned) as Slot[];
  if (able.length === 0 || able.length < victims.length) return null;
  const leaving = draft.all().filter(({ phase }) => phase === "leaving");
  const room = withSlots(roomOf(draft.all(), draft.limits), [...leaving, ...able], draft.limits);
  const shortage = shortageOf(slot.plan, room);
  return shortage.bytes === 0 && shortage.places === 0 ? able : null;
}

function hadTurn(draft: Draft, { victims }: Contention, slot: Slot): boolean {
  return isTurnOver(victims.get(slot.key), draft.now, draft.limits);
}

/** Servers that somebody waits for, the one that contends first. */
function wantedInOrder(draft: Draft): Slot[] {
  const since = new Map<string, number>();
  for (const { key, arrivedAt } of draft.waiters) if (!since.has(key)) since.set(key, arrivedAt);
  const wantedSince = ({ key, keptSince }: Slot) => Math.min(since.get(key) ?? Infinity, keptSince ?? Infinity);
  return draft
    .all()
    .filter((slot) => slot.phase === "waiting" && wantedSince(slot) < Infinity)
    .sort((one, other) => rank(draft, one) - rank(draft, other) || wantedSince(one) - wantedSince(other));
}

function rank(draft: Draft, { key }: Slot): number {
  return draft.contention?.key === key ? 0 : 1;
}

function stillHeld(draft: Draft, slots: readonly Slot[]): Slot[] {
  return slots.flatMap((slot) => {
    const present = draft.run(slot.key, slot.run);
    return present === undefined ? [] : [present];
  });
}
