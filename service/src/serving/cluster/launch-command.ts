import { dirname, join } from "node:path";
import type { ProfileCluster } from "../../contract/profile-kinds.ts";

export interface LaunchInput {
  readonly cluster: ProfileCluster;
  /** How one process would serve the model: the interpreter, the launcher, its options. */
  readonly single: { readonly file: string; readonly args: readonly string[] };
  /** Removed with the run. */
  readonly runFolder: string;
  readonly hostfile: string;
  readonly startingPort: number;
  /** Where ranks bring their control streams. */
  readonly control: string;
  /** Set on hosts that inherit nothing from here. */
  readonly environment: Readonly<Record<string, string>>;
}

export type LaunchCommand = (input: LaunchInput) => { readonly file: string; readonly args: readonly string[] };

/** Our head around `mlx.launch`, with the launcher's options for each rank. Secrets never go here. */
export const mlxLaunchCommand: LaunchCommand = (input) => {
  const { cluster, single, runFolder, hostfile, startingPort, control, environment } = input;
  const [launcher = "", ...options] = single.args;
  return {
    file: single.file,
    args: [
      join(dirname(launcher), "cluster_launch.py"),
      ...["--hostfile", hostfile, "--backend", cluster.backend, "--starting-port", String(startingPort)],
      ...["--ranks", String(cluster.hosts.length), "--temporary", runFolder],
      ...Object.entries(environment).flatMap(([name, value]) => ["--environment", `${name}=${value}`]),
      "--",
      ...["--control", control],
      ...(cluster.mode === "pipeline" ? ["--pipeline"] : []),
      ...options,
    ],
  };
};
