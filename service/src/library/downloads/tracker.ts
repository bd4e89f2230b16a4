import type { Download, DownloadState } from "../../contract/downloads.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Events } from "../../platform/events.ts";
import { assertMove } from "../../platform/machine.ts";
import type { FileStore } from "./file-store.ts";
import { downloadTransitions, isActive } from "./machine.ts";
import type { TransferProgress } from "./messages.ts";
import { createSpeedMeter, secondsLeft } from "./speed.ts";
import type { SpeedMeter } from "./speed.ts";
import type { DownloadRequest, DownloadStore } from "./store.ts";

/** The only writer of download rows: row first, event after. Counters of running downloads are fresher here than there. */
export interface Tracker {
  find(id: string): Download | null;
  /** The row as it is, with the counters of this moment. */
  fresh(download: Download): Download;
  insert(download: Download, request: DownloadRequest): void;
  /** @throws AppError `conflict` for a step the machine does not have. */
  move(id: string, state: DownloadState, changes?: Partial<Download>): Download;
  /** Facts that came to light without a step. */
  amend(id: string, changes: Partial<Download>): Download;
  progress(id: string, progress: TransferProgress): void;
  /** Resolves when the files told of as verified are so in the database. */
  written(id: string): Promise<void>;
}

interface Live {
  download: Download;
  readonly fetched: SpeedMeter;
  readonly proven: SpeedMeter;
  savedAt: number;
}

const saveIntervalMs = 2000;
const still = { bytesPerSecond: null, secondsLeft: null, connections: 0 } as const;

export function createTracker(store: DownloadStore, files: FileStore, events: Events, clock: Clock): Tracker {
  const live = new Map<string, Live>();
  const writing = new Map<string, Promise<void>>();

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
  const markVerified = (id: string, paths: readonly string[]): void => {
    const before = writing.get(id) ?? Promise.resolve();
    const next = before.then(() => files.markVerified(id, paths));
    // Whoever asks `written` gets the error; until then it must not count as unhandled.
    next.catch(() => undefined);
    writing.set(id, next);
  };

  return {
    find,
    fresh: (download) => live.get(download.id)?.download ?? download,
    insert(download, request) {
      store.insert(download, request);
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
        const meters = { fetched: createSpeedMeter(clock), proven: createSpeedMeter(clock) };
        live.set(id, { download: next, ...meters, savedAt: clock.monotonic() });
      }
      const saved = save(next);
      if (state !== "downloading" && state !== "verifying" && state !== "committing") live.delete(id);
      return saved;
    },
    amend: (id, changes) => save({ ...known(id), ...changes, updatedAt: timestamp(clock) }),
    progress(id, progress) {
      const entry = live.get(id);
      if (!entry) return;
      entry.fetched.note(progress.fetchedBytes);
      entry.proven.note(progress.bytesVerified);
      entry.download = { ...advanced(entry, progress), updatedAt: timestamp(clock) };
      if (progress.verified.length > 0) markVerified(id, progress.verified);
      if (clock.monotonic() - entry.savedAt >= saveIntervalMs) {
        entry.savedAt = clock.monotonic();
        store.updateProgress(entry.download);
      }
      events.sample("download.progress", id, entry.download);
    },
    async written(id) {
      await writing.get(id);
      writing.delete(id);
    },
  };
}

/** What is fetched or checked a second time is no progress, and no way back either. */
function advanced({ download, fetched, proven }: Live, progress: TransferProgress): Download {
  const total = download.bytesTotal ?? 0;
  const bytesDone = Math.min(total, Math.max(download.bytesDone, progress.bytesDone));
  const bytesVerified = Math.min(total, Math.max(download.bytesVerified, progress.bytesVerified));
  const filesDone = Math.max(download.filesDone, progress.filesDone);
  const { connections } = progress;
  const counters = { ...download, bytesDone, bytesVerified, filesDone, connections };
  // While everything is here and only being checked, there is no network speed, and the checking tells the time left.
  if (download.state === "verifying" || download.state === "committing") {
    const left = secondsLeft(total - bytesVerified, proven.bytesPerSecond());
    return { ...counters, bytesPerSecond: null, secondsLeft: left };
  }
  const bytesPerSecond = fetched.bytesPerSecond();
  return { ...counters, bytesPerSecond, secondsLeft: secondsLeft(total - bytesDone, bytesPerSecond) };
}
