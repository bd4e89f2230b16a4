import { isTurnOver } from "./turns.ts";
import type {
  Contention,
  Effect,
  Limits,
  PoolState,
  Refusal,
  ServerPlan,
  Slot,
  Step,
  Waiter,
} from "./scheduler-state.ts";

/** The state of one step while it is worked out. Slots and waiters themselves are never changed, only replaced. */
export interface Draft {
  readonly now: number;
  readonly limits: Limits;
  readonly effects: Effect[];
  contention: Contention | null;
  waiters: readonly Waiter[];
  slot(key: string): Slot | undefined;
  /** The slot if it is still that run: news of an earlier one is nobody's. */
  run(key: string, run: number): Slot | undefined;
  all(): Slot[];
  set(slot: Slot, changes: Partial<Slot>): Slot;
  open(key: string, plan: ServerPlan, keptSince: number | null, id: number): Slot;
  remove(key: string): void;
  waitersOf(key: string): Waiter[];
  /** The next number for a run or a turn. */
  next(): number;
  refuse(waiters: readonly Waiter[], refusal: Refusal): void;
  step(): Step;
}

export function draftOf(state: PoolState, now: number, limits: Limits): Draft {
  const slots = new Map(state.slots);
  let { count } = state;
  const draft: Draft = {
    ...{ now, limits, effects: [] as Effect[], contention: state.contention, waiters: state.waiters },
    slot: (key) => slots.get(key),
    run(key, run) {
      const slot = slots.get(key);
      return slot?.run === run ? slot : undefined;
    },
    all: () => [...slots.values()],
    set(slot, changes) {
      const next = { ...slot, ...changes };
      slots.set(slot.key, next);
      return next;
    },
    open(key, plan, keptSince, id) {
      const run = draft.next();
      const fixed = {
        phase: "waiting",
        isAdmitted: false,
        inFlight: 0,
        lastUsedAt: now,
        keepMs: null,
        turns: new Map<string, number>(),
      } as const;
      const slot = { key, run, plan, keptSince, ...fixed };
      slots.set(key, slot);
      draft.effects.push({ type: "open", key, run, id });
      return slot;
    },
    remove: (key) => void slots.delete(key),
    waitersOf: (key) => draft.waiters.filter((waiter) => waiter.key === key),
    next: () => (count += 1),
    refuse(waiters, refusal) {
      if (waiters.length === 0) return;
      const ids = new Set(waiters.map(({ id }) => id));
      draft.waiters = draft.waiters.filter(({ id }) => !ids.has(id));
      for (const { id, key } of waiters) draft.effects.push({ type: "refuse", id, key, refusal });
    },
    step: () => ({
      state: { slots, waiters: draft.waiters, contention: draft.contention, count },
      effects: draft.effects,
    }),
  };
  return draft;
}

/** Whether a server has neither work nor anybody who waits for it. */
export function idleIn(draft: Draft): (slot: Slot) => boolean {
  return (slot) => slot.inFlight === 0 && !draft.waiters.some(({ key }) => key === slot.key);
}

/** Whether a server takes another request now. */
export function isOpen(draft: Draft, slot: Slot): boolean {
  if (slot.phase !== "ready" || slot.inFlight >= slot.plan.concurrency) return false;
  return !isTurnOver(draft.contention?.victims.get(slot.key), draft.now, draft.limits);
}
