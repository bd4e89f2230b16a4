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
export function limitsOf({ settings, memory, state, footprintOf }: LimitSources): Limits {
  let reading: MachineMemory | null = null;
  const read = (): MachineMemory => (reading ??= memory());
  const milliseconds = (seconds: number): number => seconds * 1000;
  return {
    footprintOf,
    maxModels: settings.maxModels,
    idleMs: idleMsOf(settings),
    queueLimit: settings.queueLimit,
    queueLimitPerModel: settings.queueLimitPerModel,
    queueDeadlineMs: milliseconds(settings.queueDeadlineSeconds),
    turnRequests: settings.swapAfterRequests,
    turnMs: milliseconds(settings.swapAfterSeconds),
    get limitBytes() {
      return Math.min(read().limitBytes, settings.memoryLimitBytes ?? Infinity);
    },
    get freeBytes() {
      const available = trustedAvailable(read());
      return available === null ? null : available - yetToTake(state, footprintOf);
    },
  };
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
