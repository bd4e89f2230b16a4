import type { EngineState } from "../../contract/engines.ts";
import type { TransitionTable } from "../../platform/machine.ts";

/** design.md section 6. A failed installation goes back to where it came from: the previous environment stays. */
export const engineTransitions = {
  absent: ["installing"],
  installing: ["installed", "absent", "broken"],
  installed: ["updating", "absent", "broken"],
  updating: ["installed", "broken"],
  broken: ["installing", "absent"],
  unsupported: [],
} as const satisfies TransitionTable<EngineState>;

export interface EngineSituation {
  readonly isSupported: boolean;
  readonly isJobActive: boolean;
  /** An environment is current, and its folder is whole. */
  readonly isCurrentWhole: boolean;
  readonly hasCurrent: boolean;
}

/** The state as it follows from what is so: nothing about an environment is remembered that a look can tell. */
export function engineState({ isSupported, isJobActive, isCurrentWhole, hasCurrent }: EngineSituation): EngineState {
  if (!isSupported) return "unsupported";
  if (isJobActive) return isCurrentWhole ? "updating" : "installing";
  if (isCurrentWhole) return "installed";
  return hasCurrent ? "broken" : "absent";
}
