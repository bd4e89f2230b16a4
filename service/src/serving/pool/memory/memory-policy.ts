import type { MachineMemory } from "../../../contract/system.ts";

const mebibyte = 1024 * 1024;

/** How much of its machine an engine may take before it is shown, and before it is stopped. Explained in supervision/design.md. */
export const memoryRules = {
  /** A server is over its forecast when it takes more than this many times of it, … */
  forecastFactor: 1.5,
  /** … and this much more: forecasts of small models say little. */
  forecastSlackBytes: 512 * mebibyte,
  /** Of the machine's limit this share stays free, within these bounds. */
  floorShare: 0.03,
  smallestFloorBytes: 256 * mebibyte,
  largestFloorBytes: 2048 * mebibyte,
  /** Stopping less than this would not save a machine. */
  smallestWorthBytes: 256 * mebibyte,
} as const;

export interface ServerFootprint {
  readonly id: string;
  readonly footprintBytes: number;
  readonly forecastBytes: number | null;
  readonly inFlight: number;
}

export type MemoryVerdict =
  | { readonly action: "none"; readonly isNear: boolean }
  | { readonly action: "stop"; readonly id: string; readonly because: "limit" | "available" };

/** What a server may take before it is reported; null where nothing was predicted. */
export function capOf(forecastBytes: number | null): number | null {
  if (forecastBytes === null) return null;
  return Math.max(forecastBytes * memoryRules.forecastFactor, forecastBytes + memoryRules.forecastSlackBytes);
}

/** What of the machine is to stay free. */
export function floorOf({ limitBytes }: Pick<MachineMemory, "limitBytes">): number {
  const { floorShare, smallestFloorBytes, largestFloorBytes } = memoryRules;
  return Math.min(largestFloorBytes, Math.max(smallestFloorBytes, limitBytes * floorShare));
}

/**
 * Whether a server has to go for the machine to live: all together take more than models may, or next to nothing is
 * left (twice the floor where the system says itself that it is critical). The one that is furthest over its forecast
 * goes; where none is, the largest that nobody uses, else the largest.
 */
export function judgeMemory(machine: MachineMemory, servers: readonly ServerFootprint[]): MemoryVerdict {
  const floor = floorOf(machine);
  const taken = servers.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  const isOverLimit = taken > machine.limitBytes;
  const isSpent = machine.availableBytes < (machine.pressure === "critical" ? 2 * floor : floor);
  const worth = servers.filter(({ footprintBytes }) => footprintBytes >= memoryRules.smallestWorthBytes);
  const chosen = isOverLimit || isSpent ? [...worth].sort(byGuilt)[0] : undefined;
  if (chosen !== undefined) return { action: "stop", id: chosen.id, because: isOverLimit ? "limit" : "available" };
  return { action: "none", isNear: machine.availableBytes < 3 * floor || taken > 0.85 * machine.limitBytes };
}

function byGuilt(one: ServerFootprint, other: ServerFootprint): number {
  const excess = excessOf(other) - excessOf(one);
  if (excess !== 0) return excess;
  const idle = Number(one.inFlight > 0) - Number(other.inFlight > 0);
  return idle !== 0 ? idle : other.footprintBytes - one.footprintBytes;
}

function excessOf({ footprintBytes, forecastBytes }: ServerFootprint): number {
  return Math.max(0, footprintBytes - (capOf(forecastBytes) ?? Infinity));
}
