import type { Clock } from "../../../platform/clock.ts";
import type { TransferLimits } from "../messages.ts";
import { defaultLimits } from "../messages.ts";
import { createConnections } from "./fetch/connections.ts";
import type { Connections } from "./fetch/connections.ts";
import { createGates } from "./fetch/gates.ts";
import type { Gates } from "./fetch/gates.ts";
import { createHasher } from "./hash/hasher.ts";
import type { Hasher } from "./hash/hasher.ts";
import { createThrottle } from "./fetch/throttle.ts";
import type { Throttle } from "./fetch/throttle.ts";

/** What all downloads of the worker have in common. */
export interface Shared {
  readonly connections: Connections;
  readonly throttle: Throttle;
  readonly gates: Gates;
  readonly hasher: Hasher;
  limit(limits: TransferLimits): void;
}

export function createShared(clock: Clock): Shared {
  const connections = createConnections(clock, defaultLimits);
  const throttle = createThrottle(clock);
  return {
    ...{ connections, throttle, gates: createGates(clock), hasher: createHasher() },
    limit(limits) {
      connections.limit(limits);
      throttle.limit(limits.bytesPerSecond);
    },
  };
}
