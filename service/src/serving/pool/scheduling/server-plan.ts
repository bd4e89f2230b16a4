import type { Profile } from "../../../contract/profiles.ts";
import type { ForecastMemory } from "./admission.ts";
import type { ServerPlan } from "./scheduler-state.ts";

/** Sequences that mlx-lm works on at once, unless a profile says otherwise; more would wait inside the engine. */
const usualConcurrency = 32;

/** What a server of the profile needs, and how the profile wants it treated. */
export function planOf(profile: Profile, forecast: Pick<ForecastMemory, "bytes">): ServerPlan {
  return { bytes: forecast.bytes, isCounted: forecast.bytes > 0, ...treatmentOf(profile) };
}

/** What of it follows a change of the profile while the server runs. */
export function treatmentOf({
  limits,
  lifecycle,
  engineOptions,
}: Profile): Pick<ServerPlan, "concurrency" | "isPinned" | "ttlMs"> {
  return {
    concurrency: limits.concurrency ?? engineOptions.decodeConcurrency ?? usualConcurrency,
    isPinned: lifecycle.pinned ?? false,
    ttlMs: lifecycle.ttlSeconds === undefined ? null : lifecycle.ttlSeconds * 1000,
  };
}
