import type { EngineId } from "../../contract/engines.ts";
import type { Placement } from "../../contract/profile-kinds.ts";
import type { Profile } from "../../contract/profiles.ts";
import type { Server } from "../../contract/servers.ts";
import type { SettingValues } from "../../contract/settings.ts";
import type { MachineMemory } from "../../contract/system.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import type { Page } from "../../platform/database/page.ts";
import type { Events } from "../../platform/events.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import type { CompanionModels } from "../profiles/index.ts";
import type { MemoryForecast } from "./scheduling/admission.ts";
import type { RemoteKeys } from "../profiles/index.ts";
import type { CircuitLimits } from "./units/remote/circuit.ts";
import type { ClusterTools } from "./units/create-unit.ts";
import type { EngineCommand, EngineEnvironment, ModelLocation } from "./units/process/engine-command.ts";
import type { Lease, LoadProgress } from "./lease.ts";
import type { RestartLimits } from "./supervision/restart-policy.ts";
import type { ServerLogSource } from "./logs/server-log.ts";
import type { ServerFilter } from "./store.ts";

export interface StartOptions {
  /** Answer only when it is ready, or has failed. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
}

export interface LeaseTarget {
  readonly profile: Profile;
  readonly revision: string;
  /** Whom the request is for: clients that wait take turns. Left out: all those are one. */
  readonly client?: string | undefined;
  /** Milliseconds that its server is to stay idle after it; Infinity: for good. Left out: as it would. */
  readonly keepMs?: number | undefined;
}

export interface PlacementWish {
  /** Ask the other hosts over ssh too; installs the engine here if it is not, since it is the measure. */
  readonly preflight: boolean;
  readonly signal: AbortSignal;
}

export interface Pool {
  /** For routes that name a profile or a model. */
  readonly profiles: PoolProfiles;
  /**
   * The only door to an engine: a ready server is leased, a stopped one started, a stopping one waited for and then
   * started. One process for a profile and revision, however many ask at once.
   * @throws AppError why there is none, the same for everyone who waited: `queue_full`, `insufficient_memory`, `conflict`
   * (no more models allowed), `engine_timeout` (waited too long); `service_stopping` at the end.
   */
  ensureReady(target: LeaseTarget, signal: AbortSignal, onProgress?: (progress: LoadProgress) => void): Promise<Lease>;
  /** Starts by a person's wish: the server stays although nobody waits for it. */
  start(profile: Profile, revision: string, options: StartOptions): Promise<Server>;
  /** Starts what the profiles ask for, pinned ones first, as far as it fits: nothing is unloaded for it. */
  preload(): Promise<void>;
  /** Stops what runs of the profile; resolves when its processes are gone and their memory is back. */
  stop(profileId: string): Promise<Server[]>;
  stopModel(model: string): Promise<Server[]>;
  restart(profile: Profile, options: StartOptions): Promise<Server>;
  /** What each host of a cluster profile would hold. @throws AppError `invalid_request` for other profiles. */
  placement(profile: Profile, wish: PlacementWish): Promise<Placement>;
  list(filter: ServerFilter): Page<Server>;
  /** @throws AppError `not_found` */
  get(id: string): Server;
  /** @throws AppError `not_found` */
  log(id: string): ServerLogSource;
  /** Refuses a profile that is served elsewhere while no connection may leave this machine. @throws AppError `offline` */
  checkReach(profile: Profile): void;
  /** Everything that lives now, in any state. */
  loaded(): Server[];
  /** Whether a server of the profile takes requests at once. */
  isServing(profileId: string): boolean;
  /** The profile as each of its living servers was started with it. */
  startedWith(profileId: string): Profile[];
  /** Kills survivors of the last run, settles its rows, cleans up logs. Call before the server listens. */
  recover(): Promise<void>;
  /** Stops every server; at most `deadlineMs` of grace. */
  close(deadlineMs: number): Promise<void>;
}

export interface PoolProfiles {
  get(id: string): Profile;
  find(id: string): Profile | null;
  implicitFor(model: string): Profile;
  all(): readonly Profile[];
}

export interface PoolDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly settings: { values(): SettingValues };
  readonly profiles: PoolProfiles;
  readonly models: {
    locate(id: string, revision: string): ModelLocation;
    getRevision: CompanionModels["getRevision"];
    hold(id: string, revision: string, reason: string): () => void;
    touch(id: string): void;
  };
  readonly engines: {
    ensureInstalled(
      id: EngineId,
      signal: AbortSignal,
      onProgress?: (progress: { done?: number | null; total?: number | null }) => void,
    ): Promise<EngineEnvironment>;
    hold(id: EngineId): () => void;
  };
  readonly machine: { memory(): MachineMemory };
  /** What a server of the profile will take. */
  readonly forecast: MemoryForecast;
  readonly logFolder: string;
  /** What engines may inherit; narrowed further here. */
  readonly childEnvironment: Readonly<Record<string, string | undefined>>;
  /** No connection may leave this machine. Left out: they may. */
  readonly offline?: boolean;
  /** How to run an engine; our launcher by default. */
  readonly command?: EngineCommand;
  readonly restartLimits?: RestartLimits;
  /** Keys of profiles that are served elsewhere. */
  readonly remoteKeys: Pick<RemoteKeys, "load" | "current">;
  /** How clusters are run; `mlx.launch` and ssh by default. */
  readonly clusterTools?: ClusterTools;
  /** When a remote service is kept from requests; three failures in a row by default. */
  readonly circuitLimits?: CircuitLimits;
}
