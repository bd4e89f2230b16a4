import type { Profile } from "../../../contract/profiles.ts";
import { checkHosts, createHostShell, endSurvivors, isThisMachine, mlxLaunchCommand } from "../../cluster/index.ts";
import { readSplitFacts, splitProblems } from "../../cluster/index.ts";
import type { HostShell, LaunchCommand } from "../../cluster/index.ts";
import { serverMark } from "./child-environment.ts";
import { createClusterUnit } from "./cluster/cluster-unit.ts";
import type { EngineEnvironment, ModelLocation } from "./process/engine-command.ts";
import { createProcessUnit } from "./process/process-unit.ts";
import type { ProcessUnitOptions } from "./process/process-unit.ts";
import type { ServingUnit } from "./serving-unit.ts";

/** How clusters are run; tests put others in place of `mlx.launch` and ssh. */
export interface ClusterTools {
  readonly launch?: LaunchCommand;
  readonly shell?: HostShell;
}

export interface UnitInput {
  readonly serverId: string;
  readonly profile: Profile;
  readonly location: ModelLocation;
  readonly engine: EngineEnvironment;
  readonly options: ProcessUnitOptions;
  readonly tools: ClusterTools;
}

/** What runs a local profile: one child, or a cluster with its head here. */
export function createLocalUnit(input: UnitInput): ServingUnit {
  const { serverId, profile, location, engine, options, tools } = input;
  const { cluster } = profile;
  if (cluster === null) return createProcessUnit(options);
  const shell = tools.shell ?? createHostShell({ environment: options.environment });
  const places = { python: engine.python, launcher: engine.launcher, modelPath: location.path };
  return createClusterUnit({
    ...options,
    ...{ serverId, cluster, launch: tools.launch ?? mlxLaunchCommand },
    async preflight() {
      const problems = splitProblems(await readSplitFacts(location.path), cluster.mode, cluster.hosts.length);
      if (problems.length > 0 || cluster.hosts.every(isThisMachine)) return problems;
      return (await checkHosts(cluster, places, shell)).flatMap((report) => report.problems);
    },
    endSurvivors: () => endSurvivors(cluster, `${serverMark}=${serverId}`, shell),
  });
}
