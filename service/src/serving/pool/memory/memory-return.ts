import type { MachineMemory } from "../../../contract/system.ts";
import { wait } from "../../../platform/clock.ts";
import type { Clock } from "../../../platform/clock.ts";

/** Other programs come and go while we look; a difference below this says nothing about the engine. */
const noiseBytes = 256 * 1024 * 1024;
const patienceMs = 5000;
const pauseMs = 250;

export interface MemoryReturn {
  readonly isBack: boolean;
  readonly footprintBytes: number;
  readonly availableBeforeBytes: number;
  readonly availableAfterBytes: number;
  readonly waitedSeconds: number;
}

/** Whether what an engine held is free again: available memory rose to within 10 % of its footprint. */
export function isMemoryBack(footprintBytes: number, beforeBytes: number, afterBytes: number): boolean {
  return afterBytes - beforeBytes >= footprintBytes * 0.9 - noiseBytes;
}

/**
 * Looks for up to five seconds after the group has gone.
 * @param footprintBytes the engine's last reading, `beforeBytes` what was available just before it was stopped.
 */
export async function awaitMemoryReturn(
  dependencies: { readonly clock: Clock; readonly memory: () => MachineMemory },
  footprintBytes: number,
  beforeBytes: number,
): Promise<MemoryReturn> {
  const { clock, memory } = dependencies;
  const startedAt = clock.monotonic();
  for (;;) {
    const afterBytes = memory().availableBytes;
    const waitedMs = clock.monotonic() - startedAt;
    const isBack = isMemoryBack(footprintBytes, beforeBytes, afterBytes);
    if (isBack || waitedMs >= patienceMs) {
      return {
        isBack,
        footprintBytes,
        availableBeforeBytes: beforeBytes,
        availableAfterBytes: afterBytes,
        waitedSeconds: waitedMs / 1000,
      };
    }
    await wait(clock, pauseMs);
  }
}
