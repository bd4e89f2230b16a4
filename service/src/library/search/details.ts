import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import { isAbort, isAppError } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { Hub } from "../hub/index.ts";
import { answerOrEarlier, freshMs, unreachable } from "./earlier-answer.ts";
import type { Answered } from "./earlier-answer.ts";
import { fetchDetails } from "./fetch-details.ts";
import { currentDetails } from "./known-model.ts";
import { createSharedWork } from "./shared-work.ts";
import type { ModelDetails, SearchStore } from "./store.ts";

/** Pages of single models: asked for by somebody who waits, or gathered behind the lists. */
export interface Details {
  /** A model at `main`. @throws AppError of the Hub where nothing earlier is known. */
  get(id: string, signal: AbortSignal): Promise<Answered<ModelDetails>>;
  /** A model at another revision: always asked. */
  at(id: string, revision: string, signal: AbortSignal): Promise<ModelDetails>;
  /** Shown to somebody: gathers what is missing behind, the newest wish first. Old wishes lapse. */
  want(ids: readonly string[]): void;
}

export interface DetailsDependencies {
  readonly hub: Hub;
  readonly store: SearchStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly closing: AbortSignal;
  readonly onDetailed: (id: string) => void;
}

const atOnce = 3;
/** Whoever was shown a list has left it by then, or asks again. */
const wishMs = 30_000;
const mostWishes = 100;
/** Calls of a window that are left for what a person asks for. */
const quotaReserve = 100;
/** A model whose page is refused is left alone for so long. */
const refusedMs = 600_000;

export function createDetails(dependencies: DetailsDependencies): Details {
  const { hub, store, clock, log, closing, onDetailed } = dependencies;
  const work = createSharedWork<ModelDetails>();
  /** Newest last. */
  const wishes = new Map<string, number>();
  const refused = new Map<string, number>();
  let running = 0;
  let restUntil = 0;
  let isResting = false;

  const rest = (seconds: number): void => {
    restUntil = Math.max(restUntil, clock.now() + seconds * 1000);
  };

  const ask = (id: string, signal: AbortSignal): Promise<ModelDetails> =>
    work.run(id, signal, async (stop) => {
      const { details, quota } = await fetchDetails(hub, id, null, stop);
      store.saveDetails(details, timestamp(clock));
      if (quota !== null && quota.left < quotaReserve) rest(quota.seconds);
      onDetailed(details.facts.id);
      return details;
    });

  const isMissing = (id: string): boolean => {
    const known = store.model(id);
    return (known === null || currentDetails(known) === null) && (refused.get(id) ?? 0) < clock.now();
  };

  const gather = async (id: string): Promise<void> => {
    try {
      await ask(id, closing);
    } catch (error) {
      if (isAbort(error) || closing.aborted) return;
      const problem = unreachable(error);
      if (problem === null) refused.set(id, clock.now() + refusedMs);
      // Nothing else would be answered either; what is still wanted will be wished for again.
      else if (problem.code === "rate_limited") rest(Number(problem.details?.["retryAfterSeconds"] ?? 60));
      else wishes.clear();
      log.debug({ model: id, code: isAppError(error) ? error.code : null }, "a model's details were not to be had");
    }
  };

  const pump = (): void => {
    if (closing.aborted || hub.offline) return;
    for (const [id, wishedAt] of wishes) if (wishedAt + wishMs < clock.now()) wishes.delete(id);
    if (wishes.size === 0) return;
    if (restUntil > clock.now()) {
      if (isResting) return;
      isResting = true;
      clock.after(restUntil - clock.now(), () => {
        isResting = false;
        pump();
      });
      return;
    }
    while (running < atOnce && wishes.size > 0) {
      const id = [...wishes.keys()].at(-1) as string;
      wishes.delete(id);
      // Wished for again while it was on its way.
      if (!isMissing(id)) continue;
      running += 1;
      void gather(id).finally(() => {
        running -= 1;
        pump();
      });
    }
  };

  return {
    get(id, signal) {
      const known = store.model(id);
      const details = known === null ? null : currentDetails(known);
      const heard = Math.max(time(known?.detailedAt), time(known?.listing?.commit === null ? null : known?.listedAt));
      return answerOrEarlier({
        kept: details && { value: details, isFresh: clock.now() - heard < freshMs },
        ask: (stop) => ask(id, stop),
        ...{ signal, closing, clock },
        onLateFailure: (error) => log.debug({ error, model: id }, "refreshing a model's details failed"),
      });
    },
    async at(id, revision, signal) {
      const known = store.model(id)?.details;
      // A commit never changes.
      if (known?.commit === revision) return known;
      return (await fetchDetails(hub, id, revision, signal)).details;
    },
    want(ids) {
      // The first of a list is looked at first, so it is the newest wish.
      for (const id of ids.filter(isMissing).reverse()) {
        wishes.delete(id);
        wishes.set(id, clock.now());
      }
      for (const id of [...wishes.keys()].slice(0, Math.max(0, wishes.size - mostWishes))) wishes.delete(id);
      if (refused.size > 1000) refused.clear();
      pump();
    },
  };
}

function time(text: string | null | undefined): number {
  return text === null || text === undefined ? 0 : Date.parse(text);
}
