import { existsSync } from "node:fs";
import type { Profile } from "../../contract/profiles.ts";
import type { Server } from "../../contract/servers.ts";
import { timestamp } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";
import { abortable } from "./deferred.ts";
import type { ModelLocation } from "./engine-command.ts";
import { launchServer } from "./launch-server.ts";
import { createMemoryGuard } from "./memory-guard.ts";
import { listServerLogs, planCleanup, removeServerLogs } from "./log-cleanup.ts";
import type { Pool, PoolDependencies } from "./pool.ts";
import { createProbe } from "./probe.ts";
import { closedServerLog } from "./server-log.ts";
import { noLiveFacts, toServer } from "./server-record.ts";
import { createServerStore } from "./store.ts";
import type { Supervisor } from "./supervisor.ts";
import { killSurvivors } from "./survivors.ts";

export function createPool(dependencies: PoolDependencies): Pool {
  const { events, clock, log, settings, profiles, models, logFolder } = dependencies;
  const store = createServerStore(dependencies.database);
  const probe = createProbe(clock);
  const guard = createMemoryGuard(dependencies);
  const living = new Map<string, Supervisor>();
  let isClosing = false;

  const begin = (key: string, profile: Profile, location: ModelLocation): Supervisor => {
    const supervisor = launchServer(profile, location, { ...dependencies, store, probe, guard });
    living.set(key, supervisor);
    void supervisor.settled.then(() => void (living.get(key) === supervisor && living.delete(key)));
    tidyUp();
    return supervisor;
  };

  /** The living server of a profile and revision, made if there is none. One turn from look to entry: no two at once. */
  const obtain = async (profile: Profile, revision: string, signal: AbortSignal): Promise<Supervisor> => {
    for (;;) {
      if (isClosing) throw stopping();
      signal.throwIfAborted();
      const location = models.locate(profile.model, revision);
      const key = `${profile.id}@${location.revision}`;
      const present = living.get(key);
      if (present === undefined) return begin(key, profile, location);
      if (!present.isLeaving) return present;
      await abortable(present.settled, signal);
    }
  };

  const stopAll = async (wanted: (supervisor: Supervisor) => boolean, reason: AppError, graceMs: number) => {
    const chosen = [...living.values()].filter(wanted);
    await Promise.all(chosen.map((supervisor) => supervisor.stop(reason, graceMs)));
    return chosen.map((supervisor) => supervisor.view());
  };
  const graceMs = (): number => settings.values().stopGraceSeconds * 1000;
  const stop: Pool["stop"] = (profileId) =>
    stopAll((supervisor) => supervisor.profileId === profileId, stoppedByUser(), graceMs());
  const start: Pool["start"] = async (profile, revision, { wait, signal }) => {
    const supervisor = await obtain(profile, revision, signal);
    supervisor.keep();
    if (wait) await supervisor.ready(signal);
    return supervisor.view();
  };
  const ofProfile = (profileId: string) => [...living.values()].filter((one) => one.profileId === profileId);
  const stopListening = events.listen((event) => {
    if (event.type === "profile.changed") for (const one of ofProfile(event.data.id)) one.profileChanged();
  });
  const supervisorOf = (id: string) => [...living.values()].find((supervisor) => supervisor.id === id);
  const viewRow = (row: Parameters<typeof toServer>[0]): Server =>
    supervisorOf(row.id)?.view() ?? toServer(row, noLiveFacts, clock);

  const cleanUp = async (): Promise<void> => {
    const logs = await listServerLogs(logFolder);
    // Read after the files, and in one turn with the deletion: a server that settles meanwhile keeps its row.
    const live = new Set([...living.values()].map(({ id }) => id));
    const plan = planCleanup(store.settled(), live, logs);
    store.remove(plan.rows);
    for (const id of plan.rows) events.publish("server.removed", { id });
    await removeServerLogs(logFolder, plan.logs);
  };
  let cleaning = Promise.resolve();
  const tidyUp = (): void => {
    cleaning = cleaning.then(cleanUp).catch((error: unknown) => log.error({ error }, "logs could not be cleaned up"));
  };

  return {
    profiles,
    async ensureReady({ profile, revision }, signal, onProgress) {
      for (;;) {
        const supervisor = await obtain(profile, revision, signal);
        await supervisor.ready(signal, onProgress);
        const lease = supervisor.lease();
        if (lease === null) continue;
        models.touch(profile.model);
        return lease;
      }
    },
    start,
    stop,
    stopModel: (model) => stopAll((supervisor) => supervisor.model === model, stoppedByUser(), graceMs()),
    async restart(profile, options) {
      await stop(profile.id);
      return start(profile, profile.revision, options);
    },
    list(filter) {
      const page = store.list(filter);
      return { items: page.items.map(viewRow), nextCursor: page.nextCursor };
    },
    get(id) {
      const row = store.find(id);
      if (!row) throw new AppError("not_found", "There is no such server.");
      return viewRow(row);
    },
    log(id) {
      const row = store.find(id);
      if (!row) throw new AppError("not_found", "There is no such server.");
      const path = row.logFile;
      const present = supervisorOf(id);
      if (present) return present.log;
      if (path === null || !existsSync(path)) throw new AppError("not_found", "This server's log has been cleaned up.");
      return closedServerLog(path);
    },
    loaded: () => [...living.values()].map((supervisor) => supervisor.view()),
    startedWith: (profileId) => ofProfile(profileId).map(({ profile }) => profile),
    isServing: (profileId) => [...living.values()].some((supervisor) => supervisor.profileId === profileId),
    async recover() {
      const rows = store.live();
      await Promise.all(rows.map((row) => killSurvivors(row, clock, log)));
      for (const row of rows) {
        const over = { ...row, pid: null, port: null, processStartedAt: null, tokenHash: null };
        const isStopped = row.state === "stopping";
        const lastError = isStopped ? row.lastError : interrupted;
        const state = isStopped ? "stopped" : "failed";
        store.update({ ...over, state, lastError, healthStatus: "unknown", stoppedAt: timestamp(clock) });
      }
      await cleanUp();
    },
    async close(deadlineMs) {
      isClosing = true;
      stopListening();
      await stopAll(() => true, stopping(), Math.min(graceMs(), deadlineMs));
      guard.stop();
      await cleaning;
    },
  };
}

const interrupted = {
  code: "internal",
  message: "The service ended while this ran. Start it again.",
  details: { reason: "interrupted" },
} as const;

function stopping(): AppError {
  return new AppError("service_stopping", "MLX Manager is stopping. Try again when it runs.");
}

function stoppedByUser(): AppError {
  return new AppError("engine_failed", "The server was stopped before it was ready. Start it again.");
}
