import type { Contention, Limits, Slot, Turn, Waiter } from "./scheduler-state.ts";

/**
 * Whether a running server has had its turn: another model waits for its room, and it has answered so many requests or
 * gone on for so long since. From then on it takes no more, ends what it works on, and makes way.
 */
export function isTurnOver(turn: Turn | undefined, now: number, limits: Limits): boolean {
  return turn !== undefined && (turn.grants >= limits.turnRequests || now - turn.since >= limits.turnMs);
}

/** The next of those who wait for one server: the client whose last turn is longest ago, its oldest request. */
export function nextWaiter(slot: Slot, waiters: readonly Waiter[]): Waiter | undefined {
  let next: Waiter | undefined;
  for (const waiter of waiters) {
    if (waiter.key !== slot.key) continue;
    if (next === undefined || lastTurn(slot, waiter) < lastTurn(slot, next)) next = waiter;
  }
  return next;
}

/** The contention with other victims: who is among them already keeps what it has had of its turn. */
export function withVictims(
  contention: Contention | null,
  key: string,
  victims: readonly Slot[],
  now: number,
): Contention {
  const before = contention?.key === key ? contention.victims : new Map<string, Turn>();
  return {
    key,
    victims: new Map(victims.map((slot) => [slot.key, before.get(slot.key) ?? { since: now, grants: 0 }])),
  };
}

function lastTurn(slot: Slot, { client }: Waiter): number {
  return slot.turns.get(client) ?? -1;
}
