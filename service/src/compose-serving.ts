import { join } from "node:path";
import type { Router } from "express";
import type { Config } from "./config.ts";
import type { Jobs } from "./core/jobs/index.ts";
import type { Requests } from "./core/requests/index.ts";
import { createResponses } from "./core/responses/index.ts";
import type { Secrets } from "./core/secrets/index.ts";
import type { Settings } from "./core/settings/index.ts";
import type { Machine } from "./core/system/index.ts";
import {
  createAskModel,
  createFormatMemory,
  createGateway,
  createImageSettler,
  createOllamaRoutes,
  createPromptTokens,
  createSessionAffinity,
  guardRoutingRules,
  mountRoutingRoutes,
} from "./gateway/index.ts";
import type { GatewayRoutes } from "./gateway/index.ts";
import type { ImageNetwork } from "./gateway/index.ts";
import type { Downloads } from "./library/downloads/index.ts";
import type { Models } from "./library/models/index.ts";
import { memoryForecaster } from "./memory-forecast.ts";
import type { Clock } from "./platform/clock.ts";
import type { Database } from "./platform/database/open.ts";
import type { Events } from "./platform/events.ts";
import type { RouteOptions } from "./platform/http/route.ts";
import type { Ids } from "./platform/ids.ts";
import type { Log } from "./platform/log.ts";
import type { Place } from "./platform/place.ts";
import { createConverting, mountConvertingRoutes } from "./serving/converting/index.ts";
import type { Converting, ConvertingParts } from "./serving/converting/index.ts";
import { createEngines, mountEngineRoutes } from "./serving/engines/index.ts";
import type { Engines } from "./serving/engines/index.ts";
import { createPool, mountPoolRoutes } from "./serving/pool/index.ts";
import type { ClusterTools, EngineCommand, Pool } from "./serving/pool/index.ts";
import { createProbing, mountProbingRoutes } from "./serving/probing/index.ts";
import type { Probing } from "./serving/probing/index.ts";
import {
  createAliases,
  createKeyedProfiles,
  createProfiles,
  createRemoteKeys,
  mountAliasRoutes,
  mountProfileRoutes,
} from "./serving/profiles/index.ts";
import type { Profiles } from "./serving/profiles/index.ts";

/** Put in place of our own: tests run a fake engine through the real pool. */
export interface ServingParts {
  readonly engines?: Engines;
  readonly engineCommand?: EngineCommand;
  readonly clusterTools?: ClusterTools;
  readonly converting?: ConvertingParts;
  readonly imageNetwork?: ImageNetwork;
}

export interface ServingDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly place: Place;
  readonly settings: Settings;
  readonly jobs: Jobs;
  readonly machine: Machine;
  readonly secrets: Secrets;
  readonly models: Models;
  readonly downloads: Downloads;
  readonly requests: Requests;
  readonly parts: ServingParts | undefined;
  /** Aborts when a stopping service waits no longer. */
  readonly stopping: AbortSignal;
}

/** The slices of the serving floor, put together. */
export interface Serving {
  readonly profiles: Profiles;
  readonly engines: Engines;
  readonly pool: Pool;
  readonly probing: Probing;
  readonly converting: Converting;
  /** Paths are relative to `/v1`. */
  readonly gateway: GatewayRoutes;
  /** Ollama's routes, by their whole paths. */
  ollama(options: RouteOptions): GatewayRoutes;
  mountRoutes(api: Router, options: RouteOptions): void;
  /** Takes up what the last run left; call after the library knows its models. */
  recover(): Promise<void>;
  /** Starts what starts with the service; call when the library knows its models and requests are taken. */
  begin(): void;
  /** Ends the servers. @param graceMs as long as they may take */
  stop(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

export function composeServing(config: Config, dependencies: ServingDependencies): Serving {
  const { log, place, settings, jobs, machine, secrets, models, downloads, requests, parts, stopping, ...common } =
    dependencies;
  const { childEnvironment, enginesPath, offline, logsPath: logFolder } = config;
  const child = (slice: string) => log.child({ slice });
  const profiles = createProfiles({
    ...common,
    models,
    settings,
    startedWith: (profileId) => pool.startedWith(profileId),
  });
  const remoteKeys = createRemoteKeys(secrets);
  const engines =
    parts?.engines ??
    createEngines({
      ...common,
      ...{ jobs, machine, place, log: child("engines"), enginesPath, offline, childEnvironment },
    });
  const pool: Pool = createPool({
    ...common,
    ...{ models, profiles, engines, machine, settings, log: child("pool"), logFolder, childEnvironment, offline },
    forecast: memoryForecaster({
      models,
      contextTokens: () => settings.values().fitContextTokens,
      measured: (model, revision) => probing.usable(model, revision)?.memory ?? null,
    }),
    remoteKeys,
    ...(parts?.engineCommand ? { command: parts.engineCommand } : {}),
    ...(parts?.clusterTools ? { clusterTools: parts.clusterTools } : {}),
  });
  const tokens = createPromptTokens({
    ...{ models, clock: common.clock, log: child("gateway"), program: place.worker("gateway/tokens/main") },
  });
  const responses = createResponses({ ...common, settings, log: child("responses") });
  const images = createImageSettler({
    ...{ clock: common.clock, settings, network: parts?.imageNetwork },
    unreachable: offline ? "offline" : config.proxy === null ? null : "proxy",
  });
  const gatewayNeeds = {
    ...{
      clock: common.clock,
      ids: common.ids,
      log: child("gateway"),
      tokens,
      images,
      formats: createFormatMemory(common.clock),
    },
    ...{ profiles, pool, engines, models, requests, responses, settings, stopping },
    sessions: createSessionAffinity(),
  };
  guardRoutingRules(settings, profiles);
  const probing: Probing = createProbing({
    ...{ ...common, jobs, models, profiles, pool, machine, settings, ask: createAskModel(gatewayNeeds) },
    engines: { versionOf: (id) => (id === "remote" ? null : engines.get(id).version) },
  });
  const converting = createConverting({
    ...{ ...common, jobs, models, engines, modelsPath: config.modelsPath, childEnvironment },
    ...{ script: join(place.engines, "launcher", "run_mlx_lm.py"), parts: parts?.converting },
  });
  return {
    ...{ profiles, engines, pool, probing, converting, gateway: createGateway(gatewayNeeds) },
    ollama: (options) => createOllamaRoutes({ ...gatewayNeeds, downloads, events: common.events }, options),
    mountRoutes(api, options) {
      mountProfileRoutes(api, profiles, createKeyedProfiles(profiles, remoteKeys), options);
      mountAliasRoutes(api, createAliases({ profiles, settings }), options);
      mountRoutingRoutes(api, gatewayNeeds, options);
      mountEngineRoutes(api, engines, options);
      mountProbingRoutes(api, probing, options);
      mountConvertingRoutes(api, converting, options);
      mountPoolRoutes(api, pool, { ...options, clock: common.clock });
    },
    async recover() {
      profiles.recover();
      engines.recover();
      await pool.recover();
      await converting.recover();
    },
    begin: () => void pool.preload(),
    stop: (graceMs) => pool.close(graceMs),
    async close() {
      responses.close();
      await tokens.close();
      probing.close();
      converting.close();
      await engines.close();
      profiles.close();
    },
  };
}
