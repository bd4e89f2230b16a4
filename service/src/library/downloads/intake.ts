import type { Download, DownloadCreate, DownloadPriority } from "../../contract/downloads.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";
import type { Ids } from "../../platform/ids.ts";
import { isReserved } from "../hub/index.ts";
import type { Models } from "../models/index.ts";
import { matcher, patternOf } from "./plan.ts";
import { isHigher } from "./queue.ts";
import type { DownloadRequest, DownloadStore } from "./store.ts";
import type { Tracker } from "./tracker.ts";

export type NewDownload = Omit<DownloadCreate, "priority"> & { readonly priority?: DownloadPriority };

export interface Accepted {
  readonly download: Download;
  /** False: it is one that was there. */
  readonly created: boolean;
}

/** How wishes become downloads: a new one, the one that is at work on it, or the last one taken up again. */
export interface Intake {
  create(wish: NewDownload): Accepted;
  repair(model: string): Accepted;
}

export interface IntakeDependencies {
  readonly store: DownloadStore;
  readonly tracker: Tracker;
  readonly models: Models;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Back into the queue. @throws AppError when nothing may begin now. */
  readonly requeue: (id: string, changes: Partial<Download>) => void;
  /** @throws AppError when nothing may begin now. */
  readonly refuseUnready: () => void;
}

export function createIntake(dependencies: IntakeDependencies): Intake {
  const { store, tracker, models, clock, ids, requeue, refuseUnready } = dependencies;

  const take = (model: string, revision: string, priority: DownloadPriority, request: DownloadRequest): Accepted => {
    refuseUnready();
    const present = store.active(model, revision);
    if (present) {
      const download = tracker.fresh(present);
      if (!isHigher(priority, download.priority)) return { download, created: false };
      return { download: tracker.amend(download.id, { priority }), created: false };
    }
    const last = store.latest(model, revision);
    if (last?.state === "failed" && isSame(store.request(last.id), request)) {
      requeue(last.id, { commit: null, priority });
      return { download: tracker.find(last.id) ?? last, created: false };
    }
    const at = timestamp(clock);
    const download: Download = {
      ...{ id: ids("dl"), model, revision, commit: null, state: "queued", pauseReason: null, priority },
      ...{ bytesDone: 0, bytesVerified: 0, bytesTotal: null, filesDone: 0, filesTotal: null },
      ...{ bytesPerSecond: null, secondsLeft: null, connections: 0 },
      ...{ error: null, createdAt: at, updatedAt: at, finishedAt: null },
    };
    tracker.insert(download, request);
    return { download, created: true };
  };

  /** What the last check found; null where there was none, or files have changed since. */
  const wrongFiles = (model: string, commit: string): string[] | null => {
    const check = models.verification(model, commit);
    return check?.current ? check.wrongFiles.map(({ path }) => path) : null;
  };

  return {
    create({ model, revision, files, priority = "normal" }) {
      if (isReserved(model)) throw new AppError("invalid_request", `${model} is not on the Hub. Choose another model.`);
      const patterns = files ?? null;
      if (patterns) matcher(patterns);
      return take(model, revision, priority, { patterns, purpose: "download" });
    },
    repair(model) {
      const { source, revisions } = models.get(model);
      if (source !== "hub-cache" || isReserved(model))
        throw new AppError("unsupported", `${model} is not from the Hub, so it cannot be fetched again.`);
      const main = commitOf(revisions);
      for (const commit of [main, ...revisions.map(({ revision }) => revision)].filter((one) => one !== "main")) {
        const wrong = wrongFiles(model, commit) ?? [];
        if (wrong.length === 0) continue;
        return take(model, commit, "normal", { patterns: wrong.map(patternOf), purpose: "repair" });
      }
      if (main !== "main" && wrongFiles(model, main) !== null)
        throw new AppError("conflict", `The last check found nothing wrong with ${model}. Check it again if in doubt.`);
      return take(model, main, "normal", { patterns: null, purpose: "repair" });
    },
  };
}

/**
 * The commit that `main` is, else any that has a name. Without a name nobody can load the model by it, and only a
 * download of `main` gives it one.
 */
function commitOf(revisions: readonly { readonly revision: string; readonly refs: readonly string[] }[]): string {
  const named = revisions.filter(({ refs }) => refs.length > 0);
  return (named.find(({ refs }) => refs.includes("main")) ?? named[0])?.revision ?? "main";
}

function isSame(a: DownloadRequest, b: DownloadRequest): boolean {
  return a.purpose === b.purpose && JSON.stringify(a.patterns) === JSON.stringify(b.patterns);
}
