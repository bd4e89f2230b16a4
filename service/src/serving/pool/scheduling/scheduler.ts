import { judge } from "./admission.ts";
import { admitWaiting } from "./admit-waiting.ts";
import { arrive, start } from "./arrivals.ts";
import { expiresAt, overload, relieve } from "./eviction.ts";
import { draftOf, idleIn, isOpen } from "./scheduler-draft.ts";
import type { Draft } from "./scheduler-draft.ts";
import type { Limits, PoolEvent, PoolState, Slot, Step, UnloadReason, Waiter } from "./scheduler-state.ts";
import { nextWaiter } from "./turns.ts";

/**
 * What happens next in the pool: one event in, the new state and what is to be done out. Pure; `now` is the monotonic
 * clock. The run loop is its only caller and carries the effects out in their order.
 */
export function schedule(state: PoolState, event: PoolEvent, now: number, limits: Limits): Step {
  const draft = draftOf(state, now, limits);
  apply(draft, event);
  if (event.type !== "close") settle(draft);
  return draft.step();
}

/** When the scheduler has to look again although nothing happens; null: never. What is past was dealt with. */
export function nextWake(state: PoolState, now: number, limits: Limits): number | null {
  const times: number[] = [];
  for (const waiter of state.waiters)
    if (state.slots.get(waiter.key)?.phase !== "loading") times.push(waiter.queuedAt + limits.queueDeadlineMs);
  for (const slot of state.slots.values()) {
    const at = expiresAt(slot, limits);
    if (at !== null) times.push(at);
  }
  for (const turn of state.contention?.victims.values() ?? []) times.push(turn.since + limits.turnMs);
  const next = Math.min(...times.filter((time) => time > now));
  return next === Infinity ? null : next;
}

function apply(draft: Draft, event: PoolEvent): void {
  switch (event.type) {
    case "arrive":
      return arrive(draft, event.waiter);
    case "abandon":
      draft.waiters = draft.waiters.filter(({ id }) => id !== event.id);
      return;
    case "start":
      return start(draft, event);
    case "ready":
      return becomeReady(draft, draft.run(event.key, event.run));
    case "lost":
      return lose(draft, event);
    case "leaving":
      return leave(draft, draft.run(event.key, event.run), event.error);
    case "gone":
      return forget(draft, draft.run(event.key, event.run));
    case "release": {
      const slot = draft.run(event.key, event.run);
      if (slot) draft.set(slot, { inFlight: slot.inFlight - 1, lastUsedAt: draft.now });
      return;
    }
    case "configure": {
      const slot = draft.slot(event.key);
      if (slot) draft.set(slot, { plan: { ...slot.plan, ...event.plan } });
      return;
    }
    case "limits":
      return shrink(draft);
    case "tick":
      return;
    case "close":
      draft.refuse(draft.waiters, { kind: "failed", error: event.error });
      draft.contention = null;
      return;
  }
}

function becomeReady(draft: Draft, slot: Slot | undefined): void {
  if (slot?.phase !== "loading") return;
  draft.set(slot, { phase: "ready", lastUsedAt: draft.now });
  draft.waiters = draft.waiters.map((waiter) =>
    waiter.key === slot.key ? { ...waiter, queuedAt: draft.now } : waiter,
  );
}

function lose(draft: Draft, { run, waiter, isLeaving }: Extract<PoolEvent, { type: "lost" }>): void {
  // Back to its place in the order of arrival.
  draft.waiters = [...draft.waiters, waiter].sort((one, other) => one.id - other.id);
  const slot = draft.run(waiter.key, run);
  if (slot === undefined) {
    if (draft.slot(waiter.key) === undefined) draft.open(waiter.key, waiter.plan, null, waiter.id);
    return;
  }
  const inFlight = slot.inFlight - 1;
  const phase = isLeaving ? "leaving" : slot.phase === "ready" ? "loading" : slot.phase;
  draft.set(slot, { inFlight, phase });
}

