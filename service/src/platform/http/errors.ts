import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { systemClock } from "../clock.ts";
import type { Clock } from "../clock.ts";
import { AppError, isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { clientLeft, contextOf } from "./context.ts";
import { pathOf } from "./path.ts";

/** Turns an error into the body of one protocol. The gateway brings its own for `/v1`. */
export type ErrorWriter = (
  error: AppError,
  requestId: string,
) => { status: number; body: unknown; headers?: Readonly<Record<string, string>> };

export const writeApiError: ErrorWriter = (error, requestId) => ({
  status: error.status,
  body: {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details ? { details: error.details } : {}),
      requestId,
    },
  },
});

/** What Express or our code threw, as an AppError. Unknown errors are logged whole and shown as nothing. */
export function normalizeError(error: unknown, log: Log, requestId: string): AppError {
  if (isAppError(error)) {
    if (error.code === "internal") log.error({ error, requestId }, "request failed");
    return error;
  }
  // The router throws it for a path with a broken percent encoding.
  if (error instanceof URIError) {
    return new AppError("invalid_request", "The path could not be read.", { cause: error });
  }
  log.error({ error, requestId }, "request failed");
  return new AppError("internal", "Internal error. See the service log.", { cause: error });
}

/**
 * Answers what was thrown; never throws itself. `writerOf` picks the protocol by path, and by the headers where two
 * protocols share one.
 */
export function createErrorAnswer(
  log: Log,
  writerOf: (path: string, headers: IncomingHttpHeaders) => ErrorWriter,
  clock: Pick<Clock, "after"> = systemClock,
): (error: unknown, request: IncomingMessage, response: ServerResponse) => void {
  const answer = (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    const { id } = contextOf(request);
    const path = pathOf(request);
    if (error === clientLeft || response.destroyed) {
      log.debug({ requestId: id, path }, "client left before the answer");
      return;
    }
    const known = normalizeError(error, log, id);
    if (response.headersSent) {
      // A stream writes its own error event; reaching here means it could not. A cut is better than a false end.
      log.error({ error, requestId: id }, "stream failed after its headers");
      response.destroy();
      return;
    }
    const retryAfter = known.details?.["retryAfterSeconds"];
    if (typeof retryAfter === "number") response.setHeader("retry-after", String(Math.ceil(retryAfter)));
    const { status, body, headers = {} } = writerOf(path, request.headers)(known, id);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    // A stream may have announced another type before it failed.
    response.setHeader("content-type", "application/json; charset=utf-8");
    response.statusCode = status;
    endRefused(request, response, JSON.stringify(body), clock);
  };
  return (error, request, response) => {
    try {
      answer(error, request, response);
    } catch (failure) {
      // Whoever calls has nobody left to tell.
      log.error({ error: failure, cause: error }, "an error could not be answered");
      response.destroy();
    }
  };
}

/** How long the rest of a refused body is read away from a connection that is to close. */
const lingerMs = 5000;

/**
 * Ends an answer whose request may still be on its way. A body that nobody read would block the next request of the
 * connection; and closing one before its client has sent everything resets it, often before the answer was seen.
 */
function endRefused(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  clock: Pick<Clock, "after">,
): void {
  request.resume();
  if (request.complete || response.shouldKeepAlive) return void response.end(text);
  response.setHeader("content-length", Buffer.byteLength(text));
  response.write(text);
  const end = (): void => {
    cancel();
    response.end();
  };
  const cancel = clock.after(lingerMs, end);
  request.once("close", end);
}
