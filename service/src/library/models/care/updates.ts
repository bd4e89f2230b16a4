import type { Clock } from "../../../platform/clock.ts";
import { AppError, isAbort, isAppError } from "../../../platform/errors.ts";
import type { Log } from "../../../platform/log.ts";
import type { Hub } from "../../hub/index.ts";
import type { LocalModel } from "../local-model.ts";

/** Asks the Hub which commit `main` of each local model is: once a day each, spread over the day. */
export interface Updates {
  /** At once. @throws AppError `model_not_found`, `unsupported`, or the Hub's own codes. */
  check(model: LocalModel, signal: AbortSignal): Promise<void>;
  begin(): void;
  close(): Promise<void>;
}

export interface UpdatesOptions {
  readonly hub: Pick<Hub, "offline" | "repository">;
  readonly models: UpdatedModels;
  /** The setting `checkForUpdates`. */
  readonly isOn: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export interface UpdatedModels {
  all(): LocalModel[];
  /** When the Hub was last asked; 0: never. */
  updateCheckedAt(id: string): number;
  noteUpdate(id: string, latestRevision: string | null): void;
}

const dayMs = 24 * 60 * 60 * 1000;
const firstMs = 60_000;
const shortestMs = 20_000;
const longestMs = 15 * 60_000;
/** What says that the Hub, not the model, is the trouble: the model's turn comes again. */
const passing: ReadonlySet<string> = new Set([
  "offline",
  "hub_unreachable",
  "rate_limited",
  "proxy_failed",
  "tls_failed",
]);

export function createUpdates({ hub, models, isOn, clock, log }: UpdatesOptions): Updates {
  const closing = new AbortController();
  let cancelNext: (() => void) | null = null;
  let working: Promise<void> = Promise.resolve();

  const check: Updates["check"] = async ({ id, source }, signal) => {
    if (source !== "hub-cache") throw new AppError("unsupported", "This model does not come from the Hub.");
    const { sha } = await hub.repository(id, "main", signal);
    models.noteUpdate(id, sha);
  };

  /** Those whose last answer is a day old, the longest waiting first. */
  const due = (): LocalModel[] =>
    models
      .all()
      .filter((model) => followsMain(model) && clock.now() - models.updateCheckedAt(model.id) >= dayMs)
      .sort((one, other) => models.updateCheckedAt(one.id) - models.updateCheckedAt(other.id));

  const checkNext = async (): Promise<number> => {
    const waiting = isOn() && !hub.offline ? due() : [];
    const [model] = waiting;
    if (model === undefined) return longestMs;
    try {
      await check(model, closing.signal);
    } catch (error) {
      if (isAbort(error)) return longestMs;
      if (isAppError(error) && passing.has(error.code)) return longestMs;
      // Gated, renamed or gone: nobody asked now, so nobody is told; tomorrow it is asked again.
      log.debug({ error, model: model.id }, "the Hub does not tell the model's newest revision");
      models.noteUpdate(model.id, null);
    }
    return Math.min(longestMs, Math.max(shortestMs, dayMs / (2 * waiting.length)));
  };

  const schedule = (milliseconds: number): void => {
    if (closing.signal.aborted) return;
    cancelNext = clock.after(milliseconds, () => {
      working = checkNext().then(schedule, (error: unknown) => {
        log.error({ error }, "updates cannot be checked");
      });
    });
  };

  return {
    check,
    begin: () => schedule(firstMs),
    async close() {
      cancelNext?.();
      closing.abort(new DOMException("The service is stopping.", "AbortError"));
      await working;
    },
  };
}

/** One that only has other branches or tags was wanted as it is. */
function followsMain({ source, revisions }: LocalModel): boolean {
  const refs = revisions.flatMap((revision) => revision.refs);
  return source === "hub-cache" && revisions.length > 0 && (refs.length === 0 || refs.includes("main"));
}
