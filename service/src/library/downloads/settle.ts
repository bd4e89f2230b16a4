import type { Download } from "../../contract/downloads.ts";
import type { Failure } from "../../contract/error.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { diskFullFailure } from "./disk.ts";
import type { RunOutcome } from "./run.ts";
import type { Tracker } from "./tracker.ts";

/** Why a run was told to stop. */
export const stopReasons = {
  paused: new DOMException("The download was paused.", "AbortError"),
  cancelled: new DOMException("The download was cancelled.", "AbortError"),
  /** Another one goes first. */
  yielding: new DOMException("The download makes room for another one.", "AbortError"),
  stopping: new DOMException("The service is stopping.", "AbortError"),
} as const;

export interface SettlerDependencies {
  readonly tracker: Tracker;
  readonly clock: Clock;
  readonly log: Log;
  readonly discard: (download: Download) => Promise<void>;
}

export type Settler = (id: string, outcome: RunOutcome, reason: unknown) => Promise<void>;

const workerDeathLimit = 3;

/** The last step of a run, by what the worker says and by why it was stopped. */
export function createSettler({ tracker, clock, log, discard }: SettlerDependencies): Settler {
  const workerDeaths = new Map<string, number>();

  const fail = (id: string, failure: Failure): void => {
    log.warn({ download: id, code: failure.code }, "download failed");
    tracker.move(id, "failed", { error: withTime(failure, clock) });
  };

  const requeue = ({ id, state }: Download): void => {
    // One that was taken from the queue and stopped before its first step is still there.
    if (state !== "queued") tracker.move(id, "queued");
  };

  return async (id, outcome, reason) => {
    const download = tracker.find(id);
    if (!download) throw new Error("The download has no row.");
    if (outcome.kind !== "worker-died") workerDeaths.delete(id);
    const { bytesTotal, filesTotal, bytesDone } = download;
    if (outcome.kind === "completed") {
      const whole = { bytesDone: bytesTotal ?? 0, bytesVerified: bytesTotal ?? 0, filesDone: filesTotal ?? 0 };
      return void tracker.move(id, "completed", whole);
    }
    if (reason === stopReasons.cancelled) {
      await discard(download);
      return void tracker.move(id, "cancelled");
    }
    if (reason === stopReasons.stopping) return requeue(download);
    switch (outcome.kind) {
      case "stopped":
        if (reason === stopReasons.yielding) return requeue(download);
        return void tracker.move(id, "paused", { pauseReason: "user" });
      case "failed":
        return fail(id, outcome.failure);
      case "disk-full": {
        // Refused before it began, there is nothing to keep; later on it waits for space.
        const waits = !(outcome.before && outcome.isNewPlan);
        const neededBytes = outcome.neededBytes || Math.max(0, (bytesTotal ?? 0) - bytesDone);
        const error = diskFullFailure({ neededBytes, freeBytes: outcome.freeBytes }, waits);
        if (!waits) return fail(id, error);
        return void tracker.move(id, "paused", { pauseReason: "disk_full", error });
      }
      case "worker-died": {
        const deaths = (workerDeaths.get(id) ?? 0) + 1;
        workerDeaths.set(id, deaths);
        if (deaths < workerDeathLimit) return requeue(download);
        const message = "The download broke off again and again. See the service log, then retry.";
        return fail(id, { code: "internal", message });
      }
    }
  };
}

/** "In 40 seconds" is of no use to who reads it later: the time of day is kept beside it. */
function withTime(failure: Failure, clock: Clock): Failure {
  const seconds = failure.details?.["retryAfterSeconds"];
  if (failure.code !== "rate_limited" || typeof seconds !== "number" || failure.details?.["until"]) return failure;
  return { ...failure, details: { ...failure.details, until: new Date(clock.now() + seconds * 1000).toISOString() } };
}
