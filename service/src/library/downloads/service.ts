import type { Download, DownloadPatch } from "../../contract/downloads.ts";
import type { SettingValues } from "../../contract/settings.ts";
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
import { offline } from "../hub/index.ts";
import type { Hub } from "../hub/index.ts";
import type { Models } from "../models/index.ts";
import { watchDisk } from "./disk-watch.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createFileStore } from "./file-store.ts";
import { createIntake } from "./intake.ts";
import type { Accepted, NewDownload } from "./intake.ts";
import { createLeftovers } from "./leftovers.ts";
import type { StaleParts } from "./leftovers.ts";
import { isActive, isRunning } from "./machine.ts";
import { defaultTuning } from "./messages.ts";
import type { TransferTuning } from "./messages.ts";
import { createReservations } from "./reservations.ts";
import { runDownload } from "./run.ts";
import { createSettler, stopReasons } from "./settle.ts";
import { createDownloadStore } from "./store.ts";
import type { DownloadFilter } from "./store.ts";
import { createTracker } from "./tracker.ts";
import { createTransferWorker } from "./worker-client.ts";

/** Downloads from the Hub into its cache. Every command is safe to repeat and answers the download as it then is. */
export interface Downloads {
  /** Queues it, or answers the one that is at work on the same model and revision; a failed one goes on. */
  create(wish: NewDownload): Accepted;
  /**
   * Fetches again what the model's last check found wrong; never checked, whatever is missing or wrong.
   * @throws AppError `model_not_found`, `unsupported` for a model that is not from the Hub, `conflict` when all is well.
   */
  repair(model: string): Accepted;
  /** @throws AppError `not_found` */
  get(id: string): Download;
  list(filter: DownloadFilter): Page<Download>;
  /** Takes effect at once: a high one takes the place of a low one that is at work. */
  update(id: string, patch: DownloadPatch): Promise<Download>;
  pause(id: string): Promise<Download>;
  resume(id: string): Promise<Download>;
  /** A failed one again; what was verified is kept. */
  retry(id: string): Promise<Download>;
  /** Ends it and removes what it left. One that is about to be committed is completed instead. */
  cancel(id: string): Promise<Download>;
  /** The id of the model's download that is neither finished nor given up. */
  activeFor(model: string): string | null;
  /**
   * Which of a model's blobs ended downloads have proven right, and until when (milliseconds) their files must have
   * been written for that to still hold.
   */
  provenBlobs(model: string, blobIds: ReadonlySet<string>): Promise<ReadonlyMap<string, number>>;
  /** What ended downloads left in the cache and nothing needs. */
  staleParts(): Promise<StaleParts[]>;
  /** Removes it. @returns what was removed. */
  cleanParts(): Promise<StaleParts[]>;
  /** Takes up what the last run left; paused ones stay paused. */
  recover(): void;
  close(): Promise<void>;
}

/** The settings that count here, each from the moment it changes. */
export type DownloadSettings = Pick<
  SettingValues,
  "downloadConcurrency" | "downloadConnections" | "downloadBytesPerSecond"
>;

export interface DownloadsDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly place: Place;
  readonly hub: Hub;
  readonly models: Models;
  readonly settings: {
    values(): DownloadSettings;
    onChange(listener: (values: DownloadSettings) => void): () => void;
  };
  readonly tuning?: Partial<TransferTuning>;
}

