import type { RequestHandler } from "express";

/** Counts the requests of the routes it is mounted on, so that a stop can let them finish. */
export interface InFlight {
  readonly handler: RequestHandler;
  count(): number;
  /** Resolves when none is left. */
  idle(): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let waiters: (() => void)[] = [];
  return {
    handler: (_request, response, next) => {
      count += 1;
      response.once("close", () => {
        count -= 1;
        if (count > 0) return;
        for (const resolve of waiters) resolve();
        waiters = [];
      });
      next();
    },
    count: () => count,
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
  };
}
