/** The whole service beside a fake Hub, asked and watched over sockets alone: what the referee cases run on. */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Download, DownloadState } from "../../../../service/src/contract/downloads.ts";
import type { ServerEvent, Snapshot } from "../../../../service/src/contract/events.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub, FakeHubOptions, RecordedRequest } from "../../../fakes/fake-hub/index.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";
import { readEventStream } from "../../../tools/event-source.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import type { ServiceApi } from "../../../tools/service-api.ts";
import { isThere, mebibyte, partsFolder, repositoryFolder } from "./download-bench.ts";

export interface RefereeOptions {
  readonly hub?: FakeHubOptions;
  readonly environment?: Readonly<Record<string, string>>;
  /** Changed through the API before the first download. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly home?: string;
}

export interface Referee {
  readonly hub: FakeHub;
  readonly service: TestService;
  readonly api: ServiceApi;
  readonly cache: string;
  /** What the event stream told of downloads, in order. */
  readonly told: Download[];
  create(model: string, more?: Readonly<Record<string, unknown>>): Promise<Download>;
  command(id: string, verb: "pause" | "resume" | "retry"): Promise<Download>;
  cancel(id: string): Promise<Download>;
  /** The first that fits, of what was told since the last command to it and what will be. */
  seen(id: string, fits: (download: Download) => boolean): Promise<Download>;
  /** As `seen`; fails as soon as the download does. */
  reaches(id: string, ...states: DownloadState[]): Promise<Download>;
  /** Creates and waits until nothing moves any more. */
  fetch(model: string, more?: Readonly<Record<string, unknown>>): Promise<Download>;
  close(): Promise<void>;
}

const resting: readonly DownloadState[] = ["completed", "failed", "paused", "cancelled"];
/** As many attempts as always, with shorter waits between them. */
const quick = { firstDelayMs: 10, longestDelayMs: 50 };

export async function openReferee(options: RefereeOptions = {}): Promise<Referee> {
  const hub = await startFakeHub(options.hub);
  const service = await startTestService({
    environment: { HF_ENDPOINT: hub.url, ...options.environment },
    compose: { parts: { transferTuning: quick } },
    ...(options.home === undefined ? {} : { home: options.home }),
  });
  const api = serviceApi(service.address);
  if (options.settings) await api.send("PATCH", "/api/settings", options.settings);
  const told: Download[] = [];
  const watchers = new Set<() => void>();
  const controller = new AbortController();
  const stream = await fetch(`${service.address}/api/events?topics=downloads`, { signal: controller.signal });
  const watching = watch(stream, told, watchers).catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  /** Nothing that was told before the last answer to a command counts any more. */
  const since = new Map<string, string>();
  const answered = (download: Download): Download => {
    since.set(download.id, download.updatedAt);
    return download;
  };
  const seen: Referee["seen"] = (id, fits) =>
    new Promise((resolve) => {
      const look = (): void => {
        const own = told.filter((download) => download.id === id && download.updatedAt >= (since.get(id) ?? ""));
        const found = own.find(fits);
        if (!found) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  const reaches: Referee["reaches"] = async (id, ...states) => {
    const download = await seen(id, ({ state }) => states.includes(state) || state === "failed");
    if (!states.includes(download.state)) throw new Error(`It failed: ${JSON.stringify(download.error)}`);
    return download;
  };
  const create: Referee["create"] = async (model, more = {}) =>
    answered(await api.send<Download>("POST", "/api/downloads", { model, ...more }));
  return {
    ...{ hub, service, api, told, seen, reaches, create, cache: join(service.home, "hub") },
    command: async (id, verb) => answered(await api.send<Download>("POST", `/api/downloads/${id}/${verb}`)),
    cancel: async (id) => answered(await api.send<Download>("DELETE", `/api/downloads/${id}`)),
    async fetch(model, more) {
      const { id } = await create(model, more);
      return seen(id, ({ state }) => resting.includes(state));
    },
    async close() {
      controller.abort();
      await watching;
      await service.close();
      await hub.close();
    },
  };
}

async function watch(stream: Response, told: Download[], watchers: Set<() => void>): Promise<void> {
  for await (const { event, data } of readEventStream(stream)) {
    if (event === "snapshot") told.push(...((data as Snapshot).downloads ?? []));
    else {
      const change = data as ServerEvent;
      if (change.type !== "download.changed" && change.type !== "download.progress") continue;
      told.push(change.data);
    }
    for (const look of [...watchers]) look();
  }
}

/** Requests for one file's bytes on the CDN. */
export const storageRequests = (hub: FakeHub, file: string): RecordedRequest[] =>
  hub.requests.filter((request) => request.server === "cdn" && request.file === file);

/** Requests that ask the Hub where a file lies. */
export const resolves = (hub: FakeHub, file?: string): RecordedRequest[] =>
  hub.requests.filter((request) => request.path.includes("/resolve/") && (file === undefined || request.file === file));

/** Where a request's range begins; 0 without one. */
export const startOf = ({ headers }: RecordedRequest): number =>
  Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);

/** Blobs whose content is not what their name says, and everything else that has no business in `blobs/`. */
export async function wrongBlobs(cache: string, model: string): Promise<string[]> {
  const folder = join(repositoryFolder(cache, model), "blobs");
  const names = await readdir(folder).catch(() => []);
  const wrong: string[] = [];
  for (const name of names) {
    const content = await readFile(join(folder, name));
    const git = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    if (name !== git && name !== createHash("sha256").update(content).digest("hex")) wrong.push(name);
  }
  return wrong;
}

/** That a download is whole: every file there under its checksum, nothing unfinished left. */
export async function faultsOf(cache: string, model: string, { commit }: Download): Promise<string[]> {
  const root = repositoryFolder(cache, model);
  const faults = (await wrongBlobs(cache, model)).map((name) => `blob ${name} is not what its name says`);
  if (await isThere(partsFolder(cache, model))) faults.push("parts are left");
  const snapshot = join(root, "snapshots", commit ?? "");
  const entries = await readdir(snapshot, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory());
  if (files.length === 0) faults.push("the snapshot is empty");
  for (const entry of files) {
    const target = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    if (target === null) faults.push(`${entry.name} leads nowhere`);
  }
  return faults;
}

/** That nothing of a failed download can be taken for a model: no ref, no file in a snapshot, no wrong blob. */
export async function tracesOf(cache: string, model: string): Promise<string[]> {
  const root = repositoryFolder(cache, model);
  const below = async (name: string): Promise<string[]> =>
    (await readdir(join(root, name), { recursive: true }).catch(() => [])).map((path) => `${name}/${path}`);
  return [...(await wrongBlobs(cache, model)), ...(await below("refs")), ...(await below("snapshots"))];
}

/** Where counts that never fall did fall: every event of a download, in order. */
export function waysBack(told: readonly Download[], id: string): string[] {
  const own = told.filter((download) => download.id === id);
  return own.flatMap((now, index) => {
    const before = own[index - 1];
    if (!before) return [];
    const fell = (["bytesDone", "filesDone", "bytesVerified"] as const).filter((key) => now[key] < before[key]);
    return fell.map((key) => `${key} fell from ${before[key]} to ${now[key]}`);
  });
}

/** A repository whose weights are large enough to come in ranges, with small files beside them. */
export function rangedRepo(id: string, seed: number, size = 40 * mebibyte) {
  return {
    id,
    files: {
      "config.json": JSON.stringify({ model_type: "llama" }),
      "notes.txt": `notes ${seed}`,
      "model.safetensors": { size, seed },
    },
  };
}
