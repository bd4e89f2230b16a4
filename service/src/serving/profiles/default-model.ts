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
  const whole = models.filter(({ complete }) => complete);
  const real = whole
    .filter(({ demo }) => !demo)
    .sort((one, other) => compare(one.addedAt, other.addedAt) || compare(one.id, other.id));
  return (real[0] ?? whole[0])?.id ?? null;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
