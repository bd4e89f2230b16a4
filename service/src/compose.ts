import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Router } from "express";
import { createApp, createHttpServer, listen } from "./app.ts";
import { composeAccess } from "./compose-access.ts";
import { composeLibrary } from "./compose-library.ts";
import { composeServing } from "./compose-serving.ts";
import type { Serving, ServingParts } from "./compose-serving.ts";
import type { Config } from "./config.ts";
import { AlreadyRunningError, readDiscovery, removeDiscovery, writeDiscovery } from "./discovery.ts";
import { defaultEngine } from "./contract/engine-capabilities.ts";
import { apiVersion } from "./contract/system.ts";
import { mountKeyRoutes } from "./core/auth/index.ts";
import { createJobs, mountJobRoutes } from "./core/jobs/index.ts";
import type { Jobs } from "./core/jobs/index.ts";
import { mountRequestRoutes } from "./core/requests/index.ts";
import type { Requests } from "./core/requests/index.ts";
import { createSecrets } from "./core/secrets/index.ts";
import { createSettings, mountSettingsRoutes } from "./core/settings/index.ts";
import type { Settings } from "./core/settings/index.ts";
import { createMachine, mountSystemRoutes } from "./core/system/index.ts";
import { createHealthView } from "./health-view.ts";
import type { Downloads, DownloadsDependencies } from "./library/downloads/index.ts";
import type { Models } from "./library/models/index.ts";
import { modelViewer } from "./model-view.ts";
import { systemClock, timestamp } from "./platform/clock.ts";
import type { Clock } from "./platform/clock.ts";
import { takeFileLock } from "./platform/database/file-lock.ts";
import type { FileLock } from "./platform/database/file-lock.ts";
import { migrate, readMigrations } from "./platform/database/migrate.ts";
import { openDatabase } from "./platform/database/open.ts";
import type { Database } from "./platform/database/open.ts";
import { createEvents } from "./platform/events.ts";
import type { Events } from "./platform/events.ts";
import { mountEventRoutes } from "./platform/http/event-routes.ts";
import { createInFlight } from "./platform/http/in-flight.ts";
import { untilReady } from "./platform/http/until-ready.ts";
import { randomIds } from "./platform/ids.ts";
import type { Ids } from "./platform/ids.ts";
import type { Log } from "./platform/log.ts";
import { findPlace } from "./platform/place.ts";
import type { Engines } from "./serving/engines/index.ts";
import type { Pool } from "./serving/pool/index.ts";
import type { Profiles } from "./serving/profiles/index.ts";
import { closeHttp, drain } from "./shutdown.ts";
import { createSnapshot } from "./snapshot.ts";

export interface ComposeOptions {
  readonly log: Log;
  readonly version: string;
  /** Installs the default engine when it is absent. */
  readonly installEngine: boolean;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Parses every reply by its schema; on in tests. */
  readonly checkReplies?: boolean;
  /** Put in place of our own: tests run a fake engine through the real pool. */
  readonly parts?: ServingParts & {
    /** Shorter waits between attempts. */
    readonly transferTuning?: DownloadsDependencies["tuning"];
  };
}

/** Answered from what is remembered, also before the library is looked at; events correct them. */
const overviews = new Set(
  ["health", "system", "events", "settings", "models", "servers", "profiles", "downloads"].map(
    (name) => `/api/${name}`,
  ),
);

export interface CloseOptions {
  /** Settles when the person asks again: running answers are cut, engines killed at once. */
  readonly hurry?: Promise<unknown>;
}

/** The running service. It holds the instance lock: keep it as long as the service lives. */
export interface Service {
  readonly address: string;
  readonly database: Database;
  readonly downloads: Downloads;
  readonly engines: Engines;
  readonly events: Events;
  readonly jobs: Jobs;
  readonly lock: FileLock;
  readonly models: Models;
  readonly pool: Pool;
  readonly profiles: Profiles;
  readonly requests: Requests;
  readonly settings: Settings;
  close(options?: CloseOptions): Promise<void>;
}

/**
 * Builds platform and slices in order, takes up what the last run left, then listens. The lock comes first: a second
 * service is refused before anything is reconciled or killed.
 * @throws AlreadyRunningError, MigrationError, or the system error of listening.
 */
