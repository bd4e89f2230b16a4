/** How often a server may be restarted by itself before it is left alone. */
export interface RestartLimits {
  readonly restarts: number;
  readonly windowMs: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
}

export const usualRestartLimits: RestartLimits = {
  restarts: 5,
  windowMs: 10 * 60_000,
  firstDelayMs: 1000,
  longestDelayMs: 60_000,
};

export type RestartDecision =
  { readonly action: "restart"; readonly afterMs: number } | { readonly action: "give-up"; readonly failures: number };

/**
 * Whether to restart after a failure, and after which pause: 1, 2, 4, 8 … seconds.
 * @param failures times of the server's failures, this one included, on the same clock as `now`.
 */
export function decideRestart(failures: readonly number[], now: number, limits: RestartLimits): RestartDecision {
  const recent = failures.filter((time) => now - time < limits.windowMs).length;
  if (recent > limits.restarts) return { action: "give-up", failures: recent };
  const afterMs = Math.min(limits.firstDelayMs * 2 ** Math.max(0, recent - 1), limits.longestDelayMs);
  return { action: "restart", afterMs };
}
