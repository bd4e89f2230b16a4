import { join } from "node:path";
import type { Engine, EngineId } from "../../contract/engines.ts";
import type { Failure } from "../../contract/error.ts";
import type { Job, JobKind } from "../../contract/jobs.ts";
import type { JobContext, Jobs } from "../../core/jobs/index.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/open.ts";
import { AppError } from "../../platform/errors.ts";
import type { Events } from "../../platform/events.ts";
import type { Log } from "../../platform/log.ts";
import type { Place } from "../../platform/place.ts";
import { environmentPath, pythonOf, readComplete, removeEnvironment } from "./environment-folder.ts";
import { installEnvironment } from "./install.ts";
import { lockPlatform, readLock } from "./lock-file.ts";
import type { EngineLock } from "./lock-file.ts";
import { engineState } from "./machine.ts";
import { createEnvironmentStore } from "./store.ts";

/** An installed engine, ready to be run. Absolute paths. */
export interface EngineEnvironment {
  readonly engine: EngineId;
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
  get(id: EngineId): Engine;
  /** Starts the job, or answers the active one. @throws AppError `unsupported` on machines without MLX. */
  install(id: EngineId): Job;
  /** Installs what our lock pins; the running environment stays until the new one is proven. */
  update(id: EngineId): Job;
  /** @throws AppError `conflict` while a server uses it. */
  remove(id: EngineId): Job;
  /** @throws AppError `engine_not_installed` with the active job's id, `unsupported`. */
  environment(id: EngineId): EngineEnvironment;
  /** Installs what is missing and waits. Leaving does not stop the installation. @throws AppError why it failed. */
  ensureInstalled(
    id: EngineId,
    signal: AbortSignal,
    onProgress?: (progress: InstallProgress) => void,
  ): Promise<EngineEnvironment>;
  /** Keeps the engine from being removed. */
  hold(id: EngineId): () => void;
  recover(): void;
  close(): Promise<void>;
}

export interface EnginesDependencies {
  readonly database: Database;
  readonly events: Events;
  readonly clock: Clock;
  readonly jobs: Jobs;
  readonly machine: { support(): { supported: boolean; reason: string | null } };
  readonly place: Pick<Place, "engines">;
  readonly log: Log;
  readonly enginesPath: string;
  readonly offline: boolean;
  readonly childEnvironment: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly architecture?: string;
}

/** What differs between engines: modules whose import proves the environment, and our launcher. */
const definitions: Record<EngineId, { readonly modules: readonly string[]; readonly launcher: string }> = {
  "mlx-lm": { modules: ["mlx.core", "mlx_lm", "mlx_lm.server"], launcher: "launcher/mlx_lm_server.py" },
};
const engineIds = Object.keys(definitions) as EngineId[];
/** How soon a client that was told `engine_not_installed` should ask again. */
const retryAfterSeconds = 10;

