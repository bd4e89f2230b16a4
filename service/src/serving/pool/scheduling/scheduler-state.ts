/** What a server of a key needs and how it may be treated. Taken from the profile when it is wanted. */
export interface ServerPlan {
  /** What is reserved of the memory while it lives. */
  readonly bytes: number;
  /** Whether it takes one of the places of `maxModels`; a remote one does not. */
  readonly isCounted: boolean;
  /** Requests at work at once. */
  readonly concurrency: number;
  readonly isPinned: boolean;
  /** Unloaded after so long without a request; 0: never; null: the profile says nothing. */
  readonly ttlMs: number | null;
}

/** `leaving`: what it held of the memory it still does. */
export type SlotPhase = "waiting" | "loading" | "ready" | "leaving";

/** The server of one profile and revision, as far as the scheduler cares. At most one for each key. */
export interface Slot {
  readonly key: string;
  /** Tells this server from an earlier one of the same key: late news of that one is ignored. */
  readonly run: number;
  readonly plan: ServerPlan;
  readonly phase: SlotPhase;
  /** Whether memory and a place are reserved for it, from its admission until nothing of it is left. */
  readonly isAdmitted: boolean;
  readonly inFlight: number;
  /** A person or the start of the service wants it, whoever asks for it. Null: requests alone do. */
  readonly keptSince: number | null;
  readonly lastUsedAt: number;
  /** How long it stays idle by the wish of the last request that had one; null: none had. */
  readonly keepMs: number | null;
  /** Each client's last turn, as long as somebody waits: the next is whose turn is longest ago. */
  readonly turns: ReadonlyMap<string, number>;
}

/** A request that has no place yet. */
export interface Waiter {
  readonly id: number;
  readonly key: string;
  readonly plan: ServerPlan;
  /** Whom it is for, so that one client cannot keep the others out. */
  readonly client: string;
  readonly arrivedAt: number;
  /** Since when its deadline runs: not while its model loads. */
  readonly queuedAt: number;
  /** How long the server is to stay idle after it; Infinity: for good. Left out: it has no wish. */
  readonly keepMs?: number | undefined;
}

/** How long a running server goes on although another model waits for its room. */
export interface Turn {
  readonly since: number;
  readonly grants: number;
}

/** The one model that waits for room which others hold, and whose room that is. */
export interface Contention {
  readonly key: string;
  readonly victims: ReadonlyMap<string, Turn>;
}

export interface PoolState {
  readonly slots: ReadonlyMap<string, Slot>;
  /** In the order in which they came. */
  readonly waiters: readonly Waiter[];
  readonly contention: Contention | null;
  /** Numbers runs and turns. */
  readonly count: number;
}

export const emptyPool: PoolState = { slots: new Map(), waiters: [], contention: null, count: 0 };

/** What the settings and the machine allow, for one step. Memory is looked up only when it is asked for. */
export interface Limits {
  readonly maxModels: number | null;
  /** What all servers may take together. */
  readonly limitBytes: number;
  /** What the machine could give besides what servers have reserved and not yet taken; null: not known, or no matter. */
  readonly freeBytes: number | null;
  /** What a server was last seen to use; 0: not seen yet. */
  readonly footprintOf: (key: string) => number;
  /** Idle time after which a server goes whose profile says nothing; null: never. */
  readonly idleMs: number | null;
  readonly queueLimit: number;
  readonly queueLimitPerModel: number;
  readonly queueDeadlineMs: number;
  /** A running server's turn while another model waits for its room: so many requests, so long. */
  readonly turnRequests: number;
  readonly turnMs: number;
}

/** Why a request gets no place. */
export type Refusal =
  | { readonly kind: "queue-full"; readonly waiting: number; readonly limit: number; readonly retryAfterMs: number }
  | { readonly kind: "waited-too-long"; readonly waitedMs: number }
  | {
      readonly kind: "no-memory";
      readonly neededBytes: number;
      readonly limitBytes: number;
      /** What could be had if everything went that may go. */
      readonly roomBytes: number;
      /** Who holds memory and would have to be stopped by a person, most first. */
      readonly holders: readonly { readonly key: string; readonly bytes: number }[];
    }
  | { readonly kind: "no-place"; readonly maxModels: number; readonly holders: readonly { readonly key: string }[] }
  | { readonly kind: "failed"; readonly error: unknown };

export type PoolEvent =
  | { readonly type: "arrive"; readonly waiter: Waiter }
  /** The client left before it had a place. */
  | { readonly type: "abandon"; readonly id: number }
  /** Wanted without a request. `mayEvict: false`: only where there is room. */
  | {
      readonly type: "start";
      readonly id: number;
      readonly key: string;
      readonly plan: ServerPlan;
      readonly mayEvict: boolean;
    }
  | { readonly type: "ready"; readonly key: string; readonly run: number }
  /** The place that was given is none: the server was lost in between. */
  | { readonly type: "lost"; readonly run: number; readonly waiter: Waiter; readonly isLeaving: boolean }
  /** It ends. With a reason, whoever waits is told; without one they wait for the next. */
  | { readonly type: "leaving"; readonly key: string; readonly run: number; readonly error: unknown }
  /** Nothing of it is left. */
  | { readonly type: "gone"; readonly key: string; readonly run: number }
  | { readonly type: "release"; readonly key: string; readonly run: number }
  /** The profile was changed while it runs. */
  | { readonly type: "configure"; readonly key: string; readonly plan: Omit<ServerPlan, "bytes" | "isCounted"> }
  /** The limits may have become narrower. */
  | { readonly type: "limits" }
  /** Time has gone by. */
  | { readonly type: "tick" }
  /** The service ends: nobody waits any more. */
  | { readonly type: "close"; readonly error: unknown };

export type UnloadReason =
  { readonly kind: "room"; readonly for: string | null } | { readonly kind: "idle"; readonly idleMs: number };

export type Effect =
  /** Make the server; it waits until it is admitted. */
  | { readonly type: "open"; readonly key: string; readonly run: number; readonly id: number }
  /** There is room for it, and it is reserved. */
  | { readonly type: "admit"; readonly key: string; readonly run: number }
  /** It will not be admitted. Its waiters are refused beside it. */
  | { readonly type: "turn-away"; readonly key: string; readonly run: number; readonly refusal: Refusal }
  | { readonly type: "unload"; readonly key: string; readonly run: number; readonly reason: UnloadReason }
  | { readonly type: "grant"; readonly run: number; readonly waiter: Waiter }
  | { readonly type: "refuse"; readonly id: number; readonly key: string; readonly refusal: Refusal };

export interface Step {
  readonly state: PoolState;
  readonly effects: readonly Effect[];
}

/** What a server takes of the memory: what was reserved, or more where it grew beyond that. */
export function heldBytes(slot: Slot, limits: Pick<Limits, "footprintOf">): number {
  return slot.isAdmitted ? Math.max(slot.plan.bytes, limits.footprintOf(slot.key)) : 0;
}

/** Places of `maxModels` that these take. */
export function placesOf(slots: readonly Slot[]): number {
  return slots.filter(({ isAdmitted, plan }) => isAdmitted && plan.isCounted).length;
}
