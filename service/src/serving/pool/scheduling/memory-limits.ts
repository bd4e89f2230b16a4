import type { SettingValues } from "../../../contract/settings.ts";
import type { MachineMemory } from "../../../contract/system.ts";
import { heldBytes } from "./scheduler-state.ts";
import type { Limits, PoolState } from "./scheduler-state.ts";

export interface LimitSources {
  readonly settings: SettingValues;
  /** Reads the machine; costs more than a request may, so it is asked only when somebody wants to load. */
  readonly memory: () => MachineMemory;
  readonly state: PoolState;
  readonly footprintOf: (key: string) => number;
}

/** The limits of one step. */
export function limitsOf(sources: LimitSources): Limits {
  return new StepLimits(sources);
}

/** A class, since several are made for every request: getters of a plain object cost ten times as much to make. */
class StepLimits implements Limits {
  readonly footprintOf: Limits["footprintOf"];
  readonly maxModels: number | null;
  readonly idleMs: number | null;
  readonly queueLimit: number;
  readonly queueLimitPerModel: number;
  readonly queueDeadlineMs: number;
  readonly turnRequests: number;
  readonly turnMs: number;
  readonly #sources: LimitSources;
  #reading: MachineMemory | null = null;

  constructor(sources: LimitSources) {
    const { settings, footprintOf } = sources;
    this.#sources = sources;
    this.footprintOf = footprintOf;
    this.maxModels = settings.maxModels;
    this.idleMs = idleMsOf(settings);
    this.queueLimit = settings.queueLimit;
    this.queueLimitPerModel = settings.queueLimitPerModel;
    this.queueDeadlineMs = settings.queueDeadlineSeconds * 1000;
    this.turnRequests = settings.swapAfterRequests;
    this.turnMs = settings.swapAfterSeconds * 1000;
  }

  get limitBytes(): number {
    return Math.min(this.#memory().limitBytes, this.#sources.settings.memoryLimitBytes ?? Infinity);
  }

  get freeBytes(): number | null {
    const available = trustedAvailable(this.#memory());
    return available === null ? null : available - yetToTake(this.#sources.state, this.footprintOf);
  }

  #memory(): MachineMemory {
    return (this.#reading ??= this.#sources.memory());
  }
}

/** 0 seconds means never. */
export function idleMsOf({ idleUnloadSeconds }: Pick<SettingValues, "idleUnloadSeconds">): number | null {
  return idleUnloadSeconds === 0 ? null : idleUnloadSeconds * 1000;
}

/**
 * What the machine says is available, where it means what can be had. macOS compresses and moves what others hold, so
 * its figure counts only when it says itself that memory is short.
 */
export function trustedAvailable({ availableBytes, method, pressure }: MachineMemory): number | null {
  return method.startsWith("MemAvailable") || pressure === "critical" ? availableBytes : null;
}

/** What servers have reserved and not taken yet. */
function yetToTake(state: PoolState, footprintOf: (key: string) => number): number {
  let bytes = 0;
  for (const slot of state.slots.values()) {
    if (slot.phase === "loading" || slot.phase === "ready")
      bytes += heldBytes(slot, { footprintOf }) - footprintOf(slot.key);
  }
  return bytes;
}
