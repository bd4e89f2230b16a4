import type { RequestHandler } from "express";
import type { Clock } from "../clock.ts";

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
export function untilReady({ ready, overviews, clock }: UntilReadyOptions): RequestHandler {
  let isOver = false;
  return (request, _response, next) => {
    if (isOver || (request.method === "GET" && overviews.has(request.path))) {
      next();
      return;
    }
    void new Promise<void>((resolve) => {
      const cancel = clock.after(longestMs, resolve);
      void ready().then(() => {
        isOver = true;
        cancel();
        resolve();
      });
    }).then(() => next());
  };
}
