import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Engine, LocalEngineId } from "../../contract/engines.ts";
import type { Job, JobKind } from "../../contract/jobs.ts";
import type { JobContext, Jobs } from "../../core/jobs/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import { canMove } from "../../platform/machine.ts";
import type { Place } from "../../platform/place.ts";
import { definitions, engineIds } from "./definitions.ts";
import { engineView } from "./engine-view.ts";
import { pythonOf } from "./environment-folder.ts";
import { createEnvironments } from "./environments.ts";
import { createHolders } from "./holders.ts";
import { installEnvironment, offlineError } from "./install.ts";
import { lockPlatform, readLock } from "./lock-file.ts";
import type { EngineLock } from "./lock-file.ts";
import { engineTransitions } from "./machine.ts";
import { createEnvironmentStore } from "./store.ts";

/** An installed engine, ready to be run. Absolute paths. */
export interface EngineEnvironment {
  readonly engine: LocalEngineId;
  readonly version: string;
  readonly lockHash: string;
  readonly python: string;
  readonly launcher: string;
}

export interface InstallProgress {
  readonly phase: string;
  readonly done: number | null;
  readonly total: number | null;
}

export interface Engines {
  list(): Engine[];
  get(id: LocalEngineId): Engine;
  /**
   * Starts the job, or answers the active one.
   * @throws AppError `unsupported`, `offline`, `conflict` while it is being removed.
   */
  install(id: LocalEngineId): Job;
  /** Installs what our lock pins; the present environment stays in use until the new one is proven. Throws as `install`. */
  update(id: LocalEngineId): Job;
  /**
   * Makes the environment before the current one; what runs goes on with its own. Again: forward.
   * @throws AppError `conflict` when there is none, or while the engine is being changed; `unsupported`.
   */
  rollback(id: LocalEngineId): Engine;
  /** @throws AppError `conflict` while a server runs from it or it is being installed, `unsupported`. */
  remove(id: LocalEngineId): Job;
  /** @throws AppError `engine_not_installed` with details `{engine, jobId, retryAfterSeconds?}`, `unsupported`. */
  environment(id: LocalEngineId): EngineEnvironment;
  /** Installs what is missing and waits. Leaving does not stop the installation. @throws AppError why there is none. */
  ensureInstalled(
    id: LocalEngineId,
    signal: AbortSignal,
    onProgress?: (progress: InstallProgress) => void,
  ): Promise<EngineEnvironment>;
  /** Keeps the environment, here and for other services that share the folder, until the release is called. */
  hold(id: LocalEngineId): () => void;
  /** Takes up environments that are there already. Call before `jobs.recover`. */
  recover(): void;
  close(): Promise<void>;
}

export interface EnginesDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly machine: { support(): { readonly supported: boolean; readonly reason: string | null } };
  readonly place: Pick<Place, "engines">;
  readonly log: Log;
  readonly enginesPath: string;
  readonly offline: boolean;
  /** What uv, pip and Python may inherit. */
  readonly childEnvironment: Readonly<Record<string, string>>;
  /** As Node names them; this machine's by default. */
  readonly platform?: string;
  readonly architecture?: string;
}

/** How soon a client that was told `engine_not_installed` should ask again. */
const retryAfterSeconds = 10;

