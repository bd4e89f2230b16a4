import type { Dispatcher } from "undici";
import { isAppError } from "../../../../platform/errors.ts";
import type { AppError } from "../../../../platform/errors.ts";
import type { CircuitFailure } from "./circuit.ts";
import { judgeConnection, judgeStatus } from "./remote-answers.ts";

export interface CircuitWatch {
  /** Why no request may go out now; null: it may. */
  readonly refusal: () => AppError | null;
  readonly succeeded: () => void;
  readonly failed: (failure: CircuitFailure) => void;
}

/** Lets requests through while the circuit is closed and learns from how they end. A client that leaves is no failure. */
export function watchedDispatcher(inner: Dispatcher, watch: CircuitWatch): Dispatcher {
  return inner.compose((dispatch) => (options, handler) => {
    const refused = watch.refusal();
    if (refused !== null) throw refused;
    let isBad = false;
    return dispatch(options, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onRequestUpgrade: (...all) => handler.onRequestUpgrade?.(...all),
      onResponseStart(controller, status, headers, message) {
        const retryAfter = headers["retry-after"];
        const failure = judgeStatus(status, Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
        isBad = failure !== null;
        if (failure !== null) watch.failed(failure);
        handler.onResponseStart?.(controller, status, headers, message);
      },
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd(controller, trailers) {
        if (!isBad) watch.succeeded();
        handler.onResponseEnd?.(controller, trailers);
      },
      onResponseError(controller, error) {
        const failure = isBad ? null : failureOf(error);
        if (failure !== null) watch.failed(failure);
        handler.onResponseError?.(controller, error);
      },
    });
  });
}

/** The gateway ends a silent answer with an error of ours, a client that leaves and an answer that is over without. */
function failureOf(error: unknown): CircuitFailure | null {
  if (isAppError(error))
    return error.code === "engine_timeout" ? { reason: "it gave no token in time", retryAfterMs: null } : null;
  const { name } = error as { name?: unknown };
  return name === "AbortError" ? null : judgeConnection(error);
}
