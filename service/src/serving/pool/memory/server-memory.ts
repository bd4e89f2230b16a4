import type { MemoryReading } from "../../../contract/servers.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Events } from "../../../platform/events.ts";
import type { OutsideMemory } from "./outside-memory.ts";
import { createCpuMeter } from "./process-times.ts";
import type { CpuMeter } from "./process-times.ts";

/** What one server takes of its machine: told by its launcher, or measured from outside when that is silent. */
export interface ServerMemory {
  readonly reading: MemoryReading | null;
  readonly cpuPercent: number | null;
  /** A process of the server runs now, leader of its group. */
  begin(groupId: number): void;
  note(reading: MemoryReading): Promise<void>;
  /** Looks from outside; what a launcher says of itself may be less than what its children take. */
  measure(): Promise<void>;
  /** The process has gone. */
  end(): void;
}

export interface ServerMemoryDependencies {
  readonly id: string;
  readonly clock: Clock;
  readonly events: Events;
  readonly outside: OutsideMemory;
}

export function createServerMemory({ id, clock, events, outside }: ServerMemoryDependencies): ServerMemory {
  let process: { readonly groupId: number; readonly cpu: CpuMeter } | null = null;
  let reading: MemoryReading | null = null;
  let cpuPercent: number | null = null;
  const note: ServerMemory["note"] = async (memory) => {
    const current = process;
    reading = memory;
    const percent = (await current?.cpu.sample()) ?? null;
    // What was asked of a process that has gone meanwhile says nothing of the next one.
    if (current !== process) return;
    cpuPercent = percent;
    events.sample("server.memory", id, { id, memory, cpuPercent });
  };
  return {
    get reading() {
      return reading;
    },
    get cpuPercent() {
      return cpuPercent;
    },
    begin(groupId) {
      process = { groupId, cpu: createCpuMeter(groupId, clock.monotonic) };
    },
    note,
    async measure() {
      const current = process;
      if (current === null) return;
      const { engine, footprintBytes = 0 } = reading ?? {};
      const seen = await outside(current.groupId);
      if (seen === null || current !== process) return;
      const isMore = seen.footprintBytes > footprintBytes;
      if (isMore || isSilent(reading, clock)) await note({ ...seen, ...(engine ? { engine } : {}) });
    },
    end() {
      process = null;
      reading = null;
      cpuPercent = null;
    },
  };
}

/** Launchers report every five seconds at the least; three times that is silence. */
const silentMs = 15_000;

export function isSilent(reading: MemoryReading | null, clock: Clock): boolean {
  return reading === null || clock.now() - Date.parse(reading.at) >= silentMs;
}
