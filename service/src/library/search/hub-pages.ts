import type { HubSort } from "../../contract/hub.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Hub } from "../hub/index.ts";
import { answerOrEarlier, freshMs } from "./earlier-answer.ts";
import type { Answered } from "./earlier-answer.ts";
import { listedFacts } from "./hub-facts.ts";
import { createSharedWork } from "./shared-work.ts";
import type { KeptPage, SearchStore } from "./store.ts";

/** What the Hub itself is asked; everything else is filtered here. */
export interface HubQuestion {
  readonly search: string;
  readonly author: string;
  readonly sort: HubSort;
  readonly tags: readonly string[];
}

export interface HubPages {
  /** One page of the Hub's own list. One request, none while an answer is new. */
  get(
    question: HubQuestion,
    at: { readonly limit: number; readonly cursor: string | null },
    signal: AbortSignal,
  ): Promise<Answered<KeptPage>>;
}

export interface HubPagesDependencies {
  readonly hub: Hub;
  readonly store: SearchStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly closing: AbortSignal;
}

const keptDays = 30;
const pagesBetweenPrunes = 50;

export function createHubPages({ hub, store, clock, log, closing }: HubPagesDependencies): HubPages {
  const work = createSharedWork<KeptPage>();
  let saved = 0;

  return {
    get(question, { limit, cursor }, signal) {
      const { search, author, sort, tags } = question;
      const key = JSON.stringify([search, author, sort, tags, limit, cursor]);
      const fetchPage = async (stop: AbortSignal): Promise<KeptPage> => {
        const { entries, nextCursor } = await hub.listModels({ ...question, limit, cursor }, stop);
        const page = { ids: entries.map(({ id }) => id), nextCursor, askedAt: timestamp(clock) };
        store.savePage(key, page, entries.map(listedFacts));
        if (saved++ % pagesBetweenPrunes === 0)
          store.prune(new Date(clock.now() - keptDays * 86_400_000).toISOString());
        return page;
      };
      const kept = store.page(key);
      return answerOrEarlier({
        kept: kept && { value: kept, isFresh: clock.now() - Date.parse(kept.askedAt) < freshMs },
        ask: (stop) => work.run(key, stop, fetchPage),
        ...{ signal, closing, clock },
        onLateFailure: (error) => log.debug({ error }, "refreshing a search failed"),
      });
    },
  };
}
