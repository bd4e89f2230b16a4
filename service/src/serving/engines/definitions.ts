import type { LocalEngineId } from "../../contract/engines.ts";
import type { LockPlatform } from "./lock-file.ts";

/** What differs between engines. */
export interface EngineDefinition {
  /** Modules whose import proves an environment. */
  readonly modules: readonly string[];
  /** Packages of the lock whose installed version is compared with it. */
  readonly packages: readonly string[];
  /** Our launcher, below `service/engines`. */
  readonly launcher: string;
  /** Where it can be installed, each with a lock of its own. */
  readonly platforms: readonly LockPlatform[];
  /** Why not elsewhere, where MLX itself runs. */
  readonly elsewhere: string | null;
}

export const definitions: Readonly<Record<LocalEngineId, EngineDefinition>> = {
  "mlx-lm": {
    modules: ["mlx.core", "mlx_lm", "mlx_lm.server"],
    packages: ["mlx-lm", "mlx"],
    launcher: "launcher/mlx_lm_server.py",
    platforms: ["macos-arm64", "linux-x86_64"],
    elsewhere: null,
  },
  "mlx-vlm": {
    modules: ["mlx.core", "mlx_vlm", "mlx_vlm.server"],
    packages: ["mlx-vlm", "mlx"],
    launcher: "launcher/mlx_vlm_server.py",
    platforms: ["macos-arm64", "linux-x86_64"],
    elsewhere: null,
  },
  "mlx-openai-server": {
    modules: ["mlx.core", "app.main"],
    packages: ["mlx-openai-server", "mlx"],
    launcher: "launcher/mlx_openai_server.py",
    platforms: ["macos-arm64"],
    elsewhere: "mlx-openai-server installs on a Mac with Apple silicon alone: what it needs has no Linux version.",
  },
};

export const engineIds = Object.keys(definitions) as LocalEngineId[];
