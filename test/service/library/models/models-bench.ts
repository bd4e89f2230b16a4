/** The library alone on a real disk, with a clock in the test's hands. */
import { mkdir, readdir, lstat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "../../../../service/src/platform/database/open.ts";
import { createModels } from "../../../../service/src/library/models/index.ts";
import type { Models } from "../../../../service/src/library/models/index.ts";
import { handClock, memoryDatabase, recordedEvents, recordedLog, temporaryFolder } from "../parts.ts";
import type { HandClock } from "../parts.ts";
import { modelFiles } from "./hub-cache.ts";

export interface ModelsBench {
  readonly folder: string;
  readonly cache: string;
  readonly database: Database;
  readonly clock: HandClock;
  readonly downloading: Set<string>;
  readonly stale: { model: string; bytes: number }[];
  readonly models: Models;
  /** Types and ids of the events since the last question. */
  told(): string[];
  /** Ends this library and begins another on the same table, as a new start of the service does. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface ModelsBenchOptions {
  readonly importFolders?: readonly string[];
}

export async function openModelsBench({ importFolders = [] }: ModelsBenchOptions = {}): Promise<ModelsBench> {
  const folder = await temporaryFolder();
  const cache = join(folder.path, "hub");
  const demo = join(folder.path, "demo");
  await mkdir(demo);
  for (const name of ["config.json", "model.safetensors"]) await writeFile(join(demo, name), modelFiles[name] ?? "");
  const database = memoryDatabase();
  const clock = handClock();
  const recorded = recordedEvents();
  const downloading = new Set<string>();
  const stale: { model: string; bytes: number }[] = [];
  const start = () =>
    createModels({
      ...{ cachePath: cache, demoModelPath: demo, database, clock, importFolders },
      ...{ events: recorded.events, log: recordedLog().log },
      isDownloading: (id) => downloading.has(id),
      staleParts: { list: () => Promise.resolve(stale), clean: () => Promise.resolve(stale.splice(0)) },
    });
  let models = start();
  await models.recover();
  return {
    ...{ folder: folder.path, cache, database, clock, downloading, stale },
    get models() {
      return models;
    },
    told: () => recorded.list.splice(0).map(({ type, data }) => `${type} ${(data as { id: string }).id}`),
    async restart() {
      await models.close();
      models = start();
      await models.recover();
    },
    async close() {
      await models.close();
      database.close();
      await folder.remove();
    },
  };
}

/** Bytes of every file below a folder, links not followed. */
export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
