import type { LocalEngineId } from "../../contract/engines.ts";

/** What differs between engines. */
export interface EngineDefinition {
  /** Modules whose import proves an environment. */
  readonly modules: readonly string[];
  /** Packages of the lock whose installed version is compared with it. */
  readonly packages: readonly string[];
  /** Our launcher, below `service/engines`. */
  readonly launcher: string;
}

export const definitions: Readonly<Record<LocalEngineId, EngineDefinition>> = {
  "mlx-lm": {
    modules: ["mlx.core", "mlx_lm", "mlx_lm.server"],
    packages: ["mlx-lm", "mlx"],
    launcher: "launcher/mlx_lm_server.py",
  },
};

export const engineIds = Object.keys(definitions) as LocalEngineId[];
