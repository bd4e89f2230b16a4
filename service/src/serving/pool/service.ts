import { existsSync } from "node:fs";
import type { Profile } from "../../contract/profiles.ts";
import type { Server } from "../../contract/servers.ts";
import { AppError } from "../../platform/errors.ts";
import { createKeeper } from "./scheduling/keeper.ts";
import { launchServer } from "./launch-server.ts";
import type { Wish } from "./scheduling/living-server.ts";
import { createMemoryGuard } from "./memory/memory-guard.ts";
import { createPastServers } from "./past-servers.ts";
import type { Pool, PoolDependencies } from "./pool.ts";
import { placeCluster } from "./units/cluster/place-cluster.ts";
import { closedServerLog } from "./logs/server-log.ts";
import { checkReach } from "./reach.ts";
import { planOf } from "./scheduling/server-plan.ts";
import { noLiveFacts, toServer } from "./supervision/server-record.ts";
import { createServerStore } from "./store.ts";
import type { ServerRow } from "./store.ts";
import { locationOf } from "./units/unit-location.ts";

export function createPool(dependencies: PoolDependencies): Pool {
  const { events, clock, log, settings, profiles, models, logFolder, forecast } = dependencies;
  const store = createServerStore(dependencies.database);
  const guard = createMemoryGuard(dependencies);
  const isOffline = dependencies.offline === true;
  let isClosing = false;

  const graceMs = (): number => settings.values().stopGraceSeconds * 1000;
  const past = createPastServers({
    ...{ store, clock, events, log, logFolder },
    living: () => keeper.all().map(({ id }) => id),
  });
  const keeper = createKeeper({
    ...{ clock, settings, log, graceMs, machine: dependencies.machine },
    launch(profile, location, options) {
      const supervisor = launchServer(profile, location, { ...dependencies, store, guard, ...options });
      past.tidyUp();
      return supervisor;
    },
  });
  const stopListening = events.listen((event) => {
    if (event.type === "profile.changed") keeper.profileChanged(event.data);
    if (event.type === "settings.changed") keeper.limitsChanged();
  });

  /** @throws AppError `service_stopping`, `offline` for what is elsewhere, and what the library says of a model that is not here. */
  const wishFor = (profile: Profile, revision: string): Wish => {
    if (isClosing) throw stopping();
    checkReach(profile, isOffline);
    const location = locationOf(profile, revision, models);
    const key = `${profile.id}@${location.revision}`;
    const predicted = keeper.present(key)?.forecast ?? forecast(profile, location);
    return { key, profile, location, plan: planOf(profile, predicted), forecast: predicted };
  };
  const stop: Pool["stop"] = (profileId) =>
    keeper.stop((supervisor) => supervisor.profileId === profileId, stoppedByUser(), graceMs());
  const start: Pool["start"] = async (profile, revision, { wait, signal }) => {
    const supervisor = await keeper.start(wishFor(profile, revision), { mayEvict: true, signal });
    if (wait) await supervisor.ready(signal);
    return supervisor.view();
  };
  const preloadOne = async (profile: Profile): Promise<void> => {
    try {
      await keeper.start(wishFor(profile, profile.revision), { mayEvict: false, signal: never });
    } catch (error) {
      log.warn({ error, profile: profile.slug ?? profile.model }, "a profile could not be started with the service");
    }
  };
  const supervisorOf = (id: string) => keeper.all().find((supervisor) => supervisor.id === id);
  const viewRow = (row: ServerRow): Server => supervisorOf(row.id)?.view() ?? toServer(row, noLiveFacts, clock);
  const rowOf = (id: string): ServerRow => {
    const row = store.find(id);
    if (!row) throw new AppError("not_found", "There is no such server.");
    return row;
  };

  return {
    profiles,
    async ensureReady({ profile, revision, client = "", keepMs }, signal, onProgress) {
      signal.throwIfAborted();
      const lease = await keeper.request(wishFor(profile, revision), { client, keepMs, signal, onProgress });
      if (profile.kind !== "remote") models.touch(profile.model);
      return lease;
    },
    start,
    stop,
    async preload() {
      const wanted = profiles.all().filter(({ lifecycle }) => lifecycle.autoStart === true);
      const first = wanted.filter(({ lifecycle }) => lifecycle.pinned === true);
      for (const profile of new Set([...first, ...wanted])) await preloadOne(profile);
    },
    stopModel: (model) => keeper.stop((supervisor) => supervisor.model === model, stoppedByUser(), graceMs()),
    async restart(profile, options) {
      await stop(profile.id);
      return start(profile, profile.revision, options);
    },
    placement: (profile, wish) => placeCluster(profile, wish, dependencies),
    list(filter) {
      const page = store.list(filter);
      return { items: page.items.map(viewRow), nextCursor: page.nextCursor };
    },
    get: (id) => viewRow(rowOf(id)),
    log(id) {
      const path = rowOf(id).logFile;
      const present = supervisorOf(id);
      if (present) return present.log;
      if (path === null || !existsSync(path)) throw new AppError("not_found", "This server's log has been cleaned up.");
      return closedServerLog(path);
    },
    checkReach: (profile) => checkReach(profile, isOffline),
    loaded: () => keeper.all().map((supervisor) => supervisor.view()),
    startedWith: (profileId) =>
      keeper.all().flatMap((supervisor) => (supervisor.profileId === profileId ? [supervisor.profile] : [])),
    isServing: (profileId) => keeper.all().some((one) => one.profileId === profileId && one.isServing),
    recover: () => past.recover(),
    async close(deadlineMs) {
      isClosing = true;
      stopListening();
      keeper.close(stopping());
      await keeper.stop(() => true, stopping(), Math.min(graceMs(), deadlineMs));
      guard.stop();
      await past.settled();
    },
  };
}

const never = new AbortController().signal;

function stopping(): AppError {
  return new AppError("service_stopping", "MLX Manager is stopping. Try again when it runs.");
}

function stoppedByUser(): AppError {
  return new AppError("engine_failed", "The server was stopped before it was ready. Start it again.");
}