function leave(draft: Draft, slot: Slot | undefined, error: unknown): void {
  if (slot === undefined || slot.phase === "leaving") return;
  draft.set(slot, { phase: "leaving" });
  if (error !== null) draft.refuse(draft.waitersOf(slot.key), { kind: "failed", error });
}

/** Whoever asked while it ended gets the next server of the key, by the newest wish. */
function forget(draft: Draft, slot: Slot | undefined): void {
  if (slot === undefined) return;
  draft.remove(slot.key);
  const last = draft.waitersOf(slot.key).at(-1);
  if (last === undefined) return;
  const verdict = judge(last.plan, draft.all(), idleIn(draft), draft.limits);
  if (verdict.kind === "refuse") draft.refuse(draft.waitersOf(slot.key), verdict.refusal);
  else draft.open(slot.key, last.plan, null, last.id);
}

function shrink(draft: Draft): void {
  const idle = draft.all().filter((slot) => slot.phase === "ready" && !slot.plan.isPinned && idleIn(draft)(slot));
  const victims = relieve(overload(draft.all(), draft.limits), idle, draft.limits);
  for (const slot of victims) unload(draft, slot, { kind: "room", for: null });
}

function settle(draft: Draft): void {
  dropContention(draft);
  giveUpLate(draft);
  grantPlaces(draft);
  const before = draft.contention;
  admitWaiting(draft, {
    isIdle: idleIn(draft),
    unload: (slot, key) => unload(draft, slot, { kind: "room", for: key }),
  });
  // Who had to make way need not any more.
  if (before !== null && before !== draft.contention) grantPlaces(draft);
  for (const slot of draft.all()) {
    const at = expiresAt(slot, draft.limits);
    const idleMs = draft.now - slot.lastUsedAt;
    if (at !== null && at <= draft.now && idleIn(draft)(slot)) unload(draft, slot, { kind: "idle", idleMs });
  }
}

/** The contender may have left, or been served. */
function dropContention(draft: Draft): void {
  const { contention } = draft;
  if (contention === null) return;
  const slot = draft.slot(contention.key);
  const isWanted = slot !== undefined && (slot.keptSince !== null || draft.waitersOf(slot.key).length > 0);
  if (slot?.phase !== "waiting" || !isWanted) draft.contention = null;
}

function giveUpLate(draft: Draft): void {
  const { now, limits } = draft;
  for (const waiter of draft.waiters) {
    const waitedMs = now - waiter.queuedAt;
    if (waitedMs < limits.queueDeadlineMs || draft.slot(waiter.key)?.phase === "loading") continue;
    draft.refuse([waiter], { kind: "waited-too-long", waitedMs });
  }
}

function grantPlaces(draft: Draft): void {
  for (const { key } of draft.all()) {
    for (;;) {
      const slot = draft.slot(key);
      const waiter = slot && isOpen(draft, slot) ? nextWaiter(slot, draft.waiters) : undefined;
      if (slot === undefined || waiter === undefined) break;
      grant(draft, slot, waiter);
    }
  }
}

function grant(draft: Draft, slot: Slot, waiter: Waiter): void {
  draft.waiters = draft.waiters.filter(({ id }) => id !== waiter.id);
  const isLast = !draft.waiters.some(({ key }) => key === slot.key);
  const turns = isLast ? new Map<string, number>() : new Map(slot.turns).set(waiter.client, draft.next());
  const keepMs = waiter.keepMs ?? slot.keepMs;
  draft.set(slot, { inFlight: slot.inFlight + 1, lastUsedAt: draft.now, turns, keepMs });
  const turn = draft.contention?.victims.get(slot.key);
  if (draft.contention !== null && turn !== undefined) {
    const victims = new Map(draft.contention.victims).set(slot.key, { ...turn, grants: turn.grants + 1 });
    draft.contention = { ...draft.contention, victims };
  }
  draft.effects.push({ type: "grant", run: slot.run, waiter });
}

function unload(draft: Draft, slot: Slot, reason: UnloadReason): void {
  draft.set(slot, { phase: "leaving" });
  draft.effects.push({ type: "unload", key: slot.key, run: slot.run, reason });
}
