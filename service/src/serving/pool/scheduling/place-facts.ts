import type { Clock } from "../../../platform/clock.ts";
import { expiresAt } from "./eviction.ts";
import { heldBytes } from "./scheduler-state.ts";
import type { Limits, PoolState } from "./scheduler-state.ts";

/** How a server stands in the pool. */
export interface PlaceFacts {
  pinned: boolean;
  /** Requests without a place. */
  waiting: number;
  reservedBytes: number;
  expiresAt: string | null;
}

export const noPlace: Readonly<PlaceFacts> = { pinned: false, waiting: 0, reservedBytes: 0, expiresAt: null };

/** @param run a server that is over has no place any more, though another of its key may. */
export function placeOf(
  { slots, waiters }: PoolState,
  { key, run }: { readonly key: string; readonly run: number },
  clock: Pick<Clock, "now" | "monotonic">,
  limits: Pick<Limits, "idleMs">,
): PlaceFacts {
  const slot = slots.get(key);
  if (slot?.run !== run) return noPlace;
  const at = expiresAt(slot, limits);
  // To the second: a time that trembles with the clocks is no time.
  const seconds = at === null ? null : Math.round((clock.now() + at - clock.monotonic()) / 1000);
  return {
    pinned: slot.plan.isPinned,
    waiting: waiters.filter((waiter) => waiter.key === key).length,
    reservedBytes: heldBytes(slot, { footprintOf: () => 0 }),
    expiresAt: seconds === null ? null : new Date(seconds * 1000).toISOString(),
  };
}
