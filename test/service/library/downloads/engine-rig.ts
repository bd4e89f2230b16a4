/** The transfer engine alone: its host on this thread, a fake Hub over sockets, real files and a real hashing thread. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultTuning } from "../../../../service/src/library/downloads/messages.ts";
import type {
  PlannedFile,
  TransferJob,
  TransferLimits,
  TransferOutcome,
  TransferProgress,
  TransferTuning,
  WorkerReport,
} from "../../../../service/src/library/downloads/messages.ts";
import { createTransferHost } from "../../../../service/src/library/downloads/worker/host.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub, FakeHubOptions, RecordedRequest } from "../../../fakes/fake-hub/index.ts";
import { temporaryFolder } from "../parts.ts";

const kibibyte = 1024;

/** Segments so small that a file of a few megabytes has many. */
export const smallSegments: Partial<TransferTuning> = {
  ...{ largeFileBytes: 1024 * kibibyte, segmentBytes: 256 * kibibyte, smallFileBytes: 32 * kibibyte },
  ...{ batchBytes: 64 * kibibyte, firstDelayMs: 5, longestDelayMs: 20, attempts: 4 },
};

export interface Transfer {
  readonly outcome: Promise<TransferOutcome>;
  readonly progress: TransferProgress[];
  readonly phases: string[];
  /** Resolves at the first progress that fits, past or coming. */
  seen(fits: (progress: TransferProgress) => boolean): Promise<TransferProgress>;
  stop(): void;
}

export interface EngineRig {
  readonly hub: FakeHub;
  readonly cache: string;
  readonly logs: string[];
  limit(limits: TransferLimits): void;
  start(model: string, more?: Partial<TransferJob> & { stallMs?: number; attempts?: number }): Promise<Transfer>;
  /** Requests to the storage. */
  storage(): RecordedRequest[];
  /** Most requests that the storage served at once so far. */
  mostAtOnce(): number;
  /** The content of a committed file, with the sha256 of it. */
  content(model: string, path: string): Promise<{ bytes: Buffer; sha256: string }>;
  close(): Promise<void>;
}

export async function openEngine(options: FakeHubOptions, token: string | null = null): Promise<EngineRig> {
  const hub = await startFakeHub(options);
  const folder = await temporaryFolder();
  const cache = join(folder.path, "hub");
  const listeners = new Set<(report: WorkerReport) => void>();
  const logs: string[] = [];
  const closed = Promise.withResolvers<void>();
  const host = createTransferHost({
    clock: systemClock,
    random: Math.random,
    onClosed: closed.resolve,
    report(report) {
      if (report.type === "log") logs.push(`${report.message} ${JSON.stringify(report.facts)}`);
      for (const listen of listeners) listen(report);
    },
  });
  const storage = () => hub.requests.filter(({ server }) => server === "cdn");
  let most = 0;
  hub
    .waitForRequest(() => {
      most = Math.max(most, storage().filter(({ outcome }) => outcome === "running").length);
      return false;
    })
    .catch(() => undefined);
  let downloads = 0;

  return {
    ...{ hub, cache, logs, storage, mostAtOnce: () => most },
    limit: (limits) => host.handle({ type: "limits", limits }),
    async start(model, { stallMs = 5000, attempts = 4, ...more } = {}) {
      const { sha, files } = await planOf(hub, model, token);
      const downloadId = more.downloadId ?? `dl_${(downloads += 1)}`;
      const progress: TransferProgress[] = [];
      const phases: string[] = [];
      const watchers = new Set<() => void>();
      const ended = Promise.withResolvers<TransferOutcome>();
      listeners.add((report) => {
        if (!("downloadId" in report) || report.downloadId !== downloadId) return;
        if (report.type === "surveyed" || report.type === "progress") progress.push(report.progress);
        if (report.type === "phase") phases.push(report.phase);
        if (report.type === "ready") host.handle({ type: "commit", downloadId });
        if (report.type === "ended") ended.resolve(report.outcome);
        for (const watch of watchers) watch();
      });
      const job: TransferJob = {
        ...{ downloadId, model, cachePath: cache, revision: "main", commit: sha, files, listing: null },
        ...{ movesRef: true, reservedBytes: 0, trustedBlobs: [] },
        tuning: { ...defaultTuning, ...smallSegments, attempts },
        transport: {
          ...{ endpoint: hub.url, token, userAgent: "test", offline: false, proxy: null, caFile: null },
          segmentStallMs: stallMs,
        },
        ...{ ...more, downloadId },
      };
      host.handle({ type: "start", job });
      return {
        ...{ outcome: ended.promise, progress, phases },
        seen: (fits) =>
          new Promise((resolve, reject) => {
            const look = () => {
              const found = progress.find(fits);
              if (!found) return;
              watchers.delete(look);
              resolve(found);
            };
            watchers.add(look);
            look();
            void ended.promise.then((outcome) => reject(new Error(`It ended first: ${JSON.stringify(outcome)}`)));
          }),
        stop: () => host.handle({ type: "stop", downloadId }),
      };
    },
    async content(model, path) {
      const { sha } = await planOf(hub, model, token);
      const bytes = await readFile(join(cache, `models--${model.replace("/", "--")}`, "snapshots", sha, path));
      return { bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
    },
    async close() {
      host.handle({ type: "close" });
      await closed.promise;
      await hub.close();
      await folder.remove();
    },
  };
}

interface Entry {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly oid: string };
}

async function planOf(
  hub: FakeHub,
  model: string,
  token: string | null,
): Promise<{ sha: string; files: PlannedFile[] }> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const ask = async (path: string) => (await fetch(`${hub.url}/api/models/${model}/${path}`, { headers })).json();
  const { sha } = (await ask("revision/main")) as { sha: string };
  const entries = (await ask(`tree/${sha}?recursive=true`)) as Entry[];
  const files = entries
    .filter(({ type }) => type === "file")
    .map(({ path, size, oid, lfs }) => ({
      ...{ path, sizeBytes: size, blobId: lfs?.oid ?? oid, xetHash: null },
      algorithm: lfs ? ("sha256" as const) : ("git-sha1" as const),
    }));
  return { sha, files };
}
