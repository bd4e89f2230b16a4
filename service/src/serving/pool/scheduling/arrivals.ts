import { judge, noRoomNow } from "./admission.ts";
import { idleIn, isOpen } from "./scheduler-draft.ts";
import type { Draft } from "./scheduler-draft.ts";
import type { PoolEvent, Refusal, Slot, Waiter } from "./scheduler-state.ts";

/** A request comes. What can never be served is refused before anything is made for it. */
export function arrive(draft: Draft, waiter: Waiter): void {
  const { key, plan } = waiter;
  const slot = draft.slot(key);
  const full = hasPlace(draft, slot) ? null : fullness(draft, key);
  if (full !== null) return refuse(draft, waiter, full);
  if (slot === undefined) {
    const verdict = judge(plan, draft.all(), idleIn(draft), draft.limits);
    if (verdict.kind === "refuse") return refuse(draft, waiter, verdict.refusal);
    draft.open(key, plan, null, waiter.id);
  }
  draft.waiters = [...draft.waiters, waiter];
}

/** A server is wanted without a request. */
export function start(draft: Draft, { id, key, plan, mayEvict }: Extract<PoolEvent, { type: "start" }>): void {
  const slot = draft.slot(key);
  if (slot !== undefined) {
    draft.set(slot, { keptSince: slot.keptSince ?? draft.now, lastUsedAt: draft.now });
    return;
  }
  const slots = draft.all();
  const verdict = judge(plan, slots, idleIn(draft), draft.limits);
  if (verdict.kind === "refuse") return refuse(draft, { id, key }, verdict.refusal);
  // Others that wait have an older claim to the room that there is.
  const isCrowded = verdict.kind !== "admit" || slots.some(({ phase }) => phase === "waiting");
  if (!mayEvict && isCrowded) return refuse(draft, { id, key }, noRoomNow(plan, slots, draft.limits));
  draft.open(key, plan, draft.now, id);
}

function refuse(draft: Draft, { id, key }: Pick<Waiter, "id" | "key">, refusal: Refusal): void {
  draft.effects.push({ type: "refuse", id, key, refusal });
}

/** Whether a request would be served at once: then no queue can be too full for it. */
function hasPlace(draft: Draft, slot: Slot | undefined): boolean {
  return slot !== undefined && isOpen(draft, slot) && draft.waitersOf(slot.key).length === 0;
}

function fullness(draft: Draft, key: string): Refusal | null {
  const { queueLimit, queueLimitPerModel } = draft.limits;
  const ofModel = draft.waitersOf(key);
  const [waiting, limit, oldest] =
    ofModel.length >= queueLimitPerModel
      ? [ofModel.length, queueLimitPerModel, ofModel[0]]
      : [draft.waiters.length, queueLimit, draft.waiters[0]];
  if (waiting < limit) return null;
  // As long again as the oldest has waited is the best guess there is.
  const retryAfterMs = Math.min(60_000, Math.max(1000, draft.now - (oldest?.arrivedAt ?? draft.now)));
  return { kind: "queue-full", waiting, limit, retryAfterMs };
}
