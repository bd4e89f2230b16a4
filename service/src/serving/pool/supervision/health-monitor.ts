import type { SettingValues } from "../../../contract/settings.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Log } from "../../../platform/log.ts";
import { judgeHealth } from "./health-policy.ts";
import type { HealthVerdict } from "./health-policy.ts";
import type { ProbeResult } from "./probe.ts";

export interface HealthMonitor {
  /** Asks for a token at once, also while requests show life: something speaks against the engine. */
  checkNow(): void;
  stop(): void;
}

export interface HealthMonitorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => Pick<
    SettingValues,
    "healthCheckIntervalSeconds" | "probeDeadlineSeconds" | "stallDeadlineSeconds"
  >;
  readonly probe: (deadlineMs: number, signal: AbortSignal) => Promise<ProbeResult>;
  /** Requests in flight and, on the monotonic clock, when the engine last showed life. */
  readonly activity: () => { readonly inFlight: number; readonly lastLifeAt: number };
  readonly report: (verdict: HealthVerdict) => void;
  /** Called once; the monitor has stopped by then. */
  readonly condemn: (reason: string) => void;
}

const secondLookMs = 1000;

/**
 * Watches one ready engine: asks for a token when it is idle or silent, takes tokens and prefill progress for life
 * while it is busy. What clients send and how it is answered plays no part: a bad request never condemns an engine.
 */
export function startHealthMonitor(options: HealthMonitorOptions): HealthMonitor {
  const { clock, log, settings, activity, report } = options;
  const stopped = new AbortController();
  let failures = 0;
  let isChecking = false;
  let cancel: () => void = () => undefined;

  const silence = (): number => clock.monotonic() - activity().lastLifeAt;
  const schedule = (milliseconds: number, isDoubted = false): void => {
    cancel = clock.after(milliseconds, () => {
      check(isDoubted).catch((error: unknown) => {
        if (stopped.signal.aborted) return;
        log.error({ error }, "health check failed");
        schedule(intervalMs());
      });
    });
  };
  const intervalMs = (): number => settings().healthCheckIntervalSeconds * 1000;

  const check = async (isDoubted: boolean): Promise<void> => {
    if (!isDoubted && activity().inFlight > 0 && silence() < intervalMs()) {
      settle({ status: "healthy", failureCount: 0, action: "none" }, "");
      return;
    }
    const probedAt = clock.monotonic();
    isChecking = true;
    const asking = options.probe(settings().probeDeadlineSeconds * 1000, stopped.signal);
    const probe = await asking.finally(() => (isChecking = false));
    if (stopped.signal.aborted) return;
    const verdict = judgeHealth({
      probe,
      inFlight: activity().inFlight,
      silentMs: silence(),
      probedMs: clock.monotonic() - probedAt,
      stallMs: settings().stallDeadlineSeconds * 1000,
      failures,
    });
    settle(verdict, probe.ok ? "" : probe.reason);
  };

  const settle = (verdict: HealthVerdict, reason: string): void => {
    failures = verdict.failureCount;
    report(verdict);
    if (verdict.action === "condemn") {
      stopped.abort();
      options.condemn(reason);
      return;
    }
    schedule(verdict.action === "again" ? Math.min(secondLookMs, intervalMs()) : intervalMs());
  };

  schedule(intervalMs());
  return {
    checkNow() {
      if (isChecking || stopped.signal.aborted) return;
      cancel();
      schedule(0, true);
    },
    stop() {
      cancel();
      stopped.abort();
    },
  };
}
