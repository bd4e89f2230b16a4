import type { DownloadState } from "../../contract/downloads.ts";
import type { TransitionTable } from "../../platform/machine.ts";

/**
 * Steps of a download. Back to `queued`: at a restart of the service or of the worker, by resume and by retry.
 * `verifying → downloading` is the one full retry of a file whose checksum was wrong.
 */
export const downloadTransitions = {
  queued: ["planning", "downloading", "paused", "failed", "cancelled"],
  planning: ["downloading", "paused", "failed", "cancelled", "queued"],
  downloading: ["verifying", "paused", "failed", "cancelled", "queued"],
  verifying: ["downloading", "committing", "paused", "failed", "cancelled", "queued"],
  committing: ["completed", "paused", "failed", "cancelled", "queued"],
  paused: ["queued", "cancelled"],
  failed: ["queued", "cancelled"],
  completed: [],
  cancelled: [],
} as const satisfies TransitionTable<DownloadState>;

/** Neither finished nor given up: at most one of these per model and revision. */
export function isActive(state: DownloadState): boolean {
  return state !== "completed" && state !== "failed" && state !== "cancelled";
}

/** In somebody's hands right now. */
export function isRunning(state: DownloadState): boolean {
  return state === "planning" || state === "downloading" || state === "verifying" || state === "committing";
}
