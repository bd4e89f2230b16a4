import type { Profile } from "../../contract/profiles.ts";
import { servedTask } from "../../library/models/index.ts";
import { batchingOf, companionsOf, launcherOptions, restartKeys } from "../profiles/index.ts";
import type { Companions } from "../profiles/index.ts";
import { childEnvironment } from "./units/child-environment.ts";
import { usualCircuit } from "./units/remote/circuit.ts";
import { createLocalUnit } from "./units/create-unit.ts";
import { launcherCommand } from "./units/process/engine-command.ts";
import type { EngineEnvironment, ModelLocation } from "./units/process/engine-command.ts";
import type { LaunchOptions } from "./scheduling/keeper.ts";
import { serverLogPath } from "./logs/log-cleanup.ts";
import type { MemoryGuard } from "./memory/memory-guard.ts";
import { awaitMemoryReturn } from "./memory/memory-return.ts";
import { createOutsideMemory } from "./memory/outside-memory.ts";
import type { PoolDependencies } from "./pool.ts";
import { probeQuestion } from "./supervision/probe-questions.ts";
import { createProbe } from "./supervision/probe.ts";
import { createRemoteUnit } from "./units/remote/remote-unit.ts";
import { usualRestartLimits } from "./supervision/restart-policy.ts";
import { createServerLog } from "./logs/server-log.ts";
import { newRow } from "./supervision/server-record.ts";
import type { ServerStore } from "./store.ts";
import { superviseServer } from "./supervision/supervise-server.ts";
import type { Supervisor } from "./supervision/supervisor.ts";

export interface LaunchDependencies extends PoolDependencies {
  readonly store: ServerStore;
  readonly guard: MemoryGuard;
}

/**
 * Makes the server of one profile and revision: its row, its log, what it holds of the library and the engines, and
 * how its processes are run.
 */
export function launchServer(
  profile: Profile,
  location: ModelLocation,
  { admitted, place, ...dependencies }: LaunchDependencies & LaunchOptions,
): Supervisor {
  const { store, guard, events, clock, settings, profiles, models, engines, machine, logFolder } = dependencies;
  const { command = launcherCommand, restartLimits = usualRestartLimits } = dependencies;
  const id = dependencies.ids("server");
  const { engine, id: profileId, slug } = profile;
  const { model, revision } = location;
  const companions = companionsOf(profile, models);
  const probe = createProbe(clock, probeQuestion(engine, servedTask(engine, location.facts)));
  const log = dependencies.log.child({ server: id });
  const serverLog = createServerLog(serverLogPath(logFolder, id), clock, (error) => {
    log.warn({ error }, "the server's log cannot be written");
  });
  const releases = holdAll(heldBy(profile, location, companions), models.hold, `It is served as ${slug ?? model}.`);
  let isEngineHeld = false;
  const supervisor = superviseServer({
    row: {
      ...newRow({ id, profileId, profile: slug ?? model, model, revision, engine, logFile: serverLog.path }, clock),
      kind: profile.kind,
    },
    ...{ store, events, clock, probe, log, restartLimits, settings: settings.values, serverLog },
    async install(signal, onProgress) {
      await admitted(signal);
      if (engine === "remote") return nothingInstalled;
      const environment = await engines.ensureInstalled(engine, signal, ({ done, total }) => {
        onProgress({ phase: "installing", ...definite("done", done), ...definite("total", total) });
      });
      signal.throwIfAborted();
      // Held from the first use to the end, through restarts.
      if (!isEngineHeld) releases.push(engines.hold(engine));
      isEngineHeld = true;
      return environment;
    },
    outsideMemory: createOutsideMemory(clock),
    measured: guard.alarm,
    forecastBytes() {
      const forecast = dependencies.forecast(profile, location);
      return forecast.source === "unknown" ? null : forecast.bytes;
    },
    allowedBytes: () => (profiles.find(profileId) ?? profile).limits.memoryBytes ?? null,
    createUnit: (environment, observer) =>
      profile.remote !== null
        ? createRemoteUnit({
            ...{
              profileId,
              remote: profile.remote,
              keys: dependencies.remoteKeys,
              settings: settings.values,
              observer,
            },
            ...{ note: serverLog.note, clock, limits: dependencies.circuitLimits ?? usualCircuit },
          })
        : createLocalUnit({
            ...{ serverId: id, profile, location, engine: environment, tools: dependencies.clusterTools ?? {} },
            options: {
              command: command({
                ...{ profile, location, environment, portStart: settings.values().portStart },
                options: launcherOptions(profile, companions, location.facts),
              }),
              environment: childEnvironment(dependencies.childEnvironment, id),
              folder: logFolder,
              weightBytes: location.weightBytes,
              contextLength: location.facts.contextLength,
              vocabularySize: location.facts.vocabularySize,
              ...{ settings: settings.values, probe, observer, write: serverLog.write, clock, log },
            },
          }),
    profile,
    about() {
      const now = profiles.find(profileId);
      return { batching: batchingOf(profile), restartKeys: now === null ? [] : restartKeys(profile, now), ...place() };
    },
    watchMemory() {
      const before = machine.memory().availableBytes;
      return (footprint) => awaitMemoryReturn({ clock, memory: () => machine.memory() }, footprint, before);
    },
    release: () => releases.splice(0).forEach((release) => release()),
  });
  guard.watch(supervisor.guarded);
  return supervisor;
}

/** Of an engine that is elsewhere. */
const nothingInstalled: EngineEnvironment = { version: "", python: "", launcher: "" };

type Held = Pick<ModelLocation, "model" | "revision">;

function heldBy(profile: Profile, location: ModelLocation, { draft, adapter }: Companions): Held[] {
  const own = profile.kind === "remote" ? null : location;
  return [own, draft, adapter?.held ?? null].filter((one) => one !== null);
}

/** All or none: what is held of a start that is refused would never be given back. */
function holdAll(all: readonly Held[], hold: PoolDependencies["models"]["hold"], reason: string): (() => void)[] {
  const releases: (() => void)[] = [];
  try {
    for (const { model, revision } of all) releases.push(hold(model, revision, reason));
  } catch (error) {
    for (const release of releases) release();
    throw error;
  }
  return releases;
}

function definite<Key extends string>(key: Key, value: number | null | undefined): Partial<Record<Key, number>> {
  return typeof value === "number" ? ({ [key]: value } as Record<Key, number>) : {};
}
