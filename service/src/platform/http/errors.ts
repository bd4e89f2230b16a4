import type { ErrorRequestHandler, Request, Response } from "express";
import { AppError, isAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { tooLarge } from "./body.ts";
import { clientLeft, contextOf } from "./context.ts";

/** Turns an error into the body of one protocol. The gateway brings its own for `/v1`. */
export type ErrorWriter = (error: AppError, requestId: string) => { status: number; body: unknown };

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

/** What Express, its body reader or our code threw, as an AppError. Unknown errors are logged whole and shown as nothing. */
export function normalizeError(error: unknown, log: Log, requestId: string): AppError {
  if (isAppError(error)) {
    if (error.code === "internal") log.error({ error, requestId }, "request failed");
    return error;
  }
  const type = (error as { type?: unknown }).type;
  if (type === "entity.too.large") return tooLarge();
  if (type === "entity.parse.failed") {
    return new AppError("invalid_request", "The body is not valid JSON.", { cause: error });
  }
  if (type === "encoding.unsupported" || type === "charset.unsupported") {
    return new AppError("unsupported_media_type", "Send the body as uncompressed UTF-8 JSON.", { cause: error });
  }
  if (type === "request.size.invalid" || type === "request.aborted" || error instanceof URIError) {
    return new AppError("invalid_request", "The request could not be read.", { cause: error });
  }
  log.error({ error, requestId }, "request failed");
  return new AppError("internal", "Internal error. See the service log.", { cause: error });
}

/** The last handler. `writerOf` picks the protocol by path. */
export function errorHandler(log: Log, writerOf: (path: string) => ErrorWriter): ErrorRequestHandler {
  return (error: unknown, request: Request, response: Response, _next) => {
    const { id } = contextOf(request);
    if (error === clientLeft || response.destroyed) {
      log.debug({ requestId: id, path: request.path }, "client left before the answer");
      return;
    }
    const known = normalizeError(error, log, id);
    if (response.headersSent) {
      // A stream writes its own error event; reaching here means it could not. A cut is better than a false end.
      log.error({ error, requestId: id }, "stream failed after its headers");
      response.destroy();
      return;
    }
    // A body that nobody read would block the next request on this connection.
    if (!request.complete) response.setHeader("connection", "close");
    const retryAfter = known.details?.["retryAfterSeconds"];
    if (typeof retryAfter === "number") response.setHeader("retry-after", String(Math.ceil(retryAfter)));
    const { status, body } = writerOf(request.path)(known, id);
    response.status(status).json(body);
  };
}
