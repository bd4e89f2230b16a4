import type { HealthStatus } from "../../../contract/servers.ts";
import type { ProbeResult } from "./probe.ts";

export interface HealthObservation {
  readonly probe: ProbeResult;
  readonly inFlight: number;
  /** Time since the last token, prefill progress or begin of a request. */
  readonly silentMs: number;
  /** When the probe was sent, in the same terms: life since then outweighs a probe that failed. */
  readonly probedMs: number;
  readonly stallMs: number;
  /** Failures in a row before this one. */
  readonly failures: number;
}

export interface HealthVerdict {
  readonly status: HealthStatus;
  readonly failureCount: number;
  /** `again`: look once more at once. `condemn`: it does not come back by itself. */
  readonly action: "none" | "again" | "condemn";
}

/** One late answer may be the machine's doing (sleep, swapping); two in a row are the engine's. */
const failuresToCondemn = 2;

/**
 * What a probe says about an engine. While requests are in flight a long prefill may hold up our probe too, so a busy
 * engine is condemned only after the stall deadline without any sign of life.
 */
export function judgeHealth(observation: HealthObservation): HealthVerdict {
  const { probe, inFlight, silentMs, probedMs, stallMs, failures } = observation;
  if (probe.ok || (inFlight > 0 && silentMs < probedMs)) return { status: "healthy", failureCount: 0, action: "none" };
  const failureCount = failures + 1;
  const isBusy = inFlight > 0;
  const isLost = isBusy ? silentMs >= stallMs : failureCount >= failuresToCondemn;
  if (isLost) return { status: "unhealthy", failureCount, action: "condemn" };
  return { status: "unknown", failureCount, action: isBusy ? "none" : "again" };
}
