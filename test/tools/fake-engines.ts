import { fileURLToPath } from "node:url";
import type { Engine } from "../../service/src/contract/engines.ts";
import { AppError } from "../../service/src/platform/errors.ts";
import type { Engines } from "../../service/src/serving/engines/index.ts";
import type { ClusterTools, EngineCommand } from "../../service/src/serving/pool/index.ts";

const fakeEngine = fileURLToPath(new URL("../fakes/fake-engine.mjs", import.meta.url));
const fakeHead = fileURLToPath(new URL("../fakes/fake-cluster-head.mjs", import.meta.url));

/** Runs the fake engine in place of the launcher. Its faults come from `fake-engine.json` in the model's folder. */
export const fakeEngineCommand: EngineCommand = ({ location, portStart }) => ({
  file: process.execPath,
  args: [
    fakeEngine,
    "--model",
    location.path,
    "--host",
    "127.0.0.1",
    "--port-start",
    String(portStart),
    "--port-count",
    "400",
    "--options",
    "{}",
  ],
});

/** Runs fake engines as the ranks of a cluster, in place of `mlx.launch`. */
export const fakeClusterTools: ClusterTools = {
  launch: ({ cluster, single, control }) => ({
    file: single.file,
    args: [fakeHead, String(cluster.hosts.length), control, ...single.args],
  }),
};

/** An engine that counts as installed: its environment is this very Node, which runs the fake. */
export function fakeEngines(): Engines {
  const engine: Engine = {
    ...{ id: "mlx-lm", state: "installed", version: "0.0.0-fake", availableVersion: "0.0.0-fake", pythonVersion: null },
    ...{ lockHash: null, sizeBytes: null, previousVersion: null, jobId: null, reason: null, installedAt: null },
  };
  const environment = {
    engine: "mlx-lm",
    version: "0.0.0-fake",
    lockHash: "fake",
    python: process.execPath,
    launcher: fakeEngine,
  } as const;
  const refuse = (): never => {
    throw new AppError("unsupported", "The fake engine cannot be installed.");
  };
  return {
    list: () => [engine],
    get: () => engine,
    ...{ install: refuse, update: refuse, rollback: refuse, remove: refuse },
    environment: () => environment,
    ensureInstalled: () => Promise.resolve(environment),
    hold: () => () => undefined,
    recover: () => undefined,
    close: () => Promise.resolve(),
  } as Engines;
}
