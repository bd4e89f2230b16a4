import type { JobState } from "../../contract/jobs.ts";
import type { TransitionTable } from "../../platform/machine.ts";

/** `running → queued` only at a restart of the service. */
export const jobTransitions = {
  queued: ["running", "cancelled", "failed"],
  running: ["succeeded", "failed", "cancelled", "queued"],
  succeeded: [],
  failed: [],
  cancelled: [],
} as const satisfies TransitionTable<JobState>;

export function isActive(state: JobState): boolean {
  return state === "queued" || state === "running";
}
