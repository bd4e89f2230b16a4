import type { Clock } from "../../../platform/clock.ts";
import type { PoolState, Slot, Waiter } from "./scheduler-state.ts";
import { nextWaiter } from "./turns.ts";

/** Tells requests that wait for a place where they stand. */
export interface QueueNews {
  /** Somebody came or went. */
  changed(): void;
  close(): void;
}

export interface QueueNewsOptions {
  readonly clock: Pick<Clock, "after">;
  readonly state: () => PoolState;
  /** @param place from 1 on */
  readonly tell: (id: number, place: number, length: number) => void;
}

/** A line that moves with every answer would be told more often than it is read. */
const pauseMs = 500;

export function createQueueNews({ clock, state, tell }: QueueNewsOptions): QueueNews {
  let cancel: (() => void) | null = null;
  let isDue = false;
  const tellAll = (): void => {
    const { slots, waiters, count } = state();
    for (const slot of slots.values()) {
      if (slot.phase !== "ready") continue;
      const line = lineOf(slot, waiters, count);
      line.forEach(({ id }, index) => tell(id, index + 1, line.length));
    }
  };
  const changed = (): void => {
    isDue = cancel !== null;
    if (isDue) return;
    tellAll();
    cancel = clock.after(pauseMs, () => {
      cancel = null;
      if (isDue) changed();
    });
  };
  return {
    changed,
    close() {
      cancel?.();
      cancel = null;
    },
  };
}

/** Who waits for one server, in the order in which they will get a place: clients take turns. */
export function lineOf(slot: Slot, waiters: readonly Waiter[], count: number): Waiter[] {
  const turns = new Map(slot.turns);
  const rest = new Set(waiters.filter(({ key }) => key === slot.key));
  const line: Waiter[] = [];
  while (rest.size > 0) {
    const next = nextWaiter({ ...slot, turns }, [...rest]);
    if (next === undefined) break;
    rest.delete(next);
    line.push(next);
    turns.set(next.client, count + line.length);
  }
  return line;
}
