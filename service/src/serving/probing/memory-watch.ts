import type { MemoryReading } from "../../contract/servers.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Events } from "../../platform/events.ts";

/** The readings of one server, from now on. Launchers read every second and tell what differs by a hundredth. */
export interface MemoryWatch {
  /** A reading that was taken after this moment, or the last one when no newer comes: then it still holds. */
  fresh(signal: AbortSignal): Promise<MemoryReading | null>;
  /** The largest footprint seen since the last call, and forgets it. */
  takePeak(): number;
  close(): void;
}

export interface MemoryWatchOptions {
  readonly serverId: string;
  readonly events: Events;
  readonly clock: Clock;
  readonly latest: () => MemoryReading | null;
}

const longestWaitMs = 2500;

export function watchMemory({ serverId, events, clock, latest }: MemoryWatchOptions): MemoryWatch {
  const waiting = new Set<(reading: MemoryReading) => void>();
  let peak = 0;
  const stop = events.listen((event) => {
    if (event.type !== "server.memory" || event.data.id !== serverId) return;
    const { memory } = event.data;
    peak = Math.max(peak, memory.footprintBytes);
    for (const hear of [...waiting]) hear(memory);
  });
  return {
    fresh: (signal) =>
      new Promise((resolve, reject) => {
        const since = clock.now();
        const end = (): void => {
          waiting.delete(hear);
          cancel();
          signal.removeEventListener("abort", left);
        };
        const hear = (reading: MemoryReading): void => {
          if (Date.parse(reading.at) < since) return;
          end();
          resolve(reading);
        };
        const left = (): void => {
          end();
          reject(signal.reason as Error);
        };
        const cancel = clock.after(longestWaitMs, () => {
          end();
          resolve(latest());
        });
        waiting.add(hear);
        signal.addEventListener("abort", left, { once: true });
        if (signal.aborted) left();
      }),
    takePeak() {
      const taken = peak;
      peak = 0;
      return taken;
    },
    close: stop,
  };
}

/**
 * The most that a server took: the largest footprint that was seen, or what it holds beside the engine's own memory
 * together with the peak that the engine itself counted, which no sample misses.
 */
export function peakOf(loaded: MemoryReading, now: MemoryReading | null, seenBytes: number): number {
  const counted = now?.engine && loaded.engine ? besideEngine(loaded) + now.engine.peakBytes : 0;
  return Math.max(seenBytes, now?.footprintBytes ?? 0, counted);
}

function besideEngine({ footprintBytes, engine }: MemoryReading): number {
  return Math.max(0, footprintBytes - (engine?.activeBytes ?? 0) - (engine?.cacheBytes ?? 0));
}
