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
  stopping?.addEventListener("abort", onStopping, { once: true });
  return {
    signal: controller.signal,
    abort: (reason: unknown) => controller.abort(reason),
    unlink: () => {
      client.removeEventListener("abort", onLeft);
      stopping?.removeEventListener("abort", onStopping);
    },
  };
}
