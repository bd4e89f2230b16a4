import type { Download } from "../../contract/downloads.ts";
import type { Failure } from "../../contract/error.ts";
import { isAbort, toFailure } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import type { Hub } from "../hub/index.ts";
import type { Models } from "../models/index.ts";
import type { TransferJob, TransferOutcome, TransferTuning } from "./messages.ts";
import { checkNames } from "./name-folding.ts";
import { planFiles, recordsListing } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { FileStore } from "./file-store.ts";
import { repositoryLayout } from "./layout.ts";
import type { Reservations } from "./reservations.ts";
import type { DownloadRequest, DownloadStore } from "./store.ts";
import type { Tracker } from "./tracker.ts";
import { trustedBlobs } from "./trust.ts";
import type { TransferWorker } from "./worker-client.ts";

export interface RunDependencies {
  readonly hub: Hub;
  readonly models: Models;
  readonly store: DownloadStore;
  readonly files: FileStore;
  readonly tracker: Tracker;
  readonly worker: TransferWorker;
  readonly tuning: TransferTuning;
  readonly log: Log;
  readonly reservations: Reservations;
}

/** How a run ended: as the worker says, and whether the plan was made in it. */
export type RunOutcome = TransferOutcome & { readonly isNewPlan: boolean };

/**
 * Plans where there is no plan, transfers, commits. Moves the download through its states up to `committing`; the last
 * step is its owner's, who knows why it was stopped. Never throws.
 */
export async function runDownload(id: string, signal: AbortSignal, dependencies: RunDependencies): Promise<RunOutcome> {
  const { tracker, log } = dependencies;
  let isNewPlan = false;
  try {
    const download = tracker.find(id);
    if (!download) throw new Error("The download has no row.");
    isNewPlan = download.commit === null;
    dependencies.worker.prepare();
    if (isNewPlan) await makePlan(download, signal, dependencies);
    return { ...(await transfer(id, signal, dependencies)), isNewPlan };
  } catch (error) {
    if (signal.aborted || isAbort(error)) return { kind: "stopped", isNewPlan };
    const failure = toFailure(error);
    if (failure.code === "internal") log.error({ error, download: id }, "download failed");
    return { kind: "failed", failure, isNewPlan };
  } finally {
    dependencies.reservations.release(id);
  }
}

/** Pins the revision to a commit; from here on the branch may move as it likes. */
async function makePlan(download: Download, signal: AbortSignal, dependencies: RunDependencies): Promise<void> {
  const { hub, store, files, tracker } = dependencies;
  const { id, model, revision } = download;
  tracker.move(id, "planning");
  const { sha } = await hub.repository(model, revision, signal);
  const tree = await hub.tree(model, sha, signal);
  const plan = planFiles(tree, store.request(id).patterns);
  const names = plan.chosen.map(({ path }) => path);
  await checkNames(names, dependencies.models.cachePath);
  await files.replacePlan(id, plan);
  signal.throwIfAborted();
  // The commit last: a plan without one is made again.
  tracker.amend(id, {
    ...{ commit: sha, bytesTotal: plan.bytesTotal, filesTotal: plan.chosen.length },
    bytesDone: Math.min(download.bytesDone, plan.bytesTotal),
    bytesVerified: Math.min(download.bytesVerified, plan.bytesTotal),
    filesDone: Math.min(download.filesDone, plan.chosen.length),
  });
}

async function transfer(id: string, signal: AbortSignal, dependencies: RunDependencies): Promise<TransferOutcome> {
  const { models, tracker, worker } = dependencies;
  const { model } = tracker.find(id) as Download;
  const job = await jobOf(id, dependencies);
  const { commit } = job;
  signal.throwIfAborted();
  let release: (() => void) | null = null;
  let refusal: Failure | null = null;
  const listener = {
    surveyed(progress: Parameters<Tracker["progress"]>[1]) {
      tracker.move(id, "downloading", { pauseReason: null, error: null });
      tracker.progress(id, progress);
    },
    progress: (progress: Parameters<Tracker["progress"]>[1]) => tracker.progress(id, progress),
    phase(phase: "downloading" | "verifying") {
      if (tracker.find(id)?.state !== phase) tracker.move(id, phase);
    },
    ready() {
      // A pause that crossed this message: the worker stops, and nothing was begun.
      if (signal.aborted) return false;
      try {
        release = models.hold(model, commit, "A download is being put into place.");
      } catch (error) {
        refusal = toFailure(error);
        return false;
      }
      if (tracker.find(id)?.state === "downloading") tracker.move(id, "verifying");
      tracker.move(id, "committing");
      return true;
    },
  };
  try {
    const outcome = await worker.transfer(job, listener, signal);
    await tracker.written(id);
    if (outcome.kind === "completed") await models.rescan(model);
    return outcome.kind === "stopped" && refusal ? { kind: "failed", failure: refusal } : outcome;
  } finally {
    (release as (() => void) | null)?.();
  }
}

async function jobOf(id: string, dependencies: RunDependencies): Promise<TransferJob> {
  const { hub, models, store, files, tracker, tuning, reservations } = dependencies;
  const { model, revision, commit } = tracker.find(id) as Download;
  if (commit === null) throw new Error("The download has no plan.");
  const request = store.request(id);
  const plan = await files.plan(id);
  const blobIds = new Set(plan.chosen.map(({ blobId }) => blobId));
  // A repair takes nobody's word, not even our own: something went wrong here before.
  const proven = request.purpose === "repair" ? new Map<string, number>() : await files.proven(id, model, blobIds);
  return {
    ...{ downloadId: id, model, revision, commit, cachePath: models.cachePath, tuning },
    files: plan.chosen.map(({ path, sizeBytes, blobId, algorithm, xetHash }) => ({
      ...{ path, sizeBytes, blobId, algorithm, xetHash },
    })),
    trustedBlobs: await trustedBlobs(repositoryLayout(models.cachePath, model), proven),
    listing: isListed(request, plan) ? [...plan.chosen, ...plan.leftOut] : null,
    movesRef: request.patterns === null,
    reservedBytes: reservations.claim(id),
    transport: hub.transport(),
  };
}

/** A repair of some files leaves it as it is: whoever brought the revision knew whether it may be recorded. */
function isListed({ patterns, purpose }: DownloadRequest, plan: Plan): boolean {
  return recordsListing(plan, patterns) && (purpose === "download" || patterns === null);
}
