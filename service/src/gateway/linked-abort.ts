import { AppError } from "../platform/errors.ts";

export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Listens to nobody any more; call when the work is over. */
  unlink(): void;
}

/** One end for all that may end the work on an answer: the client's leaving, the service's stop, and our own. */
export function linkedAbort(client: AbortSignal, stopping: AbortSignal | undefined): LinkedAbort {
  const controller = new AbortController();
  const onLeft = () => controller.abort(client.reason);
  const onStopping = () =>
    controller.abort(new AppError("service_stopping", "MLX Manager is stopping. Try again in a moment."));
  if (client.aborted) onLeft();
  else if (stopping?.aborted) onStopping();
  client.addEventListener("abort", onLeft, { once: true });
  const stops = stopping === undefined ? null : stopsOf(stopping);
  stops?.add(onStopping);
  return {
    signal: controller.signal,
    abort: (reason: unknown) => controller.abort(reason),
    unlink: () => {
      client.removeEventListener("abort", onLeft);
      stops?.delete(onStopping);
    },
  };
}

/** Who wants to know of a stop. A set of our own: a signal's listeners cost a request ten times as much. */
const listening = new WeakMap<AbortSignal, Set<() => void>>();

function stopsOf(stopping: AbortSignal): Set<() => void> {
  const known = listening.get(stopping);
  if (known !== undefined) return known;
  const stops = new Set<() => void>();
  stopping.addEventListener("abort", () => stops.forEach((stop) => stop()), { once: true });
  listening.set(stopping, stops);
  return stops;
}
