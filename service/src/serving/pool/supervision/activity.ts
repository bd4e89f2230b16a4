import type { UnitEndpoint } from "../units/serving-unit.ts";
import type { Lease } from "../lease.ts";
import { createThroughput } from "./throughput.ts";

/** Who uses a server and what it achieves: the leases of one supervisor. */
export interface Activity {
  readonly inFlight: number;
  readonly lastLifeAt: number;
  tokensPerSecond(): number | null;
  totalTokens(): number;
  lease(endpoint: UnitEndpoint): Lease;
  noteLife(): void;
}

export function createActivity(
  identity: Pick<Lease, "serverId" | "model" | "revision" | "engine">,
  monotonic: () => number,
  changed: () => void,
): Activity {
  const throughput = createThroughput(monotonic);
  let inFlight = 0;
  let lastLifeAt = monotonic();
  const noteLife = (): void => void (lastLifeAt = monotonic());
  return {
    get inFlight() {
      return inFlight;
    },
    get lastLifeAt() {
      return lastLifeAt;
    },
    tokensPerSecond: throughput.tokensPerSecond,
    totalTokens: throughput.totalTokens,
    noteLife,
    lease({ url, headers, dispatcher, contextLength, vocabularySize }) {
      let isHeld = true;
      inFlight += 1;
      noteLife();
      changed();
      return {
        ...identity,
        ...{ url, headers, dispatcher, contextLength, vocabularySize },
        noteTokens(count, seconds) {
          throughput.note(count, seconds);
          noteLife();
          changed();
        },
        noteLife,
        release() {
          if (!isHeld) return;
          isHeld = false;
          inFlight -= 1;
          changed();
        },
      };
    },
  };
}
