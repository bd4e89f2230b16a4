import type { HubModel } from "../../contract/hub.ts";
import type { MeasuredMemory } from "../../contract/measurements.ts";
import type { MachineMemory } from "../../contract/system.ts";
import type { Models } from "../models/index.ts";
import type { HubFacts } from "./hub-facts.ts";
import { hubModel, localFacts } from "./hub-model.ts";
import type { Surroundings } from "./hub-model.ts";
import { bestFacts } from "./known-model.ts";
import type { SearchStore } from "./store.ts";

/** Shows models as this machine sees them: what is here, on its way, and whether it fits. */
export interface Viewer {
  /** @param contextTokens null = as the settings say. */
  surroundings(facts: HubFacts, contextTokens: number | null): Surroundings;
  show(facts: HubFacts, contextTokens: number | null): HubModel;
  /** By what is known of it; null for what is not. */
  view(id: string, contextTokens: number | null): HubModel | null;
}

export interface ViewerDependencies {
  readonly store: SearchStore;
  readonly models: Pick<Models, "find">;
  readonly downloads: { activeFor(model: string): string | null };
  /** What a probe of the local model found of its memory, where that still holds; left out: nothing is known. */
  readonly measured?: ((model: string) => MeasuredMemory | null) | undefined;
  readonly machine: { memory(): MachineMemory };
  readonly settings: { values(): { readonly fitContextTokens: number } };
}

export function createViewer(dependencies: ViewerDependencies): Viewer {
  const { store, models, downloads, machine, settings, measured = () => null } = dependencies;
  const surroundings: Viewer["surroundings"] = ({ id, weightBytes }, contextTokens) => {
    const local = models.find(id);
    return {
      here: local?.complete ?? false,
      downloadId: downloads.activeFor(id),
      limitBytes: machine.memory().limitBytes,
      contextTokens: contextTokens ?? settings.values().fitContextTokens,
      // Other weights than were measured may be what the Hub has by now.
      measured: local !== null && local.weightBytes === weightBytes ? measured(id) : null,
    };
  };
  const show: Viewer["show"] = (facts, contextTokens) => hubModel(facts, surroundings(facts, contextTokens));
  return {
    surroundings,
    show,
    view(id, contextTokens) {
      const known = store.model(id);
      const facts = known === null ? null : bestFacts(known);
      if (facts !== null) return show(facts, contextTokens);
      const model = models.find(id);
      return model === null ? null : show(localFacts(model), contextTokens);
    },
  };
}
