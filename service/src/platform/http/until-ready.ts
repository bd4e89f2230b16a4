import type { Clock } from "../clock.ts";
import type { FrontDoorOptions } from "./front-door.ts";

export interface UntilReadyOptions {
  /** Settles once every request can be answered truly; never rejects. */
  readonly ready: () => Promise<void>;
  /** Paths whose GET answers at once, from what is known. */
  readonly overviews: ReadonlySet<string>;
  readonly clock: Clock;
}

/** As long as a request waits: a slow disk must not put a service out of reach. */
const longestMs = 15_000;

/** Holds requests back after a start, so that nothing that is there is said to be missing. */
export function untilReady({ ready, overviews, clock }: UntilReadyOptions): FrontDoorOptions["untilReady"] {
  let isOver = false;
  return ({ method }, path) => {
    if (isOver || (method === "GET" && overviews.has(path))) return null;
    return new Promise<void>((resolve) => {
      const cancel = clock.after(longestMs, resolve);
      void ready().then(() => {
        isOver = true;
        cancel();
        resolve();
      });
    });
  };
}
