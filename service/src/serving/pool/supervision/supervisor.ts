import type { Profile } from "../../../contract/profiles.ts";
import type { Server } from "../../../contract/servers.ts";
import type { SettingValues } from "../../../contract/settings.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { AppError } from "../../../platform/errors.ts";
import type { Events } from "../../../platform/events.ts";
import type { Log } from "../../../platform/log.ts";
import type { EngineEnvironment } from "../units/process/engine-command.ts";
import type { Lease, LoadProgress } from "../lease.ts";
import type { PlaceFacts } from "../scheduling/place-facts.ts";
import type { GuardedServer } from "../memory/memory-guard.ts";
import type { MemoryReturn } from "../memory/memory-return.ts";
import type { OutsideMemory } from "../memory/outside-memory.ts";
import type { Probe } from "./probe.ts";
import type { RestartLimits } from "./restart-policy.ts";
import type { ServerLog, ServerLogSource } from "../logs/server-log.ts";
import type { LiveFacts } from "./server-record.ts";
import type { ServingUnit, UnitObserver } from "../units/serving-unit.ts";
import type { ServerRow, ServerStore } from "../store.ts";

/** The owner of one server, from its first start to its end: its row, its unit, its restarts, its waiters. */
export interface Supervisor {
  readonly id: string;
  readonly profileId: string;
  /** As it was when this was started. */
  readonly profile: Profile;
  readonly model: string;
  readonly log: ServerLogSource;
  /** It is on its way out: wait for `settled`, then make another. */
  readonly isLeaving: boolean;
  /** It takes requests at once. */
  readonly isServing: boolean;
  readonly settled: Promise<void>;
  view(): Server;
  /**
   * Waits until it takes requests.
   * @throws AppError why it does not come up; every waiter gets the same reason.
   */
  ready(signal: AbortSignal, onProgress?: (progress: LoadProgress) => void): Promise<void>;
  /** The same without being one of those who wait: a load is not kept up for it. Settles once for each process. */
  whenReady(): Promise<void>;
  /** To be taken in the same turn in which `ready` resolved; null when the server was lost in between. */
  lease(): Lease | null;
  /** Started by a person: it stays although nobody waits for it. */
  keep(): void;
  /** Its profile has changed: tells so soon. */
  profileChanged(): void;
  /** What the guard of the machine's memory needs of it. */
  readonly guarded: GuardedServer;
  /** Ends it and waits until its processes are gone. A later call may shorten the grace. */
  stop(reason: AppError, graceMs: number, ending?: Ending): Promise<void>;
}

/** How a server ends that nothing is wrong with. */
export interface Ending {
  readonly state: "stopped" | "evicted";
  /** What its row says of it. */
  readonly because: string | null;
}

export interface SupervisorOptions {
  readonly row: ServerRow;
  readonly profile: Profile;
  /** Read at each view. */
  readonly about: () => Pick<LiveFacts, "batching" | "restartKeys"> & PlaceFacts;
  readonly store: ServerStore;
  readonly events: Events;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => SettingValues;
  readonly serverLog: ServerLog;
  readonly probe: Probe;
  readonly restartLimits: RestartLimits;
  readonly install: (signal: AbortSignal, onProgress: (progress: LoadProgress) => void) => Promise<EngineEnvironment>;
  /** What was predicted for it; null where nothing was. */
  readonly forecastBytes: () => number | null;
  /** What its profile lets it take, now; null: what the machine has. */
  readonly allowedBytes: () => number | null;
  /** Measures a process group without asking the engine. */
  readonly outsideMemory: OutsideMemory;
  /** A reading of its memory came. */
  readonly measured: () => void;
  readonly createUnit: (environment: EngineEnvironment, observer: UnitObserver) => ServingUnit;
  /** Begins to look; the answer tells, once the processes are gone, whether their memory is back. */
  readonly watchMemory: () => (footprintBytes: number) => Promise<MemoryReturn>;
  /** Releases what the server holds of the library and the engines. Called once. */
  readonly release: () => void;
}
