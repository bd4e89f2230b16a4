import type { EngineState } from "../../contract/engines.ts";
import type { TransitionTable } from "../../platform/machine.ts";

/** A failed installation goes back to where it came from: the previous environment stays. */
export const engineTransitions = {
  absent: ["installing", "installed"],
  installing: ["installed", "absent", "broken"],
  installed: ["updating", "absent", "broken"],
  updating: ["installed", "broken"],
  broken: ["installing", "installed", "absent"],
  unsupported: [],
} as const satisfies TransitionTable<EngineState>;

export interface EngineSituation {
  readonly isSupported: boolean;
  readonly isInstalling: boolean;
  /** There is a row of a current environment. */
  readonly hasCurrent: boolean;
  /** Its folder is whole. */
  readonly isWhole: boolean;
}

/** The state as it follows from what is so: a look at the folder cannot be out of date, a stored state can. */
export function engineState({ isSupported, isInstalling, hasCurrent, isWhole }: EngineSituation): EngineState {
  if (!isSupported) return "unsupported";
  if (isInstalling) return isWhole ? "updating" : "installing";
  if (isWhole) return "installed";
  return hasCurrent ? "broken" : "absent";
}
