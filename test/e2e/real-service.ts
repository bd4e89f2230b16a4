import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedEnginesPath } from "../tools/engine-environment.ts";
import { serviceApi } from "../tools/service-api.ts";
import type { ServiceApi } from "../tools/service-api.ts";
import { startServiceProcess } from "../tools/service-process.ts";
import type { ServiceProcess, ServiceProcessOptions } from "../tools/service-process.ts";

export interface RealService {
  readonly home: string;
  readonly process: () => ServiceProcess;
  readonly address: () => string;
  readonly api: () => ServiceApi;
  /** Starts it again on the same data directory, after a kill or a stop; from now on these sources, where some are given. */
  restart(main?: string): Promise<void>;
  close(): Promise<void>;
}

/** The service as a process of its own with the real engine, in a data directory that is removed at the end. */
export async function startRealService(
  environment: Readonly<Record<string, string>> = {},
  main?: string,
): Promise<RealService> {
  const home = await mkdtemp(join(tmpdir(), "mlx-manager-e2e-"));
  const enginesPath = environment["MLX_MANAGER_ENGINES_PATH"] ?? (await sharedEnginesPath());
  let options: ServiceProcessOptions = {
    ...{ home, environment: { ...environment, MLX_MANAGER_ENGINES_PATH: enginesPath } },
    ...(main === undefined ? {} : { main }),
  };
  let child = await startServiceProcess(options);
  return {
    home,
    process: () => child,
    address: () => child.address,
    api: () => serviceApi(child.address),
    async restart(entry) {
      if (entry !== undefined) options = { ...options, main: entry };
      child = await startServiceProcess(options);
    },
    async close() {
      if (child.child.exitCode === null && child.child.signalCode === null) await child.kill("SIGTERM");
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
