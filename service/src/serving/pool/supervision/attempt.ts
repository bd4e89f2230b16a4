import { deferred } from "../deferred.ts";
import type { Deferred } from "../deferred.ts";
import type { ServingUnit, UnitEndpoint } from "../units/serving-unit.ts";

/** One process of a server: begun, ready or lost. A restart begins another. */
export interface Attempt {
  readonly ready: Deferred<void>;
  readonly abandoned: AbortController;
  unit: ServingUnit | null;
  endpoint: UnitEndpoint | null;
  isOver: boolean;
}

/** @param previous the unit that ended before, asked for its last words until the next one runs. */
export function newAttempt(previous: ServingUnit | null = null): Attempt {
  return {
    ready: deferred(),
    abandoned: new AbortController(),
    ...{ unit: previous, endpoint: null, isOver: false },
  };
}
