import type { Download, DownloadCreate } from "../../contract/downloads.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Page } from "../../platform/database/page.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import type { Place } from "../../platform/place.ts";
import { createMailbox } from "../../platform/process/mailbox.ts";
import type { Mailbox } from "../../platform/process/mailbox.ts";
import { isReserved, offline } from "../hub/index.ts";
import type { Hub } from "../hub/index.ts";
import type { Models } from "../models/index.ts";
import { diskFullFailure, watchDisk } from "./disk.ts";
import { isActive, isRunning } from "./machine.ts";
import { defaultTuning } from "./messages.ts";
import type { TransferTuning } from "./messages.ts";
import { matcher } from "./plan.ts";
import { nextToStart } from "./queue.ts";
import { runDownload } from "./run.ts";
import type { RunOutcome } from "./run.ts";
import { createDownloadStore } from "./store.ts";
import type { DownloadFilter } from "./store.ts";
import { createTracker } from "./tracker.ts";
import { createTransferWorker } from "./worker-client.ts";

/** Downloads from the Hub into its cache. Every command is safe to repeat and answers the download as it then is. */
export interface Downloads {
  /** Queues it, or answers the one that is at work on the same model and revision; a failed one goes on. */
  create(request: DownloadCreate): { download: Download; created: boolean };
  /** @throws AppError `not_found` */
  get(id: string): Download;
  list(filter: DownloadFilter): Page<Download>;
  pause(id: string): Promise<Download>;
  resume(id: string): Promise<Download>;
  /** A failed one again; what was verified is kept. */
  retry(id: string): Promise<Download>;
  /** Ends it and removes what it left. One that is about to be committed is completed instead. */
  cancel(id: string): Promise<Download>;
  /** The id of the model's download that is neither finished nor given up. */
  activeFor(model: string): string | null;
  /** Takes up what the last run left; paused ones stay paused. */
  recover(): void;
  close(): Promise<void>;
}

export interface DownloadsDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly place: Place;
  readonly hub: Hub;
  readonly models: Models;
  /** Downloads at work at once. */
  readonly limit?: number;
  readonly tuning?: Partial<TransferTuning>;
}

