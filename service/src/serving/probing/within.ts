import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";

/** Runs work that gives up after a while. @throws AppError `engine_timeout`, or the signal's reason. */
export async function within<Result>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const seconds = Math.round(milliseconds / 1000);
  const reason = new AppError("engine_timeout", `The model did not end its answer within ${seconds} seconds.`);
  const cancel = clock.after(milliseconds, () => late.abort(reason));
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    signal.throwIfAborted();
    throw late.signal.aborted ? reason : error;
  } finally {
    cancel();
  }
}
