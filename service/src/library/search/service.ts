import type { HubModelDetail, HubPage, HubQuery, HubSiblings } from "../../contract/hub.ts";
import type { MeasuredMemory } from "../../contract/measurements.ts";
import type { MachineMemory } from "../../contract/system.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Events } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import type { Place } from "../../platform/place.ts";
import type { Hub } from "../hub/index.ts";
import type { Models } from "../models/index.ts";
import { createCardRenderer } from "./card/card-worker.ts";
import { createDetails } from "./details.ts";
import { unreachable } from "./earlier-answer.ts";
import { hasFilters, hubTags, passes } from "./filters.ts";
import { createHubPages } from "./hub-pages.ts";
import { localIds } from "./local-search.ts";
import { modelPage } from "./model-page.ts";
import type { FetchPage } from "./reading.ts";
import { createReadings } from "./readings.ts";
import { siblingsOf } from "./find-siblings.ts";
import { createSearchStore } from "./store.ts";
import { createViewer } from "./surroundings.ts";

export interface Search {
  /**
   * One Hub request a page, more only where filters leave too little of it. Earlier answers while the Hub is slow or
   * not to be reached; offline, what is known on this machine.
   */
  search(query: HubQuery, signal: AbortSignal): Promise<HubPage>;
  /** One model with exact sizes. @throws AppError of the Hub; `offline` for what nothing is known of. */
  detail(
    model: string,
    revision: string | undefined,
    context: number | undefined,
    signal: AbortSignal,
  ): Promise<HubModelDetail>;
  /** The conversions of the same base, itself included. @throws as `detail`. */
  siblings(model: string, context: number | undefined, signal: AbortSignal): Promise<HubSiblings>;
  close(): void;
}

export interface SearchDependencies {
  readonly hub: Hub;
  readonly models: Pick<Models, "all" | "find" | "locate" | "files">;
  readonly downloads: { activeFor(model: string): string | null };
  readonly measured?: ((model: string) => MeasuredMemory | null) | undefined;
  readonly machine: { memory(): MachineMemory };
  readonly settings: { values(): { readonly hubAuthor: string; readonly fitContextTokens: number } };
  readonly database: Database;
  readonly events: Pick<Events, "publish">;
  readonly clock: Clock;
  readonly log: Log;
  readonly place: Place;
}

/** Of which filters take a part: asking for more at once is cheaper than asking again. */
const filteredLimit = 200;

export function createSearch(dependencies: SearchDependencies): Search {
  const { hub, models, settings, database, events, clock, log, place } = dependencies;
  const stopping = new AbortController();
  const closing = stopping.signal;
  const store = createSearchStore(database);
  const viewer = createViewer({ ...dependencies, store });
  const onDetailed = (id: string) => {
    const model = viewer.view(id, null);
    if (model !== null) events.publish("hub-model.changed", model);
  };
  const pages = createHubPages({ hub, store, clock, log, closing });
  const details = createDetails({ hub, store, clock, log, closing, onDetailed });
  const readings = createReadings(clock);
  const renderCard = createCardRenderer(place.worker("library/search/card/main"), clock);
  const now = () => timestamp(clock);

  return {
    async search(query, signal) {
      const { query: search, sort, limit, cursor, context } = query;
      // Only the Hub's search follows the default author: offline, everything that is here may be found.
      const author = query.author ?? (hub.offline ? "" : settings.values().hubAuthor);
      const tags = hubTags(query);
      const hubLimit = hasFilters(query) ? filteredLimit : limit;
      const fetchPage: FetchPage = async (hubCursor, stop) => {
        const local = (problem: HubPage["problem"]) => {
          const ids = localIds(models, store, {
            search,
            author: problem === null ? author : (query.author ?? ""),
            sort,
          });
          return { value: { ids, nextCursor: null, askedAt: now() }, source: "local" as const, stale: false, problem };
        };
        if (hub.offline) return local(null);
        try {
          return await pages.get({ search, author, sort, tags }, { limit: hubLimit, cursor: hubCursor }, stop);
        } catch (error) {
          const problem = hubCursor === null ? unreachable(error) : null;
          const answer = problem && local(problem);
          if (!answer || answer.value.ids.length === 0) throw error;
          return answer;
        }
      };
      const { bits, sizeMin, sizeMax, architecture, capability, fits } = query;
      const question = JSON.stringify([
        ...[search, author, sort, bits, sizeMin, sizeMax, architecture, capability, fits],
        ...[fits === undefined ? null : context],
      ]);
      const view = (id: string) => {
        const model = viewer.view(id, context ?? null);
        return model !== null && passes(model, query) ? model : null;
      };
      const { items, nextCursor, reading } = await readings.page({ question, cursor, limit, view, fetchPage }, signal);
      const { source, stale, problem } = reading;
      if (source !== "local") details.want(items.filter((item) => !item.detailed).map(({ id }) => id));
      return { items, nextCursor, source, stale, problem };
    },
    detail: (id, revision, context, signal) =>
      modelPage(
        { id, revision, contextTokens: context ?? null },
        { ...{ hub, models, details, store, viewer, renderCard, now, log } },
        signal,
      ),
    async siblings(id, context, signal) {
      const found = await siblingsOf({ id, contextTokens: context ?? null }, { pages, details, store, viewer }, signal);
      if (!hub.offline) details.want(found.items.filter((item) => !item.detailed).map((item) => item.id));
      return found;
    },
    close: () => stopping.abort(new DOMException("The service is stopping.", "AbortError")),
  };
}
