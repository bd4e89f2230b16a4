import type { MeasuredMemory } from "./contract/measurements.ts";
import type { Profile } from "./contract/profiles.ts";
import { fitOf } from "./library/models/index.ts";
import type { KvBits, LocatedModel } from "./library/models/index.ts";
import { isThisMachine } from "./serving/cluster/index.ts";
import type { ForecastMemory, MemoryForecast } from "./serving/pool/index.ts";
import { batchingOf, companionsOf } from "./serving/profiles/index.ts";
import type { CompanionModels } from "./serving/profiles/index.ts";

export interface ForecastDependencies {
  readonly models: Pick<CompanionModels, "getRevision"> & { locate(id: string, revision: string): LocatedModel };
  /** The context where a profile names none. */
  readonly contextTokens: () => number;
  /** What a probe of this revision found that still holds; null: nothing. */
  readonly measured: (model: string, revision: string) => MeasuredMemory | null;
}

/**
 * Tells what a server of a profile takes, as measured where a probe has run: the weights, the caches of as many conversations as the profile's
 * concurrency names, each of its whole context, and the engine itself. A profile that names no concurrency reserves one
 * such conversation; more of them share it as long as they are shorter.
 */
export function memoryForecaster({ models, contextTokens, measured }: ForecastDependencies): MemoryForecast {
  return (profile, location) => {
    if (profile.kind === "remote") return elsewhere;
    const { limits, engineOptions } = profile;
    const { facts, weightBytes } = models.locate(location.model, location.revision);
    const fit = fitOf(facts.memory, {
      ...{ weightBytes, limitBytes: Number.MAX_SAFE_INTEGER, modelContext: facts.contextLength },
      contextTokens: limits.contextTokens ?? contextTokens(),
      kvBits: kvBitsOf(profile),
      // A probe runs one process with a whole model.
      measured: profile.kind === "process" ? measured(location.model, location.revision) : null,
    });
    const kvBytes = fit.kvBytes ?? 0;
    const conversations = batchingOf(profile).on ? (limits.concurrency ?? 1) : 1;
    const kept = Math.min(engineOptions.promptCacheBytes ?? 0, (engineOptions.promptCacheSize ?? usualKept) * kvBytes);
    const weights = weightBytes + (companionsOf(profile, models).draft?.weightBytes ?? 0);
    const { share, ranks } = onThisMachine(profile);
    const parts = {
      weights: Math.ceil(weights * share),
      kv: Math.ceil((kvBytes * conversations + kept) * share),
      overhead: (fit.overheadBytes ?? 0) * ranks,
    };
    const bytes = parts.weights + parts.kv + parts.overhead;
    const source = fit.method === "measured" ? "measured" : facts.memory === null ? "unknown" : "predicted";
    return { bytes, source, parts };
  };
}

/** Another service runs it: nothing of this machine is taken. */
const elsewhere: ForecastMemory = { bytes: 0, source: "predicted", parts: { weights: 0, kv: 0, overhead: 0 } };

/** Conversations that mlx-lm keeps for later, unless a profile says otherwise. */
const usualKept = 10;

/** Of a cluster, the ranks that run here: each holds its part of the layers or of each layer. */
function onThisMachine({ kind, cluster }: Profile): { readonly share: number; readonly ranks: number } {
  if (kind !== "cluster" || cluster === null) return { share: 1, ranks: 1 };
  // The first host is this machine by whatever name.
  const ranks = cluster.hosts.filter((host, index) => index === 0 || isThisMachine(host)).length;
  return { share: ranks / cluster.hosts.length, ranks };
}

/** What the fit knows: rather too many bits than too few, and none where only a later part is quantized. */
function kvBitsOf({ engineOptions: { kvBits, quantizedKvStart = 0 } }: Pick<Profile, "engineOptions">): KvBits {
  if (kvBits === undefined || quantizedKvStart > 0) return null;
  return kvBits <= 4 ? 4 : 8;
}
