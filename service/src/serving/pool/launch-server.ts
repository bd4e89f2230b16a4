import type { Profile } from "../../contract/profiles.ts";
import { createLogFile } from "../../platform/process/log-file.ts";
import { childEnvironment } from "./child-environment.ts";
import { launcherCommand } from "./engine-command.ts";
import type { ModelLocation } from "./engine-command.ts";
import { serverLogPath } from "./log-cleanup.ts";
import { awaitMemoryReturn } from "./memory-return.ts";
import type { PoolDependencies } from "./pool.ts";
import type { Probe } from "./probe.ts";
import { createProcessUnit } from "./process-unit.ts";
import { usualRestartLimits } from "./restart-policy.ts";
import { newRow } from "./server-record.ts";
import type { ServerStore } from "./store.ts";
import { superviseServer } from "./supervise-server.ts";
import type { Supervisor } from "./supervisor.ts";

export interface LaunchDependencies extends PoolDependencies {
  readonly store: ServerStore;
  readonly probe: Probe;
}

/**
 * Makes the server of one profile and revision: its row, its log, what it holds of the library and the engines, and
 * how its processes are run.
 */
export function launchServer(profile: Profile, location: ModelLocation, dependencies: LaunchDependencies): Supervisor {
  const { store, probe, events, clock, settings, models, engines, machine, logFolder } = dependencies;
  const { command = launcherCommand, restartLimits = usualRestartLimits } = dependencies;
  const id = dependencies.ids("server");
  const { engine, id: profileId, slug } = profile;
  const { model, revision } = location;
  const log = dependencies.log.child({ server: id });
  const file = createLogFile(serverLogPath(logFolder, id), (error) => {
    log.warn({ error }, "the server's log cannot be written");
  });
  const releases = [models.hold(model, revision, `It is served as ${slug ?? model}.`)];
  return superviseServer({
    row: newRow({ id, profileId, profile: slug ?? model, model, revision, engine, logFile: file.path }, clock),
    ...{ store, events, clock, probe, log, restartLimits, settings: settings.values, serverLog: file },
    async install(signal, onProgress) {
      const environment = await engines.ensureInstalled(engine, signal, ({ done, total }) => {
        onProgress({ phase: "installing", ...definite("done", done), ...definite("total", total) });
      });
      signal.throwIfAborted();
      // Held from the first use to the end, through restarts.
      if (releases.length === 1) releases.push(engines.hold(engine));
      return environment;
    },
    createUnit: (environment, observer) =>
      createProcessUnit({
        command: command({ profile, location, environment, portStart: settings.values().portStart }),
        environment: childEnvironment(dependencies.childEnvironment, id),
        folder: logFolder,
        weightBytes: location.weightBytes,
        contextLength: location.facts.contextLength,
        vocabularySize: location.facts.vocabularySize,
        ...{ settings: settings.values, probe, observer, write: file.write, clock, log },
      }),
    watchMemory() {
      const before = machine.memory().availableBytes;
      return (footprint) => awaitMemoryReturn({ clock, memory: () => machine.memory() }, footprint, before);
    },
    release: () => releases.splice(0).forEach((release) => release()),
  });
}

function definite<Key extends string>(key: Key, value: number | null | undefined): Partial<Record<Key, number>> {
  return typeof value === "number" ? ({ [key]: value } as Record<Key, number>) : {};
}