export function createEngines(dependencies: EnginesDependencies): Engines {
  const { database, events, clock, jobs, machine, place, enginesPath, offline, childEnvironment } = dependencies;
  const { platform = process.platform, architecture = process.arch } = dependencies;
  const store = createEnvironmentStore(database);
  const holders = new Map<EngineId, number>();
  const lockOf = (id: EngineId): EngineLock | null => {
    const name = lockPlatform(platform, architecture);
    return name === null ? null : readLock(place.engines, id, name);
  };

  const activeJob = (id: EngineId): Job | null => jobs.active("engine-install", id) ?? jobs.active("engine-remove", id);
  const currentWhole = (id: EngineId) => {
    const row = store.current(id);
    return row === null ? null : readComplete(environmentPath(enginesPath, id, row.lockHash), id, row.lockHash);
  };
  const get = (id: EngineId): Engine => {
    const lock = lockOf(id);
    const support =
      lock === null ? { supported: false, reason: "MLX does not run on this machine." } : machine.support();
    const row = store.current(id);
    const whole = currentWhole(id);
    const job = jobs.active("engine-install", id);
    const state = engineState({
      isSupported: support.supported,
      isJobActive: job !== null,
      isCurrentWhole: whole !== null,
      hasCurrent: row !== null,
    });
    return {
      ...{ id, state, version: whole?.version ?? null, availableVersion: lock?.engineVersion ?? "none" },
      ...{
        pythonVersion: whole?.pythonVersion ?? null,
        lockHash: whole?.lockHash ?? null,
        sizeBytes: whole?.sizeBytes ?? null,
      },
      ...{ jobId: activeJob(id)?.id ?? null, installedAt: whole?.installedAt ?? null },
      reason: reasonOf(state, support.reason, jobs.latest("engine-install", id)),
    };
  };
  const publish = (id: EngineId): void => events.publish("engine.changed", get(id));

  const start = (kind: JobKind, id: EngineId): Job => {
    const { state, reason } = get(id);
    if (state === "unsupported")
      throw new AppError("unsupported", reason?.message ?? "MLX does not run on this machine.");
    const job = jobs.start(kind, id);
    publish(id);
    return job;
  };

  const install = async (id: EngineId, { signal, log, progress }: JobContext): Promise<void> => {
    const lock = lockOf(id);
    if (lock === null) throw new AppError("unsupported", "MLX does not run on this machine.");
    const complete = await installEnvironment({
      ...{ engine: id, modules: definitions[id].modules, lock, enginesPath, enginesFolder: place.engines, offline },
      ...{ environment: childEnvironment, platform, architecture, clock, signal, log },
      progress: (phase, done, total) =>
        progress({
          phase,
          ...(done === undefined ? {} : { done }),
          ...(total === undefined ? {} : { total, unit: "packages" as const }),
        }),
    });
    store.switchTo(complete);
    dropOld(id);
  };

  /** The one before stays for rollback; older ones go. */
  const dropOld = (id: EngineId): void => {
    for (const { lockHash } of store.all(id).slice(2)) {
      removeEnvironment(environmentPath(enginesPath, id, lockHash));
      store.remove(id, lockHash);
    }
  };

  const remove = (id: EngineId): void => {
    if ((holders.get(id) ?? 0) > 0) throw inUse();
    for (const { lockHash } of store.all(id)) removeEnvironment(environmentPath(enginesPath, id, lockHash));
    store.removeAll(id);
  };

  const runs = { "engine-install": install, "engine-remove": remove } as const;
  for (const [kind, run] of Object.entries(runs) as [
    JobKind,
    (id: EngineId, context: JobContext) => Promise<void> | void,
  ][]) {
    jobs.register(kind, {
      afterRestart: kind === "engine-install" ? "queue" : "fail",
      run: async (subject, context) => run(subject as EngineId, context),
    });
  }
  // The engine's state follows from its job: whatever ends that, the engine is looked at again.
  const stopListening = events.listen((event) => {
    if (event.type === "job.changed" && event.data.kind in runs && event.data.state !== "queued")
      publish(event.data.subject as EngineId);
  });

  const environment: Engines["environment"] = (id) => {
    const whole = currentWhole(id);
    if (whole) {
      const folder = environmentPath(enginesPath, id, whole.lockHash);
      return {
        engine: id,
        version: whole.version,
        lockHash: whole.lockHash,
        python: pythonOf(folder),
        launcher: join(place.engines, definitions[id].launcher),
      };
    }
    const { state, reason, jobId } = get(id);
    if (state === "unsupported")
      throw new AppError("unsupported", reason?.message ?? "MLX does not run on this machine.");
    throw new AppError(
      "engine_not_installed",
      jobId === null
        ? `The engine ${id} is not installed. Install it with: mlx-manager engines install ${id}`
        : `The engine ${id} is being installed. Try again in a moment.`,
      { details: { engine: id, jobId, ...(jobId === null ? {} : { retryAfterSeconds }) } },
    );
  };

  return {
    list: () => engineIds.map(get),
    ...{ get, environment },
    install: (id) => start("engine-install", id),
    update: (id) => start("engine-install", id),
    remove(id) {
      if ((holders.get(id) ?? 0) > 0) throw inUse();
      return start("engine-remove", id);
    },
    async ensureInstalled(id, signal, onProgress) {
      if (currentWhole(id)) return environment(id);
      const job = start("engine-install", id);
      const stop = events.listen((event) => {
        if (event.type !== "job.progress" || event.data.id !== job.id) return;
        onProgress?.({ phase: event.data.phase ?? "installing", done: event.data.done, total: event.data.total });
      });
      try {
        const { state, error } = await jobs.finished(job.id, signal);
        if (state === "succeeded") return environment(id);
        if (error) throw new AppError(error.code, error.message, { details: { ...error.details, jobId: job.id } });
        throw new AppError(
          "engine_not_installed",
          `The installation of ${id} was cancelled. Start it again with: mlx-manager engines install ${id}`,
        );
      } finally {
        stop();
      }
    },
    hold(id) {
      holders.set(id, (holders.get(id) ?? 0) + 1);
      let isHeld = true;
      return () => {
        if (isHeld) holders.set(id, (holders.get(id) ?? 1) - 1);
        isHeld = false;
      };
    },
    recover() {
      // A whole environment of our lock may be here already: made by another data directory that shares the folder.
      for (const id of engineIds) {
        const lock = lockOf(id);
        const found = lock === null ? null : readComplete(environmentPath(enginesPath, id, lock.hash), id, lock.hash);
        if (found && store.current(id) === null) store.switchTo(found);
      }
    },
    close: () => {
      stopListening();
      return Promise.resolve();
    },
  };
}

function inUse(): AppError {
  return new AppError("conflict", "The engine runs a server. Stop its servers first.");
}

function reasonOf(state: Engine["state"], unsupported: string | null, last: Job | null): Failure | null {
  if (state === "unsupported")
    return { code: "unsupported", message: unsupported ?? "MLX does not run on this machine." };
  if (state === "broken")
    return { code: "engine_failed", message: "Files of the engine are missing. Install it again." };
  return state === "absent" && last?.state === "failed" ? last.error : null;
}
