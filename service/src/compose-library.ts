import type { Router } from "express";
import type { Config } from "./config.ts";
import { apiVersion } from "./contract/system.ts";
import type { MeasuredMemory } from "./contract/measurements.ts";
import type { Jobs } from "./core/jobs/index.ts";
import type { Secrets } from "./core/secrets/index.ts";
import type { Settings } from "./core/settings/index.ts";
import type { Machine } from "./core/system/index.ts";
import { createDownloads, mountDownloadRoutes } from "./library/downloads/index.ts";
import type { Downloads, DownloadsDependencies } from "./library/downloads/index.ts";
import { createHub, createHubTokens, createTokenSource, mountHubTokenRoutes } from "./library/hub/index.ts";
import { createMirror, createPeers, mountMirrorRoutes } from "./library/mirror/index.ts";
import { createModelCare, createModels, mountModelRoutes } from "./library/models/index.ts";
import type { ModelRouteOptions, Models } from "./library/models/index.ts";
import { createSearch, mountSearchRoutes } from "./library/search/index.ts";
import type { Clock } from "./platform/clock.ts";
import type { Database } from "./platform/database/open.ts";
import type { Events } from "./platform/events.ts";
import type { Ids } from "./platform/ids.ts";
import type { Log } from "./platform/log.ts";
import type { Place } from "./platform/place.ts";

export interface LibraryDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly version: string;
  readonly place: Place;
  readonly settings: Settings;
  readonly jobs: Jobs;
  readonly machine: Machine;
  readonly secrets: Secrets;
  readonly tuning: DownloadsDependencies["tuning"];
  /** What is known of a local model by having run it; asked only while requests are answered. */
  readonly measured: (model: string) => MeasuredMemory | null;
}

/** The slices of the library floor, put together. */
export interface Library {
  readonly models: Models;
  readonly downloads: Downloads;
  mountRoutes(api: Router, options: Omit<ModelRouteOptions, "care">): void;
  /** After listening: what is done from here on must be visible to whoever asks. */
  begin(port: number): void;
  /** Ends what works by itself; the models stay readable until `close`. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export async function composeLibrary(config: Config, dependencies: LibraryDependencies): Promise<Library> {
  const { log, version, place, settings, jobs, machine, secrets, tuning, measured, ...common } = dependencies;
  const { clock, ids } = common;
  const child = (slice: string) => log.child({ slice });
  const seconds = settings.values;
  const tokenSource = createTokenSource({ ...config, secrets, log: child("hub") });
  await tokenSource.load();
  const hub = createHub({
    endpoint: config.hubEndpoint,
    token: tokenSource.current,
    ...{ offline: config.offline, proxy: config.proxy, caFile: config.caFile },
    userAgent: `mlx-manager/${version}`,
    deadlineMs: () => seconds().hubMetadataDeadlineSeconds * 1000,
    segmentStallMs: () => seconds().segmentStallSeconds * 1000,
    ...{ clock, log: child("hub") },
  });
  const models = createModels({
    ...common,
    log: child("models"),
    cachePath: config.hubCachePath,
    demoModelPath: place.demoModel,
    importFolders: config.importFolders,
    isDownloading: (model) => downloads.activeFor(model) !== null,
    staleParts: { list: () => downloads.staleParts(), clean: () => downloads.cleanParts() },
  });
  const care = createModelCare({
    ...{ models, jobs, hub, clock, log: child("models") },
    checksForUpdates: () => seconds().checkForUpdates,
  });
  const downloads = createDownloads({
    ...{ ...common, log: child("downloads"), hub, models, place, settings },
    ...(tuning ? { tuning } : {}),
  });

  const mirror = createMirror({ models, settings, clock, provenBlobs: downloads.provenBlobs });
  const { offline, host } = config;
  const peers = createPeers({ settings, offline, host, version, apiVersion, clock, ids, log: child("peers") });
  const search = createSearch({
    ...{ ...common, log: child("search"), hub, models, downloads, machine, settings, place, measured },
  });

  return {
    ...{ models, downloads },
    mountRoutes(api, options) {
      mountSearchRoutes(api, search, options);
      mountHubTokenRoutes(api, createHubTokens({ source: tokenSource, hub, clock }), options);
      mountDownloadRoutes(api, downloads, options);
      mountMirrorRoutes(api, mirror, peers, { ...options, clock });
      mountModelRoutes(api, models, { ...options, care });
    },
    begin(port) {
      downloads.recover();
      peers.start(port);
      care.updates.begin();
    },
    async stop() {
      search.close();
      mirror.close();
      await Promise.all([peers.close(), downloads.close()]);
    },
    async close() {
      await care.updates.close();
      await Promise.all([models.close(), hub.close()]);
    },
  };
}
