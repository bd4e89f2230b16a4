export interface DefaultCandidate {
  readonly id: string;
  readonly demo: boolean;
  readonly complete: boolean;
  readonly addedAt: string;
}

/**
 * What answers requests that name no model: the setting, else the first real model that came, else the demo.
 * A setting that names something gone is answered as it is, so that the request fails instead of going elsewhere.
 */
export function chooseDefault(setting: string | null, models: readonly DefaultCandidate[]): string | null {
  if (setting !== null) return setting;
  let chosen: DefaultCandidate | null = null;
  for (const model of models) {
    if (model.complete && (chosen === null || isBefore(model, chosen))) chosen = model;
  }
  return chosen?.id ?? null;
}

function isBefore(one: DefaultCandidate, other: DefaultCandidate): boolean {
  if (one.demo !== other.demo) return other.demo;
  return (compare(one.addedAt, other.addedAt) || compare(one.id, other.id)) < 0;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