export function createEngines(dependencies: EnginesDependencies): Engines {
  const { database, events, clock, jobs, machine, place, log, enginesPath, offline, childEnvironment } = dependencies;
  const { platform = process.platform, architecture = process.arch } = dependencies;
  const environments = createEnvironments({ store: createEnvironmentStore(database), enginesPath, log });
  const holders = createHolders(environments);
  const locks = new Map<LocalEngineId, EngineLock | null>();
  const shown = new Map<LocalEngineId, Engine>();

  const lockOf = (id: LocalEngineId): EngineLock | null => {
    const name = lockPlatform(platform, architecture);
    const isHere = name !== null && definitions[id].platforms.includes(name);
    if (!locks.has(id)) locks.set(id, isHere ? readLock(place.engines, id, name) : null);
    return locks.get(id) ?? null;
  };

  const supportOf = (id: LocalEngineId) => {
    const support = machine.support();
    if (!support.supported || lockOf(id) !== null) return support;
    return { supported: false, reason: lockPlatform(platform, architecture) && definitions[id].elsewhere };
  };

  const get = (id: LocalEngineId): Engine =>
    engineView({
      ...{ id, support: supportOf(id), lock: lockOf(id), previous: environments.previous(id) },
      ...{ hasCurrent: environments.hasCurrent(id), whole: environments.whole(id) },
      ...{ installJob: jobs.active("engine-install", id), removeJob: jobs.active("engine-remove", id) },
      lastInstall: jobs.latest("engine-install", id),
    });

  const publish = (id: LocalEngineId): void => {
    const before = shown.get(id);
    const now = get(id);
    if (isDeepStrictEqual(before, now)) return;
    shown.set(id, now);
    if (before && before.state !== now.state && !canMove(engineTransitions, before.state, now.state)) {
      log.warn({ engine: id, from: before.state, to: now.state }, "the engine's files changed without us");
    }
    events.publish("engine.changed", now);
  };

  const supportedLock = (id: LocalEngineId): EngineLock => {
    const { state, reason } = get(id);
    const lock = lockOf(id);
    if (lock === null || state === "unsupported") {
      throw new AppError("unsupported", reason?.message ?? "MLX does not run on this machine.");
    }
    return lock;
  };

  const start = (kind: JobKind, id: LocalEngineId): Job => {
    const job = jobs.start(kind, id);
    publish(id);
    return job;
  };

  const install = (id: LocalEngineId): Job => {
    const lock = supportedLock(id);
    const active = jobs.active("engine-install", id);
    if (active) return active;
    if (jobs.active("engine-remove", id)) {
      throw new AppError("conflict", "The engine is being removed. Install it when that is done.");
    }
    if (offline && environments.find(id, lock) === null) throw offlineError();
    return start("engine-install", id);
  };

  const runInstall = async (id: LocalEngineId, { signal, log: logLine, progress }: JobContext): Promise<void> => {
    const lock = supportedLock(id);
    const complete = await installEnvironment({
      ...{ engine: id, definition: definitions[id], lock, enginesPath, enginesFolder: place.engines, offline },
      ...{ environment: childEnvironment, platform, architecture, clock, signal, log: logLine },
      isInUse: () => holders.isHeld(id),
      progress: (phase, done, total) => {
        const amount = done === undefined || total === undefined ? {} : { done, total, unit: "packages" as const };
        progress({ phase, ...amount });
      },
    });
    environments.switchTo(complete);
    await environments.sweep(id);
  };

  const runRemove = async (id: LocalEngineId): Promise<void> => {
    if (holders.isHeld(id)) throw inUse();
    await environments.removeAll(id);
  };

  jobs.register("engine-install", {
    afterRestart: "queue",
    run: (subject, context) => runInstall(subject as LocalEngineId, context),
  });
  jobs.register("engine-remove", { afterRestart: "queue", run: (subject) => runRemove(subject as LocalEngineId) });
  // The engine's state follows from its job: whatever becomes of that, the engine is looked at again.
  const stopListening = events.listen((event) => {
    if (event.type !== "job.changed" || event.data.state === "queued") return;
    if (event.data.kind === "engine-install" || event.data.kind === "engine-remove") {
      publish(event.data.subject as LocalEngineId);
    }
  });

  const environment = (id: LocalEngineId): EngineEnvironment => {
    const whole = environments.whole(id);
    if (whole) {
      const { version, lockHash } = whole;
      const python = pythonOf(environments.folder(id, lockHash));
      return { engine: id, version, lockHash, python, launcher: join(place.engines, definitions[id].launcher) };
    }
    supportedLock(id);
    const jobId = jobs.active("engine-install", id)?.id ?? null;
    const message =
      jobId === null
        ? `The engine ${id} is not installed. Install it with: mlx-manager engines install ${id}`
        : `The engine ${id} is being installed. Try again in a moment.`;
    const details = { engine: id, jobId, ...(jobId === null ? {} : { retryAfterSeconds }) };
    throw new AppError("engine_not_installed", message, { details });
  };

  return {
    list: () => engineIds.map(get),
    ...{ get, environment, install, update: install },
    rollback(id) {
      supportedLock(id);
      if (jobs.active("engine-install", id) ?? jobs.active("engine-remove", id)) {
        throw new AppError("conflict", "The engine is being changed. Go back when that is done.");
      }
      const previous = environments.previous(id);
      if (previous === null) {
        throw new AppError("conflict", `There is no earlier environment of ${id} to go back to.`);
      }
      environments.switchTo(previous);
      publish(id);
      return get(id);
    },
    remove(id) {
      supportedLock(id);
      if (jobs.active("engine-install", id)) {
        throw new AppError("conflict", "The engine is being installed. Cancel that job first.");
      }
      if (holders.isHeld(id)) throw inUse();
      return start("engine-remove", id);
    },
    async ensureInstalled(id, signal, onProgress) {
      const removal = jobs.active("engine-remove", id);
      if (removal) await jobs.finished(removal.id, signal);
      if (environments.whole(id)) return environment(id);
      const job = install(id);
      const stop = events.listen((event) => {
        if (event.type !== "job.progress" || event.data.id !== job.id) return;
        onProgress?.({ phase: event.data.phase ?? "installing", done: event.data.done, total: event.data.total });
      });
      try {
        const { state, error } = await jobs.finished(job.id, signal);
        if (state === "succeeded") return environment(id);
        if (error) throw new AppError(error.code, error.message, { details: { ...error.details, jobId: job.id } });
        const message = `The installation of ${id} was stopped. Start it again with: mlx-manager engines install ${id}`;
        throw new AppError("engine_not_installed", message, { details: { engine: id, jobId: null } });
      } finally {
        stop();
      }
    },
    hold: (id) => holders.hold(id),
    recover() {
      for (const id of engineIds) {
        const lock = lockOf(id);
        const found = lock === null ? null : environments.find(id, lock);
        // Made by another data directory that shares the folder.
        if (found && environments.whole(id) === null) environments.switchTo(found);
        shown.set(id, get(id));
      }
    },
    close: () => {
      stopListening();
      holders.close();
      return Promise.resolve();
    },
  };
}

function inUse(): AppError {
  return new AppError("conflict", "A server runs from this engine. Stop its servers first.");
}
