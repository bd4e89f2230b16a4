import type { Clock } from "../../../../platform/clock.ts";

export interface CircuitLimits {
  /** So many failures in a row open it. */
  readonly failures: number;
  readonly firstOpenMs: number;
  readonly longestOpenMs: number;
}

export const usualCircuit: CircuitLimits = { failures: 3, firstOpenMs: 30_000, longestOpenMs: 300_000 };

export interface CircuitFailure {
  readonly reason: string;
  /** What the other side asked for (`Retry-After`); null: nothing. */
  readonly retryAfterMs: number | null;
}

export interface CircuitView {
  readonly state: "closed" | "open" | "half-open";
  /** In a row. */
  readonly failures: number;
  readonly reason: string | null;
  /** Until it is tried again; null unless it is open. */
  readonly opensForMs: number | null;
}

/** Keeps requests from a service that fails: after some failures in a row they are refused here, until a trial works. */
export interface Circuit {
  readonly isClosed: boolean;
  view(): CircuitView;
  succeeded(): void;
  failed(failure: CircuitFailure): void;
  stop(): void;
}

/**
 * `closed` → `open` after `failures` in a row → `half-open` after `firstOpenMs`, the one moment when `tryAgain` is called
 * → `closed` when that works, else `open` for twice as long, up to `longestOpenMs`. A `Retry-After` that is longer counts
 * instead, up to the same bound.
 */
export function createCircuit(options: {
  readonly clock: Clock;
  readonly limits: CircuitLimits;
  readonly tryAgain: () => void;
  readonly changed: () => void;
}): Circuit {
  const { clock, limits, tryAgain, changed } = options;
  let state: CircuitView["state"] = "closed";
  let failures = 0;
  let reason: string | null = null;
  let openings = 0;
  let openUntil = 0;
  let isStopped = false;
  let cancel: () => void = () => undefined;

  const open = (retryAfterMs: number): void => {
    const ownMs = limits.firstOpenMs * 2 ** openings;
    const forMs = Math.min(Math.max(ownMs, retryAfterMs), limits.longestOpenMs);
    openings += 1;
    openUntil = clock.monotonic() + forMs;
    state = "open";
    cancel = clock.after(forMs, () => {
      state = "half-open";
      changed();
      tryAgain();
    });
    changed();
  };
  return {
    get isClosed() {
      return state === "closed";
    },
    view: () => ({
      ...{ state, failures, reason },
      opensForMs: state === "open" ? Math.max(0, openUntil - clock.monotonic()) : null,
    }),
    succeeded() {
      // An answer that began before it opened says nothing about now.
      if (isStopped || state === "open") return;
      const isNews = state !== "closed" || failures > 0;
      [state, failures, reason, openings] = ["closed", 0, null, 0];
      if (isNews) changed();
    },
    failed(failure) {
      if (isStopped || state === "open") return;
      failures += 1;
      ({ reason } = failure);
      if (state === "half-open" || failures >= limits.failures) open(failure.retryAfterMs ?? 0);
      else changed();
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
