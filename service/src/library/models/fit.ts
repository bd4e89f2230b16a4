import type { Fit } from "../../contract/hub.ts";

const runFactor = 1.2;

/** Weights x 1.2 against the machine's limit. Marked as an estimate everywhere; the pool later knows better. */
export function estimateFit(weightBytes: number | null, limitBytes: number): Fit {
  const neededBytes = weightBytes === null ? null : Math.ceil(weightBytes * runFactor);
  return { fits: neededBytes === null ? null : neededBytes <= limitBytes, neededBytes, limitBytes, estimate: true };
}
