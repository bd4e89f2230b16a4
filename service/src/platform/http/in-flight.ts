import type { RequestHandler } from "express";
import type { ServerResponse } from "node:http";
import type { Answering } from "./front-door.ts";

/** Counts the requests of the routes it is mounted on, so that a stop can let them finish. */
export interface InFlight {
  readonly handler: RequestHandler;
  /** The same of a route that is asked without a router. */
  around(answering: Answering): Answering;
  count(): number;
  /** Resolves when none is left. */
  idle(): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  let waiters: (() => void)[] = [];
  const enter = (response: ServerResponse): void => {
    count += 1;
    response.once("close", () => {
      count -= 1;
      if (count > 0) return;
      for (const resolve of waiters) resolve();
      waiters = [];
    });
  };
  return {
    handler: (_request, response, next) => {
      enter(response);
      next();
    },
    around: (answering) => (request, response) => {
      enter(response);
      return answering(request, response);
    },
    count: () => count,
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
  };
}
