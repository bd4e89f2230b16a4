import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Ids } from "../ids.ts";
import { beginContext } from "./context.ts";
import { pathOf, toOriginForm } from "./path.ts";

/** Answers a request whole. What it throws before the first byte is answered as an error. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Looks at every request before anything else does. @returns true when it has answered. @throws AppError to refuse */
export type DoorCheck = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

export interface FrontDoorOptions {
  readonly ids: Ids;
  readonly checks: readonly DoorCheck[];
  /** What a request has to wait for; null: it may pass at once. Never rejects. */
  readonly untilReady: (request: IncomingMessage, path: string) => Promise<void> | null;
  /** `POST` routes that are passed their requests at once, by whole paths as clients write them. */
  readonly direct: ReadonlyMap<string, Answering>;
  /** Everything else: the router of all routes, the direct ones as it matches them included. */
  readonly router: RequestListener;
  readonly onError: (error: unknown, request: IncomingMessage, response: ServerResponse) => void;
}

/**
 * Where every request comes in: its context, the checks in their order, then its route. The routes that agents ask all
 * day go past the router, whose layers cost more than the rest of what is done before an engine is asked; the checks
 * are the same.
 */
export function createFrontDoor(options: FrontDoorOptions): RequestListener {
  const { ids, checks, untilReady, direct, router, onError } = options;
  const enter = (request: IncomingMessage, response: ServerResponse, path: string): void => {
    const answering = request.method === "POST" ? direct.get(path) : undefined;
    if (answering === undefined) router(request, response);
    else answering(request, response).catch((error: unknown) => onError(error, request, response));
  };
  return (request, response) => {
    toOriginForm(request);
    const path = pathOf(request);
    const id = ids("req");
    beginContext(request, response, id);
    response.setHeader("x-request-id", id);
    try {
      for (const check of checks) if (check(request, response, path)) return;
    } catch (error) {
      onError(error, request, response);
      return;
    }
    const waiting = untilReady(request, path);
    if (waiting === null) enter(request, response, path);
    else void waiting.then(() => enter(request, response, path));
  };
}