interface Active {
  readonly model: string;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

const paused = new DOMException("The download was paused.", "AbortError");
const cancelled = new DOMException("The download was cancelled.", "AbortError");
const stopping = new DOMException("The service is stopping.", "AbortError");
const workerDeathLimit = 3;

export function createDownloads(dependencies: DownloadsDependencies): Downloads {
  const { database, events, clock, ids, log, place, hub, models, limit = 2 } = dependencies;
  const store = createDownloadStore(database);
  const tracker = createTracker(store, events, clock);
  const worker = createTransferWorker(place.worker("library/downloads/worker/main"), log);
  const active = new Map<string, Active>();
  const mailboxes = new Map<string, Mailbox>();
  const workerDeaths = new Map<string, number>();
  let isClosing = false;

  /** What running downloads, and those before it in the queue, still have to write. */
  const reservedBytes = (id: string): number => {
    const waiting = store.allActive().map(tracker.fresh);
    const own = waiting.findIndex((download) => download.id === id);
    return waiting
      .filter(({ state }, index) => index !== own && (isRunning(state) || (state === "queued" && index < own)))
      .reduce((sum, { bytesTotal, bytesDone }) => sum + Math.max(0, (bytesTotal ?? 0) - bytesDone), 0);
  };
  const runDependencies = {
    ...{ hub, models, store, tracker, worker, log, reservedBytes },
    tuning: { ...defaultTuning, ...dependencies.tuning },
  };

  const discard = ({ id, model }: Download) => worker.discard({ downloadId: id, model, cachePath: models.cachePath });

  /** The last step of a run, by what the worker says and by why it was stopped. */
  const settle = async (id: string, outcome: RunOutcome, reason: unknown): Promise<void> => {
    const download = get(id);
    if (outcome.kind !== "worker-died") workerDeaths.delete(id);
    if (outcome.kind === "completed") {
      const { bytesTotal, filesTotal } = download;
      return void tracker.move(id, "completed", { bytesDone: bytesTotal ?? 0, filesDone: filesTotal ?? 0 });
    }
    if (reason === cancelled) {
      await discard(download);
      return void tracker.move(id, "cancelled");
    }
    if (reason === stopping) return void tracker.move(id, "queued");
    switch (outcome.kind) {
      case "stopped":
        return void tracker.move(id, "paused", { pauseReason: "user" });
      case "failed":
        log.warn({ download: id, code: outcome.failure.code }, "download failed");
        return void tracker.move(id, "failed", { error: outcome.failure });
      case "disk-full": {
        const error = diskFullFailure(outcome);
        // Refused before it began, there is nothing to keep; later on it waits for space.
        if (outcome.before && outcome.isNewPlan) return void tracker.move(id, "failed", { error });
        return void tracker.move(id, "paused", { pauseReason: "disk_full", error });
      }
      case "worker-died": {
        const deaths = (workerDeaths.get(id) ?? 0) + 1;
        workerDeaths.set(id, deaths);
        if (deaths < workerDeathLimit) return void tracker.move(id, "queued");
        const message = "The download broke off again and again. See the service log, then retry.";
        return void tracker.move(id, "failed", { error: { code: "internal", message } });
      }
    }
  };

  const launch = (id: string, model: string): void => {
    const controller = new AbortController();
    const work = async () => {
      const outcome = await runDownload(id, controller.signal, runDependencies);
      try {
        await settle(id, outcome, controller.signal.reason);
      } catch (error) {
        log.error({ error, download: id }, "download could not be settled");
      }
      active.delete(id);
      schedule();
    };
    // Begins in a later turn, so that the caller has the row before the first effect.
    active.set(id, { model, controller, done: Promise.resolve().then(work) });
  };

  const schedule = (): void => {
    if (isClosing) return;
    const waiting = store.allActive().filter(({ id, state }) => state === "queued" && !active.has(id));
    const running = [...active.values()].map(({ model }) => model);
    for (const id of nextToStart(waiting, running, limit)) launch(id, get(id).model);
  };

  const get = (id: string): Download => {
    const download = tracker.find(id);
    if (!download) throw new AppError("not_found", "There is no such download.");
    return download;
  };

  /** One command at a time for each download. */
  const post = (id: string, command: () => Promise<void> | void): Promise<Download> => {
    get(id);
    const mailbox = mailboxes.get(id) ?? createMailbox();
    mailboxes.set(id, mailbox);
    return mailbox.post(async () => {
      await command();
      const download = get(id);
      if (!isActive(download.state)) mailboxes.delete(id);
      schedule();
      return download;
    });
  };
  const stop = async (id: string, reason: DOMException): Promise<void> => {
    const running = active.get(id);
    running?.controller.abort(reason);
    await running?.done;
  };
  const requeue = (id: string, changes: Partial<Download>): void => {
    if (isClosing) throw new AppError("service_stopping", "MLX Manager is stopping. Try again in a moment.");
    if (hub.offline) throw offline();
    tracker.move(id, "queued", { pauseReason: null, error: null, ...changes });
  };
  const disk = watchDisk({
    clock,
    log,
    path: models.cachePath,
    store,
    reservedBytes,
    resume: (id) => {
      void post(id, () => {
        if (get(id).pauseReason === "disk_full") requeue(id, {});
      }).catch((error: unknown) => log.warn({ error, download: id }, "download could not go on"));
    },
  });

  return {
    create({ model, revision, files }) {
      if (isClosing) throw new AppError("service_stopping", "MLX Manager is stopping. Try again in a moment.");
      if (isReserved(model)) throw new AppError("invalid_request", `${model} is not on the Hub. Choose another model.`);
      if (hub.offline) throw offline();
      const present = store.active(model, revision);
      if (present) return { download: tracker.fresh(present), created: false };
      const patterns = files ?? null;
      if (patterns) matcher(patterns);
      const last = store.latest(model, revision);
      if (last?.state === "failed" && JSON.stringify(store.patterns(last.id)) === JSON.stringify(patterns)) {
        requeue(last.id, { commit: null });
        schedule();
        return { download: get(last.id), created: false };
      }
      const at = timestamp(clock);
      const download: Download = {
        ...{ id: ids("dl"), model, revision, commit: null, state: "queued", pauseReason: null },
        ...{ bytesDone: 0, bytesTotal: null, filesDone: 0, filesTotal: null, bytesPerSecond: null, secondsLeft: null },
        ...{ error: null, createdAt: at, updatedAt: at, finishedAt: null },
      };
      tracker.insert(download, patterns);
      schedule();
      return { download, created: true };
    },
    get,
    list(filter) {
      const { items, nextCursor } = store.list(filter);
      return { items: items.map(tracker.fresh), nextCursor };
    },
    pause: (id) =>
      post(id, async () => {
        await stop(id, paused);
        const { state } = get(id);
        if (state !== "paused" && isActive(state)) tracker.move(id, "paused", { pauseReason: "user" });
      }),
    resume: (id) =>
      post(id, () => {
        if (get(id).state === "paused") requeue(id, {});
      }),
    retry: (id) =>
      post(id, () => {
        const { state, model, revision } = get(id);
        if (isActive(state)) return;
        if (state === "failed" && store.active(model, revision))
          throw new AppError("conflict", "Another download of this model and revision is at work.");
        // Planned anew: what was asked for may have moved or grown since. Parts are kept by content.
        requeue(id, { commit: null });
      }),
    cancel: (id) =>
      post(id, async () => {
        await stop(id, cancelled);
        const download = get(id);
        if (!isActive(download.state) && download.state !== "failed") return;
        await discard(download);
        tracker.move(id, "cancelled");
      }),
    activeFor: (model) => store.activeFor(model),
    recover() {
      for (const { id, state } of store.allActive()) if (isRunning(state)) tracker.move(id, "queued");
      if (!hub.offline) schedule();
      disk.start();
    },
    async close() {
      isClosing = true;
      disk.close();
      for (const { controller } of active.values()) controller.abort(stopping);
      await Promise.all([...active.values()].map(({ done }) => done));
      await Promise.all([...mailboxes.values()].map((mailbox) => mailbox.idle()));
      await worker.close();
    },
  };
}
