import type { HubModel, HubSiblings } from "../../contract/hub.ts";
import { repositoryOf } from "../hub/index.ts";
import type { Details } from "./details.ts";
import type { Answered } from "./earlier-answer.ts";
import type { HubPages, HubQuestion } from "./hub-pages.ts";
import { bestFacts } from "./known-model.ts";
import { compared, isConversion, stemOf } from "./siblings.ts";
import type { KeptPage, SearchStore } from "./store.ts";
import type { Viewer } from "./surroundings.ts";

export interface SiblingsDependencies {
  readonly pages: HubPages;
  readonly details: Details;
  readonly store: SearchStore;
  readonly viewer: Viewer;
}

export interface SiblingsQuestion {
  readonly id: string;
  readonly contextTokens: number | null;
}

const most = 100;
/** Where the base's own tag finds fewer, names are asked too: older conversions carry no such tag. */
const fewest = 2;

/** One Hub request by the base's tag, a second by name where that finds too little. */
export async function siblingsOf(
  { id, contextTokens }: SiblingsQuestion,
  { pages, details, store, viewer }: SiblingsDependencies,
  signal: AbortSignal,
): Promise<HubSiblings> {
  const known = store.model(id);
  const facts = (known && bestFacts(known)) ?? (await details.get(id, signal)).value.facts;
  const base = facts.baseModel ?? (facts.quantization === null ? repositoryOf(id) : null);
  const stem = stemOf(base ?? id);
  const answers: Answered<KeptPage>[] = [];
  const found = new Map<string, HubModel>();
  const take = (ids: readonly string[], isTaken: (id: string, relation: string | null, model: HubModel) => boolean) => {
    for (const each of ids) {
      const model = viewer.view(each, contextTokens);
      const entry = store.model(each);
      const relation = (entry && bestFacts(entry)?.baseRelation) ?? null;
      if (model !== null && isTaken(each, relation, model)) found.set(each, model);
    }
  };
  const ask = async (question: Pick<HubQuestion, "search" | "tags">) => {
    const whole = { author: "", sort: "downloads" as const, ...question };
    const answer = await pages.get(whole, { limit: most, cursor: null }, signal);
    answers.push(answer);
    take(answer.value.ids, (_, relation, model) => isConversion({ model, relation }, base, stem));
  };
  take([facts.id], () => true);
  if (base !== null) await ask({ search: "", tags: [`base_model:${base}`] });
  // A conversion of a conversion (a tuned quantization) names that as its base, not the model both come from.
  const isChained = base !== null && stem !== base.slice(base.indexOf("/") + 1).toLowerCase();
  if (found.size < fewest || isChained) await ask({ search: stem, tags: [] });
  return {
    base,
    items: compared([...found.values()]),
    source: answers.every(({ source }) => source === "hub") ? "hub" : "cache",
    stale: answers.some(({ stale }) => stale),
    problem: answers.find(({ problem }) => problem !== null)?.problem ?? null,
  };
}
