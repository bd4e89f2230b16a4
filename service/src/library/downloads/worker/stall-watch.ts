import type { Clock } from "../../../platform/clock.ts";

/** Gives up a read that brings nothing for too long, and that read alone. */
export interface StallWatch {
  readonly signal: AbortSignal;
  /** A wait for the network begins. */
  arm(): void;
  /** It ended; the time we take ourselves does not count. */
  disarm(): void;
  isStalled(): boolean;
  /** Stops the request, stalled or not. */
  abort(): void;
  close(): void;
}

export function watchStalls(clock: Clock, stallMs: number, outer: AbortSignal): StallWatch {
  const controller = new AbortController();
  const follow = () => controller.abort(outer.reason);
  let isStalled = false;
  let cancel: (() => void) | null = null;
  if (outer.aborted) follow();
  outer.addEventListener("abort", follow, { once: true });
  const disarm = () => {
    cancel?.();
    cancel = null;
  };
  return {
    signal: controller.signal,
    arm() {
      disarm();
      cancel = clock.after(stallMs, () => {
        isStalled = true;
        controller.abort(new DOMException("No byte came for too long.", "TimeoutError"));
      });
    },
    disarm,
    isStalled: () => isStalled,
    abort: () => controller.abort(new DOMException("No longer needed.", "AbortError")),
    close() {
      disarm();
      outer.removeEventListener("abort", follow);
    },
  };
}
