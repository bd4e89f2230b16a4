import type { Download, DownloadState } from "../../contract/downloads.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Events } from "../../platform/events.ts";
import { assertMove } from "../../platform/machine.ts";
import { downloadTransitions, isActive } from "./machine.ts";
import type { TransferProgress } from "./messages.ts";
import { createSpeedMeter, secondsLeft } from "./speed.ts";
import type { SpeedMeter } from "./speed.ts";
import type { DownloadStore } from "./store.ts";

/** The only writer of download rows: row first, event after. Counters of running downloads are fresher here than there. */
export interface Tracker {
  find(id: string): Download | null;
  /** The row as it is, with the counters of this moment. */
  fresh(download: Download): Download;
  insert(download: Download, patterns: readonly string[] | null): void;
  /** @throws AppError `conflict` for a step the machine does not have. */
  move(id: string, state: DownloadState, changes?: Partial<Download>): Download;
  /** Facts that came to light without a step. */
  amend(id: string, changes: Partial<Download>): Download;
  progress(id: string, progress: TransferProgress): void;
}

interface Live {
  download: Download;
  meter: SpeedMeter;
  savedAt: number;
}

const saveIntervalMs = 2000;
const still = { bytesPerSecond: null, secondsLeft: null } as const;

export function createTracker(store: DownloadStore, events: Events, clock: Clock): Tracker {
  const live = new Map<string, Live>();

  const find: Tracker["find"] = (id) => live.get(id)?.download ?? store.find(id);
  const save = (download: Download): Download => {
    store.update(download);
    const entry = live.get(download.id);
    if (entry) entry.download = download;
    events.publish("download.changed", download);
    return download;
  };
  const known = (id: string): Download => {
    const download = find(id);
    if (!download) throw new Error("The download has no row.");
    return download;
  };

  return {
    find,
    fresh: (download) => live.get(download.id)?.download ?? download,
    insert(download, patterns) {
      store.insert(download, patterns);
      events.publish("download.changed", download);
    },
    move(id, state, changes = {}) {
      const download = known(id);
      assertMove(downloadTransitions, download.state, state, "download");
      const at = timestamp(clock);
      const speed = state === "downloading" ? {} : still;
      const finishedAt = isActive(state) ? null : at;
      const next: Download = { ...download, ...speed, finishedAt, ...changes, state, updatedAt: at };
      if (state === "downloading" && !live.has(id)) {
        live.set(id, { download: next, meter: createSpeedMeter(clock), savedAt: clock.monotonic() });
      }
      const saved = save(next);
      if (state !== "downloading" && state !== "verifying" && state !== "committing") live.delete(id);
      return saved;
    },
    amend: (id, changes) => save({ ...known(id), ...changes, updatedAt: timestamp(clock) }),
    progress(id, { bytesDone, filesDone, fetchedBytes, verified }) {
      const entry = live.get(id);
      if (!entry) return;
      const { download, meter } = entry;
      meter.note(fetchedBytes);
      const total = download.bytesTotal ?? 0;
      // What is fetched a second time is no progress, and no way back either.
      const done = Math.min(total, Math.max(download.bytesDone, bytesDone));
      const bytesPerSecond = meter.bytesPerSecond();
      entry.download = {
        ...download,
        bytesDone: done,
        filesDone: Math.max(download.filesDone, filesDone),
        bytesPerSecond,
        secondsLeft: secondsLeft(total - done, bytesPerSecond),
      };
      if (verified.length > 0) store.markVerified(id, verified);
      if (clock.monotonic() - entry.savedAt >= saveIntervalMs) {
        entry.savedAt = clock.monotonic();
        store.updateProgress(id, done, entry.download.filesDone);
      }
      events.sample("download.progress", id, entry.download);
    },
  };
}
