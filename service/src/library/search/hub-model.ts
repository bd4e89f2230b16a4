import type { HubModel } from "../../contract/hub.ts";
import type { MeasuredMemory } from "../../contract/measurements.ts";
import { fitOf, supportOf } from "../models/index.ts";
import type { LocalModel } from "../models/index.ts";
import type { HubFacts } from "./hub-facts.ts";

/** What this machine adds to a model of the Hub. */
export interface Surroundings {
  readonly here: boolean;
  readonly downloadId: string | null;
  readonly limitBytes: number;
  /** The context memory is predicted for. */
  readonly contextTokens: number;
  /** Of these very weights on this machine. */
  readonly measured: MeasuredMemory | null;
}

/** A model as the API shows it. */
export function hubModel(facts: HubFacts, around: Surroundings): HubModel {
  const { customCode, memory, commit: _, baseRelation: __, ...shown } = facts;
  const { weightBytes, contextLength: modelContext } = facts;
  const { here, downloadId, limitBytes, contextTokens, measured } = around;
  return {
    ...shown,
    author: facts.id.slice(0, facts.id.indexOf("/")),
    sizeIsEstimate: !facts.detailed,
    ...supportOf(facts.architecture, customCode, facts.capabilities),
    ...{ here, downloadId },
    fit: fitOf(memory, { weightBytes, contextTokens, limitBytes, modelContext, measured }),
  };
}

/** A local model's facts: what only the Hub knows is null. */
export function localFacts({ id, facts, weightBytes, sizeBytes }: LocalModel): HubFacts {
  const { parameters, quantization, architecture, customCode, contextLength, capabilities, memory } = facts;
  return {
    ...{ id, sizeBytes, weightBytes, parameters, quantization, architecture, customCode },
    ...{ contextLength, capabilities, memory },
    ...{ downloads: null, likes: null, trending: null, createdAt: null, updatedAt: null, commit: null },
    ...{ license: null, baseModel: null, baseRelation: null, gated: "no", private: false, detailed: true },
  };
}