export async function compose(config: Config, options: ComposeOptions): Promise<Service> {
  for (const folder of [config.home, config.runPath, config.logsPath])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = takeFileLock(join(config.runPath, "lock.db"), "exclusive");
  if (lock === null) throw new AlreadyRunningError(readDiscovery(config.runPath));
  try {
    return await build(config, options, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function build(config: Config, options: ComposeOptions, lock: FileLock): Promise<Service> {
  const { log, version, clock = systemClock, ids = randomIds, checkReplies = false } = options;
  const place = findPlace();
  const startedAt = clock.monotonic();
  const database = openMigrated(config.databasePath, place.migrations, version, clock);
  const child = (slice: string) => log.child({ slice });
  const events = createEvents({
    clock,
    boot: ids("boot"),
    onListenerError: (error) => log.error({ error }, "an event listener failed"),
  });
  const common = { database, events, clock, ids };

  const settings = createSettings({ ...common, fixed: config.fixedSettings });
  const seconds = settings.values;
  const access = composeAccess(config, {
    ...{ ...common, log, place, settings },
    nameOf(profileId) {
      const profile = profiles.find(profileId);
      return profile === null ? null : (profile.slug ?? profile.model);
    },
  });
  const { auth, requests } = access;
  const jobs = createJobs({ ...common, log: child("jobs"), logFolder: config.logsPath });
  const machine = createMachine({ log: child("system"), diskPath: config.hubCachePath });

  const secrets = createSecrets({ ...config, platform: process.platform, log: child("secrets") });

  const library = await composeLibrary(config, {
    ...{ ...common, log, version, place, settings, jobs, machine, secrets },
    tuning: options.parts?.transferTuning,
    measured: (model) => serving.probing.usable(model)?.memory ?? null,
  });
  const { models, downloads } = library;

  const inFlight = createInFlight();
  const cutAnswers = new AbortController();
  const serving: Serving = composeServing(config, {
    ...{ ...common, log, place, settings, jobs, machine, secrets, models, downloads, requests },
    ...{ parts: options.parts, stopping: cutAnswers.signal },
  });
  const { profiles, engines, pool, probing, converting } = serving;
  const gateway = Router().use(inFlight.handler, serving.gateway.router);

  const viewModel = modelViewer({
    limitBytes: () => machine.memory().limitBytes,
    contextTokens: () => settings.values().fitContextTokens,
    defaultModel: profiles.defaultModel,
    implicitProfileId: profiles.implicitIdFor,
    measured: probing.measured,
    parentOf: converting.parentOf,
  });
  let isStopping = false;
  const api = Router();
  const routeOptions = { checkReplies };
  mountSystemRoutes(
    api,
    {
      health: createHealthView({
        ...{ auth, clock, database, models, pool, startedAt, version },
        isStopping: () => isStopping,
      }),
      system: async () => ({
        ...(await machine.facts()),
        engines: engines.list().map(({ id, state, version: engineVersion }) => ({ id, state, version: engineVersion })),
        ...{ offline: config.offline, hubEndpoint: config.hubEndpoint },
      }),
    },
    routeOptions,
  );
  mountEventRoutes(api, {
    events,
    clock,
    snapshot: createSnapshot({
      clock,
      downloads,
      engines,
      jobs,
      models,
      viewModel,
      profiles,
      pool,
      requests,
      settings,
    }),
  });
  mountSettingsRoutes(api, settings, routeOptions);
  mountJobRoutes(api, jobs, routeOptions);
  mountRequestRoutes(api, requests, {
    ...routeOptions,
    present: () => ({
      ...{ version, servers: pool.loaded(), memory: machine.memory(), processBytes: process.memoryUsage.rss() },
    }),
  });
  mountKeyRoutes(api, access.keys, routeOptions);
  library.mountRoutes(api, { ...routeOptions, view: viewModel });
  serving.mountRoutes(api, routeOptions);
  const ollama = serving.ollama(routeOptions);
  api.use(ollama.router);
  const asked = [...serving.gateway.direct, ...ollama.direct];

  const app = createApp({
    ...{ config, auth, ids, log, api, gateway },
    direct: new Map(asked.map(([path, answering]) => [path, inFlight.around(answering)])),
    isStopping: () => isStopping,
    untilReady: untilReady({ ready: models.looked, overviews, clock }),
    openApiPath: place.openApi,
  });
  const server = createHttpServer(app);
  const recoverAll = async () => {
    await models.recover();
    await serving.recover();
    jobs.recover();
  };
  const closeAll = async (hurried: boolean) => {
    await Promise.all([library.stop(), jobs.close(), serving.stop(hurried ? 0 : seconds().stopGraceSeconds * 1000)]);
    await closeHttp(server);
    await serving.close();
    await library.close();
    await access.close();
    events.close();
    database.close();
    lock.release();
  };
  let address: string;
  try {
    await recoverAll();
    address = await listen(server, config.host, config.port);
    writeDiscovery(config.runPath, { pid: process.pid, address, version, apiVersion, startedAt: timestamp(clock) });
  } catch (error) {
    await closeAll(true);
    throw error;
  }
  log.info({ address, version, milliseconds: Math.round(clock.monotonic() - startedAt) }, "listening");
  // Only now: what a download or an installation does must be visible to whoever asks from the first moment.
  library.begin(Number(new URL(address).port || 80));
  void models.looked().then(serving.begin);
  if (options.installEngine) installDefaultEngine(engines, config, log);

  let closing: Promise<void> | null = null;
  const close = ({ hurry = new Promise(() => undefined) }: CloseOptions = {}): Promise<void> => {
    closing ??= (async () => {
      isStopping = true;
      removeDiscovery(config.runPath);
      let hurried = false;
      const hurrying = hurry.then(() => (hurried = true));
      await drain({
        clock,
        drainMs: seconds().drainSeconds * 1000,
        inFlight,
        cutAnswers: () => cutAnswers.abort(),
        hurry: hurrying,
      });
      await closeAll(hurried);
      log.info("stopped");
    })();
    return closing;
  };
  return {
    ...{ address, database, downloads, engines, events, jobs, lock, models, pool, profiles, requests, settings },
    close,
  };
}

function openMigrated(path: string, migrationsPath: string, version: string, clock: Clock): Database {
  const database = openDatabase(path);
  try {
    migrate({ database, migrations: readMigrations(migrationsPath), path, version, now: () => timestamp(clock) });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A fresh machine can chat without being asked to install anything first. */
function installDefaultEngine(engines: Engines, config: Config, log: Log): void {
  const engine = engines.get(defaultEngine);
  if (engine.state !== "absent") return;
  if (config.offline) {
    log.warn("the engine is not installed and cannot be while offline");
    return;
  }
  engines.install(defaultEngine);
}
