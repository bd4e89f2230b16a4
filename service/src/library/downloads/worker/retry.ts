import type { AppError } from "../../../platform/errors.ts";

/** One attempt to get bytes that came to nothing, and whether another may do better. */
export class TransferFault extends Error {
  override readonly name = "TransferFault";
  /** What the person is told when no attempt is left. */
  readonly failure: AppError;
  readonly isFinal: boolean;
  /** At least so long before the next attempt, because the server said so. */
  readonly waitMs: number;
  /** What is there does not fit what the server has: the file begins anew. */
  readonly isRestart: boolean;

  constructor(failure: AppError, options: { isFinal?: boolean; waitMs?: number; isRestart?: boolean } = {}) {
    super(failure.message, { cause: failure.cause });
    this.failure = failure;
    this.isFinal = options.isFinal ?? false;
    this.waitMs = options.waitMs ?? 0;
    this.isRestart = options.isRestart ?? false;
  }
}

/**
 * Milliseconds before attempt number `attempt` (the second one is 1), doubling from `firstDelayMs`.
 * @param random from 0 to 1: half of the delay is left to it, so that files cut together do not come back together.
 */
export function backOff(
  attempt: number,
  random: number,
  { firstDelayMs, longestDelayMs }: { firstDelayMs: number; longestDelayMs: number },
): number {
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1));
  return delay * (0.5 + random / 2);
}
