import type { Failure } from "../../contract/error.ts";
import type { HubModelDetail } from "../../contract/hub.ts";
import type { Clock } from "../../platform/clock.ts";
import { isAppError, toFailure } from "../../platform/errors.ts";

/** An answer with where it is from, as every reply of the search tells. */
export interface Answered<Value> {
  readonly value: Value;
  readonly source: HubModelDetail["source"];
  readonly stale: boolean;
  /** Why the Hub itself did not answer. */
  readonly problem: Failure | null;
}

export interface Asking<Value> {
  /** An earlier answer; `isFresh`: as good as a new one. */
  readonly kept: { readonly value: Value; readonly isFresh: boolean } | null;
  /** Asks the Hub; several calls at once share one request. */
  readonly ask: (signal: AbortSignal) => Promise<Value>;
  readonly signal: AbortSignal;
  /** Of the service: what goes on behind an earlier answer ends with it. */
  readonly closing: AbortSignal;
  readonly clock: Clock;
  readonly onLateFailure: (error: unknown) => void;
}

/** A person waits so long for the Hub before an earlier answer is better. */
export const slowMs = 1500;
/** For so long an answer counts as new. */
export const freshMs = 60_000;

/**
 * The Hub's answer, or the earlier one while the Hub is slow or cannot be reached; it is then refreshed behind.
 * @throws AppError where there is no earlier answer, or the Hub refuses for a reason that an earlier one would hide.
 */
export async function answerOrEarlier<Value>(asking: Asking<Value>): Promise<Answered<Value>> {
  const { kept, ask, signal, closing, clock, onLateFailure } = asking;
  if (kept?.isFresh) return { value: kept.value, source: "cache", stale: false, problem: null };
  if (kept === null) return { value: await ask(signal), source: "hub", stale: false, problem: null };
  const slow = Promise.withResolvers<"slow">();
  const cancel = clock.after(slowMs, () => slow.resolve("slow"));
  const answer = ask(signal);
  // Losing the race must not make its failure an unhandled one.
  answer.catch(() => undefined);
  try {
    const first = await Promise.race([answer.then((value) => ({ value })), slow.promise]);
    if (first !== "slow") return { value: first.value, source: "hub", stale: false, problem: null };
    ask(closing).catch(onLateFailure);
    return { value: kept.value, source: "cache", stale: true, problem: null };
  } catch (error) {
    const problem = unreachable(error);
    if (problem === null) throw error;
    return { value: kept.value, source: "cache", stale: true, problem };
  } finally {
    cancel();
  }
}

const unreachableCodes = new Set(["offline", "hub_unreachable", "rate_limited", "proxy_failed", "tls_failed"]);

/** The failure, when it only says that the Hub cannot be heard now; null for one about the question itself. */
export function unreachable(error: unknown): Failure | null {
  return isAppError(error) && unreachableCodes.has(error.code) ? toFailure(error) : null;
}
