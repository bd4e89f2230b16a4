import type { HealthStatus, MemoryReading } from "../../../contract/servers.ts";
import type { AppError } from "../../../platform/errors.ts";
import type { HealthMonitor } from "../supervision/health-monitor.ts";
import type { ProbeTarget } from "../supervision/probe.ts";
import type { StartProgress } from "./start-deadline.ts";

/** Where a ready unit takes requests. */
export interface UnitEndpoint extends ProbeTarget {
  readonly contextLength: number | null;
  readonly vocabularySize: number | null;
}

/**
 * One run of whatever serves a model: one child here, a cluster or a remote address in later kinds. It runs once; a
 * restart makes a new one. The supervisor owns it and is its only caller.
 */
export interface ServingUnit {
  readonly state: "idle" | "starting" | "warming" | "ready" | "ended";
  /**
   * Starts at the first call and resolves once a token has come back.
   * @throws AppError why it did not: `engine_failed`, `engine_timeout`.
   */
  ensureReady(signal: AbortSignal): Promise<UnitEndpoint>;
  /** Resolves with the reason when it ends by itself after it was ready; never when it was stopped. */
  readonly ended: Promise<AppError>;
  /**
   * Asks, waits `graceMs`, kills, and resolves when nothing of it runs. A later call may shorten the grace.
   * @throws AppError `engine_failed` when it outlives even SIGKILL.
   */
  stop(graceMs: number): Promise<void>;
  /** Whether a request could reach it now. Looked up, not remembered. */
  isRunning(): boolean;
  memory(): MemoryReading | null;
  stderrTail(): string[];
  /** A unit that learns from its requests how it is, instead of being asked for tokens when it is idle. */
  watchHealth?(report: (health: UnitHealth) => void): HealthMonitor;
}

export interface UnitHealth {
  readonly status: HealthStatus;
  readonly failureCount: number;
  /** Why no request reaches it for now; null: they do. */
  readonly error: AppError | null;
}

/** What a unit tells its owner while it runs. */
export interface UnitObserver {
  spawned(pid: number): void;
  authenticated(tokenHash: string): void;
  listening(port: number): void;
  progress(progress: StartProgress): void;
  /** Loaded; now it has to prove it with a token. */
  warming(): void;
  memory(reading: MemoryReading): void;
}
