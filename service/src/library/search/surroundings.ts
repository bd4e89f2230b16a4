import type { HubModel } from "../../contract/hub.ts";
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
  surroundings(id: string, contextTokens: number | null): Surroundings;
  show(facts: HubFacts, contextTokens: number | null): HubModel;
  /** By what is known of it; null for what is not. */
  view(id: string, contextTokens: number | null): HubModel | null;
}

export interface ViewerDependencies {
  readonly store: SearchStore;
  readonly models: Pick<Models, "find">;
  readonly downloads: { activeFor(model: string): string | null };
  readonly machine: { memory(): MachineMemory };
  readonly settings: { values(): { readonly fitContextTokens: number } };
}

export function createViewer({ store, models, downloads, machine, settings }: ViewerDependencies): Viewer {
  const surroundings: Viewer["surroundings"] = (id, contextTokens) => ({
    here: models.find(id)?.complete ?? false,
    downloadId: downloads.activeFor(id),
    limitBytes: machine.memory().limitBytes,
    contextTokens: contextTokens ?? settings.values().fitContextTokens,
  });
  const show: Viewer["show"] = (facts, contextTokens) => hubModel(facts, surroundings(facts.id, contextTokens));
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
