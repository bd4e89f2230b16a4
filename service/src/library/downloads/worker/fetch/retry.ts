import type { AppError } from "../../../../platform/errors.ts";

export interface FaultFacts {
  /** No other attempt will do better. */
  readonly isFinal?: boolean;
  /** At least so long before the next attempt, because the server said so. */
  readonly waitMs?: number;
  /** What is there does not fit what the server has: the file begins anew. */
  readonly isRestart?: boolean;
  /** The server does not serve parts of this file: one connection, from the start to the end. */
  readonly isWhole?: boolean;
  /** Only the address was old: another one is asked for at once. */
  readonly isExpired?: boolean;
  /** A sign of too many connections. */
  readonly isTrouble?: boolean;
  /** The connection was reset: what lay in the buffers between the two sides is lost. */
  readonly isReset?: boolean;
}

/** One attempt to get bytes that came to nothing, and whether another may do better. */
export class TransferFault extends Error {
  override readonly name = "TransferFault";
  /** What the person is told when no attempt is left. */
  readonly failure: AppError;
  readonly facts: FaultFacts;

  constructor(failure: AppError, facts: FaultFacts = {}) {
    super(failure.message, { cause: failure.cause });
    this.failure = failure;
    this.facts = facts;
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
