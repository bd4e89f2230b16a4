/** The download slice on real parts: fake Hub over sockets, real worker thread, real files, SQLite in memory. */
import { readFile, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BroadcastChannel } from "node:worker_threads";
import type { Download, DownloadState } from "../../../../service/src/contract/downloads.ts";
import { createDownloads } from "../../../../service/src/library/downloads/index.ts";
import type { Downloads, DownloadSettings } from "../../../../service/src/library/downloads/index.ts";
import type { TransferTuning } from "../../../../service/src/library/downloads/messages.ts";
import { createHub } from "../../../../service/src/library/hub/index.ts";
import { createModels } from "../../../../service/src/library/models/index.ts";
import type { Models } from "../../../../service/src/library/models/index.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import type { Clock } from "../../../../service/src/platform/clock.ts";
import type { Database } from "../../../../service/src/platform/database/open.ts";
import { randomIds } from "../../../../service/src/platform/ids.ts";
import { findPlace } from "../../../../service/src/platform/place.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub, FakeHubOptions } from "../../../fakes/fake-hub/index.ts";
import { memoryDatabase, recordedEvents, recordedLog, temporaryFolder } from "../parts.ts";

export const mebibyte = 1024 * 1024;

/** Retries without long waits. */
export const quick: Partial<TransferTuning> = { firstDelayMs: 5, longestDelayMs: 20, attempts: 4 };

export interface BenchOptions {
  readonly hub?: FakeHubOptions;
  readonly token?: string;
  readonly tuning?: Partial<TransferTuning>;
  readonly stallMs?: number;
  readonly cachePath?: string;
  readonly settings?: Partial<DownloadSettings>;
  readonly offline?: boolean;
  readonly clock?: Clock;
}

export interface DownloadBench {
  readonly hub: FakeHub;
  readonly models: Models;
  readonly database: Database;
  readonly cache: string;
  readonly downloads: Downloads;
  readonly events: ReturnType<typeof recordedEvents>["list"];
  /** Changes settings as a person does. */
  set(settings: Partial<DownloadSettings>): void;
  logText(): string;
  /** Starts the slice anew on the same database and disk, as a restart of the service does. */
  restart(): Promise<void>;
  /** Resolves when the download is in one of the states. */
  reaches(id: string, ...states: DownloadState[]): Promise<Download>;
  /** Resolves at the first event of the download that fits. */
  seen(id: string, fits: (download: Download) => boolean): Promise<Download>;
  /** Ends the transfer thread without a word. */
  killWorker(): void;
  /** Creates and waits for the end. */
  fetch(model: string, revision?: string): Promise<Download>;
  close(): Promise<void>;
}

export async function openBench(options: BenchOptions = {}): Promise<DownloadBench> {
  const folder = await temporaryFolder();
  const cache = options.cachePath ?? join(folder.path, "hub");
  const fake = await startFakeHub(options.hub);
  const database = memoryDatabase();
  const { log, text } = recordedLog();
  const { events, list } = recordedEvents();
  const mortal = fileURLToPath(new URL("../../../fakes/mortal-transfer-worker.ts", import.meta.url));
  const place = { ...findPlace(), worker: () => mortal };
  const clock = options.clock ?? systemClock;
  const settings = settable(options.settings);
  const hub = createHub({
    endpoint: fake.url,
    token: () => options.token ?? null,
    ...{ offline: options.offline ?? false, proxy: null, caFile: null, deadlineMs: () => 5000, clock, log },
    segmentStallMs: () => options.stallMs ?? 5000,
  });
  const models = createModels({ database, events, clock, log, cachePath: cache, demoModelPath: place.demoModel });
  const create = () =>
    createDownloads({
      ...{ database, events, clock, ids: randomIds, log, place, hub, models, settings },
      tuning: { ...quick, ...options.tuning },
    });
  let downloads = create();
  const seen: DownloadBench["seen"] = (id, fits) =>
    new Promise((resolve) => {
      const now = downloads.get(id);
      if (fits(now)) return resolve(now);
      const stop = events.listen((event) => {
        if (event.type !== "download.changed" && event.type !== "download.progress") return;
        if (event.data.id !== id || !fits(event.data)) return;
        stop();
        resolve(event.data);
      });
    });
  const reaches: DownloadBench["reaches"] = async (id, ...states) => {
    const download = await seen(id, ({ state }) => states.includes(state) || state === "failed");
    if (!states.includes(download.state)) throw new Error(`It failed: ${JSON.stringify(download.error)}\n${text()}`);
    return download;
  };

  return {
    ...{ hub: fake, models, database, cache, events: list, logText: text, seen, reaches, set: settings.set },
    get downloads() {
      return downloads;
    },
    async restart() {
      await downloads.close();
      downloads = create();
      downloads.recover();
    },
    killWorker() {
      const channel = new BroadcastChannel("mortal-transfer-worker");
      channel.postMessage("end");
      channel.close();
    },
    async fetch(model, revision = "main") {
      const { download } = downloads.create({ model, revision });
      return seen(download.id, ({ state }) => ["completed", "failed", "paused", "cancelled"].includes(state));
    },
    async close() {
      await downloads.close();
      await models.close();
      await hub.close();
      await fake.close();
      events.close();
      database.close();
      await folder.remove();
    },
  };
}

/** Settings in the test's hands. */
export function settable(start: Partial<DownloadSettings> = {}) {
  const listeners = new Set<(values: DownloadSettings) => void>();
  let values: DownloadSettings = {
    ...{ downloadConcurrency: 2, downloadConnections: 8, downloadBytesPerSecond: null },
    ...start,
  };
  return {
    values: () => values,
    onChange(listener: (values: DownloadSettings) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(change: Partial<DownloadSettings>) {
      values = { ...values, ...change };
      for (const listener of listeners) listener(values);
    },
  };
}

/** Every file and link below a folder: `path` or `path -> target`, sorted. */
export async function listing(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const lines = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1);
      if (entry.isDirectory()) return `${name}/`;
      return entry.isSymbolicLink() ? `${name} -> ${await readlink(path)}` : name;
    }),
  );
  return lines.sort();
}

export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export const repositoryFolder = (cache: string, model: string): string =>
  join(cache, `models--${model.replace("/", "--")}`);

/** A file of the downloaded revision, read through its link. */
export const contentOf = (cache: string, model: string, commit: string, path: string): Promise<Buffer> =>
  readFile(join(repositoryFolder(cache, model), "snapshots", commit, path));

export const partsFolder = (cache: string, model: string): string =>
  join(repositoryFolder(cache, model), ".mlx-manager-parts");
