import type { TransferTuning } from "../../messages.ts";
import { backOff } from "./retry.ts";
import type { TransferFault } from "./retry.ts";

/** How often one file may fail, and when it may be asked for again. Pure counting; the time is handed in. */
export interface Attempts {
  /**
   * Notes a fault and sets the time of the next request.
   * @param facts `doneBytes` of the file, `gainedBytes` of the request that failed, and when that one began.
   * @throws AppError of the fault when no attempt is left.
   */
  note(fault: TransferFault, facts: { now: number; startedAt: number; doneBytes: number; gainedBytes: number }): void;
  /** No request before. */
  notBefore(): number;
  count(): number;
}

/** A request that brought so much was a good one: the next may follow at once. */
const worthwhileBytes = 1024 * 1024;

export function createAttempts(tuning: TransferTuning, random: () => number): Attempts {
  let count = 0;
  let reached = 0;
  let lastAt = -Infinity;
  let notBefore = -Infinity;
  return {
    note({ failure, facts }, { now, startedAt, doneBytes, gainedBytes }) {
      if (facts.isFinal) throw failure;
      if (doneBytes > reached) count = 0;
      reached = Math.max(reached, doneBytes);
      if (facts.isExpired) return;
      // Requests that were out together fail together: one attempt, not as many as there are connections.
      if (startedAt >= lastAt) count += 1;
      lastAt = now;
      if (count >= tuning.attempts) throw failure;
      const own = gainedBytes >= worthwhileBytes && count <= 1 ? 0 : backOff(count, random(), tuning);
      notBefore = Math.max(notBefore, now + Math.max(facts.waitMs ?? 0, own));
    },
    notBefore: () => notBefore,
    count: () => count,
  };
}