export function createDownloads(dependencies: DownloadsDependencies): Downloads {
  const { database, events, clock, ids, log, place, hub, models, settings } = dependencies;
  const store = createDownloadStore(database);
  const files = createFileStore(database);
  const tracker = createTracker(store, files, events, clock);
  const worker = createTransferWorker(place.worker("library/downloads/worker/main"), log);
  const mailboxes = new Map<string, Mailbox>();
  const allActive = () => store.allActive().map(tracker.fresh);
  const reservations = createReservations(allActive);
  const discard = ({ id, model }: Download) => worker.discard({ downloadId: id, model, cachePath: models.cachePath });
  const leftovers = createLeftovers({ cachePath: models.cachePath, find: tracker.find, clock });
  let isClosing = false;

  const tuning = { ...defaultTuning, ...dependencies.tuning };
  const runDependencies = { hub, models, store, files, tracker, worker, log, reservations, tuning };
  const dispatcher = createDispatcher({
    active: allActive,
    limit: () => settings.values().downloadConcurrency,
    mayRun: () => !hub.offline,
    run: (id, signal) => runDownload(id, signal, runDependencies),
    settle: createSettler({ tracker, clock, log, discard }),
    log,
  });
  const applyLimits = ({ downloadConnections, downloadBytesPerSecond }: DownloadSettings): void =>
    worker.limit({ connections: downloadConnections, bytesPerSecond: downloadBytesPerSecond });
  applyLimits(settings.values());
  const stopListening = settings.onChange((values) => {
    applyLimits(values);
    dispatcher.schedule();
  });

  const get = (id: string): Download => {
    const download = tracker.find(id);
    if (!download) throw new AppError("not_found", "There is no such download.");
    return download;
  };
  const refuseUnready = (): void => {
    if (isClosing) throw new AppError("service_stopping", "MLX Manager is stopping. Try again in a moment.");
    if (hub.offline) throw offline();
  };
  const requeue = (id: string, changes: Partial<Download>): void => {
    refuseUnready();
    tracker.move(id, "queued", { pauseReason: null, error: null, ...changes });
  };
  const intake = createIntake({ store, tracker, models, clock, ids, requeue, refuseUnready });

  /** One command at a time for each download. */
  const post = (id: string, command: () => Promise<void> | void): Promise<Download> => {
    get(id);
    const mailbox = mailboxes.get(id) ?? createMailbox();
    mailboxes.set(id, mailbox);
    return mailbox.post(async () => {
      await command();
      const download = get(id);
      if (!isActive(download.state)) mailboxes.delete(id);
      dispatcher.schedule();
      return download;
    });
  };
  const accept = (accepted: Accepted): Accepted => {
    dispatcher.schedule();
    return accepted;
  };
  const disk = watchDisk({
    ...{ clock, log, path: models.cachePath, promisedBytes: reservations.promisedBytes },
    waiting: () => allActive().filter(({ state, pauseReason }) => state === "paused" && pauseReason === "disk_full"),
    resume: (id) => {
      void post(id, () => {
        if (get(id).pauseReason === "disk_full") requeue(id, {});
      }).catch((error: unknown) => log.warn({ error, download: id }, "download could not go on"));
    },
  });

  return {
    create: (wish) => accept(intake.create(wish)),
    repair: (model) => accept(intake.repair(model)),
    get,
    list(filter) {
      const { items, nextCursor } = store.list(filter);
      return { items: items.map(tracker.fresh), nextCursor };
    },
    update: (id, { priority }) =>
      post(id, () => {
        if (get(id).priority !== priority) tracker.amend(id, { priority });
      }),
    pause: (id) =>
      post(id, async () => {
        await dispatcher.stop(id, stopReasons.paused);
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
        await dispatcher.stop(id, stopReasons.cancelled);
        const download = get(id);
        if (!isActive(download.state) && download.state !== "failed") return;
        await discard(download);
        tracker.move(id, "cancelled");
      }),
    activeFor: (model) => store.activeFor(model),
    // No download of its own: only those that are over count.
    provenBlobs: (model, blobIds) => files.proven("", model, blobIds),
    staleParts: () => leftovers.list(),
    cleanParts: () => leftovers.remove(),
    recover() {
      for (const { id, state } of store.allActive()) if (isRunning(state)) tracker.move(id, "queued");
      void leftovers.removeEnded().catch((error: unknown) => log.warn({ error }, "old parts could not be removed"));
      dispatcher.schedule();
      disk.start();
    },
    async close() {
      isClosing = true;
      stopListening();
      disk.close();
      await dispatcher.close();
      await Promise.all([...mailboxes.values()].map((mailbox) => mailbox.idle()));
      await leftovers.idle();
      await worker.close();
    },
  };
}
