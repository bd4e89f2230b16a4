import type { Clock } from "../../../../platform/clock.ts";
import type { TransferLimits } from "../../messages.ts";
import { adapt, adaptWindowMs, afterTrouble, startAdapting } from "./adapt.ts";
import { isOver, nextClaim } from "./shares.ts";
import type { Capacity, ConnectionKind, Held } from "./shares.ts";

/** The connections that all downloads of the worker share: the only place that says who may open one. */
export interface Connections {
  limit(limits: TransferLimits): void;
  /** Waits for a connection. Rejects with the signal's reason. */
  acquire(owner: object, kind: ConnectionKind, signal: AbortSignal): Promise<Connection>;
  /** How many an owner has open now. */
  heldBy(owner: object): number;
  /** A refusal, a reset or a stall: fewer from now on. */
  trouble(): void;
}

export interface Connection {
  /** Bytes that came over it; by them the number of connections is found. */
  received(bytes: number): void;
  /** We let it wait ourselves: more connections would not bring more. */
  holdBack(isHeld: boolean): void;
  /** Whether to give it back at the next good moment: others wait, or there are too many. */
  mustYield(): boolean;
  /** How many streams this owner may count on now. */
  share(): number;
  release(): void;
}

interface Open {
  readonly owner: object;
  readonly kind: ConnectionKind;
  readonly since: number;
  windowBytes: number;
  isHeld: boolean;
  /** At any time in the window. */
  wasHeld: boolean;
}

interface Waiting {
  readonly owner: object;
  readonly kind: ConnectionKind;
  readonly grant: (open: Open) => void;
}

const forgetMs = 2000;

export function createConnections(clock: Clock, initial: TransferLimits): Connections {
  let limits = initial;
  let state = startAdapting(clock.monotonic());
  let waiting: Waiting[] = [];
  const open = new Set<Open>();
  const held = new Map<object, Held>();
  let cancelWindow: (() => void) | null = null;
  let windowBegan = 0;

  const capacity = (): Capacity => ({
    connections: limits.connections,
    streams: Math.min(state.target, limits.connections),
  });
  const count = (owner: object, kind: ConnectionKind, change: 1 | -1): void => {
    const { streams, small } = held.get(owner) ?? { streams: 0, small: 0 };
    const next = kind === "stream" ? { streams: streams + change, small } : { streams, small: small + change };
    if (next.streams + next.small === 0) held.delete(owner);
    else held.set(owner, next);
  };
  const grantAll = (): void => {
    for (let claim = nextClaim(waiting, held, capacity()); claim; claim = nextClaim(waiting, held, capacity())) {
      const granted = claim as Waiting;
      waiting = waiting.filter((one) => one !== granted);
      const { owner, kind } = granted;
      const entry = { owner, kind, since: clock.monotonic(), windowBytes: 0, isHeld: false, wasHeld: false };
      open.add(entry);
      count(owner, kind, 1);
      if (kind === "stream") watch();
      granted.grant(entry);
    }
  };

  /** Looks at the streams four times a second, as long as there are any. */
  const watch = (): void => {
    if (cancelWindow) return;
    // Nothing was at work: what was learned about another time and place says nothing about now.
    if (clock.monotonic() - windowBegan > forgetMs) state = startAdapting(clock.monotonic());
    windowBegan = clock.monotonic();
    cancelWindow = clock.after(adaptWindowMs, look);
  };
  const look = (): void => {
    cancelWindow = null;
    const now = clock.monotonic();
    const streams = [...open].filter(({ kind }) => kind === "stream");
    if (streams.length === 0) return;
    const bytes = streams.reduce((sum, { windowBytes }) => sum + windowBytes, 0);
    state = adapt(state, {
      now,
      bytesPerSecond: (bytes / Math.max(1, now - windowBegan)) * 1000,
      receiving: streams.filter(({ windowBytes }) => windowBytes > 0).length,
      open: streams.length,
      limit: limits.connections,
      isHeldBack: streams.some(({ wasHeld }) => wasHeld),
    });
    for (const stream of streams) Object.assign(stream, { windowBytes: 0, wasHeld: stream.isHeld });
    watch();
    grantAll();
  };

  const handOut = (entry: Open): Connection => ({
    received: (bytes) => void (entry.windowBytes += bytes),
    holdBack(isHeld) {
      entry.isHeld = isHeld;
      entry.wasHeld ||= isHeld;
    },
    mustYield() {
      const now = clock.monotonic();
      // The youngest goes first: the oldest may be in the middle of a long run.
      const own = [...open].filter(({ owner, kind }) => owner === entry.owner && kind === entry.kind);
      return own.at(-1) === entry && isOver(entry.owner, now - entry.since, waiting, held, capacity());
    },
    share() {
      const owners = [...held.values()].filter(({ streams }) => streams > 0).length;
      return Math.max(1, Math.ceil(capacity().streams / Math.max(1, owners)));
    },
    release() {
      if (!open.delete(entry)) return;
      count(entry.owner, entry.kind, -1);
      grantAll();
    },
  });

  return {
    limit(wanted) {
      limits = wanted;
      grantAll();
    },
    acquire(owner, kind, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        const leave = () => {
          waiting = waiting.filter((one) => one !== claim);
          reject(signal.reason as Error);
        };
        const claim: Waiting = {
          ...{ owner, kind },
          grant(entry) {
            signal.removeEventListener("abort", leave);
            resolve(handOut(entry));
          },
        };
        signal.addEventListener("abort", leave, { once: true });
        waiting.push(claim);
        grantAll();
      });
    },
    heldBy(owner) {
      const { streams, small } = held.get(owner) ?? { streams: 0, small: 0 };
      return streams + small;
    },
    trouble() {
      // Streams that break together are one trouble, not as many as there are streams.
      if (clock.monotonic() - state.since >= adaptWindowMs) state = afterTrouble(state, clock.monotonic());
    },
  };
}
