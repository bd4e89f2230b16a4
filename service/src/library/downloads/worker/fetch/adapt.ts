/**
 * How many connections to receive with. One is enough where nothing throttles it; where each connection has a limit of
 * its own, the only way to find out is to open more and look.
 */
export interface AdaptState {
  readonly target: number;
  /** Where to go back to when more connections bring no more bytes. */
  readonly settled: number;
  /** Bytes per second with `settled` connections; null: not yet measured. */
  readonly base: number | null;
  readonly mode: "growing" | "steady";
  /** When the target was last changed. */
  readonly since: number;
  readonly nextProbeAt: number;
  readonly probeDelayMs: number;
}

export interface AdaptSample {
  readonly now: number;
  /** Over the last window of `adaptWindowMs`. */
  readonly bytesPerSecond: number;
  /** Connections that brought a byte in the window. */
  readonly receiving: number;
  /** Connections that are open: fewer than the target when there is not enough work for more. */
  readonly open: number;
  readonly limit: number;
  /** We ourselves let the connections wait: for checksums, or for the bandwidth limit. */
  readonly isHeldBack: boolean;
}

export const adaptWindowMs = 250;
/** Twice the connections must bring at least so much more, or they are not worth it. */
const growth = 1.25;
/** New connections need a few round trips before they show what they can do. */
const patienceMs = 1000;
const connectMs = 3000;
const firstProbeMs = 5000;
const longestProbeMs = 60_000;

export function startAdapting(now: number): AdaptState {
  return {
    ...{ target: 1, settled: 1, base: null, mode: "growing" },
    ...{ since: now, nextProbeAt: now, probeDelayMs: firstProbeMs },
  };
}

/** The state after a window. */
export function adapt(state: AdaptState, sample: AdaptSample): AdaptState {
  const { now, bytesPerSecond, receiving, open, limit, isHeldBack } = sample;
  if (state.target > limit) return settle(state, limit, now);
  // More than we can take comes already: half as many will do, and more are not tried.
  if (isHeldBack) return settle(state, now - state.since < patienceMs ? state.settled : halfOf(state.target), now);
  if (open < state.target) return state;
  if (state.mode === "steady") {
    const base = state.base === null ? bytesPerSecond : state.base * 0.7 + bytesPerSecond * 0.3;
    if (state.target >= limit || now < state.nextProbeAt) return { ...state, base };
    return grow({ ...state, base }, limit, now);
  }
  // The window counts once all of them deliver; one that never does is no reason to wait for ever.
  if (receiving < state.target && now - state.since < connectMs) return state;
  if (state.base === null || bytesPerSecond >= state.base * growth) {
    const reached = { ...state, base: bytesPerSecond, probeDelayMs: firstProbeMs };
    return state.target >= limit ? settle(reached, limit, now) : grow(reached, limit, now);
  }
  if (now - state.since < patienceMs) return state;
  return { ...settle(state, state.settled, now), probeDelayMs: Math.min(longestProbeMs, state.probeDelayMs * 2) };
}

/** The state after a 429, a reset or a stall: half as many, and no more for a while. */
export function afterTrouble(state: AdaptState, now: number): AdaptState {
  return { ...settle(state, halfOf(state.target), now), base: null };
}

function halfOf(target: number): number {
  return Math.max(1, Math.floor(target / 2));
}

function grow(state: AdaptState, limit: number, now: number): AdaptState {
  return {
    ...state,
    mode: "growing",
    settled: state.target,
    target: Math.min(limit, state.target * 2),
    since: now,
  };
}

function settle(state: AdaptState, target: number, now: number): AdaptState {
  return {
    ...state,
    ...{ target, settled: target, mode: "steady", since: now },
    nextProbeAt: now + state.probeDelayMs,
  };
}
