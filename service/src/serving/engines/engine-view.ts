import type { Engine, LocalEngineId } from "../../contract/engines.ts";
import type { Failure } from "../../contract/error.ts";
import type { Job } from "../../contract/jobs.ts";
import type { Complete } from "./environment-folder.ts";
import type { EngineLock } from "./lock-file.ts";
import { engineState } from "./machine.ts";

export interface EngineFacts {
  readonly id: LocalEngineId;
  /** Of MLX, and of this engine in particular. */
  readonly support: { readonly supported: boolean; readonly reason: string | null };
  /** Null where MLX does not run. */
  readonly lock: EngineLock | null;
  readonly hasCurrent: boolean;
  /** The current environment, when its folder is whole. */
  readonly whole: Complete | null;
  /** What `rollback` would go back to. */
  readonly previous: Complete | null;
  readonly installJob: Job | null;
  readonly removeJob: Job | null;
  /** The last installation that ended. */
  readonly lastInstall: Job | null;
}

const nowhere = "MLX runs on macOS with Apple silicon and on Linux x86-64.";

/** The engine as clients see it. */
export function engineView(facts: EngineFacts): Engine {
  const { id, support, lock, whole, hasCurrent, installJob, removeJob } = facts;
  const isSupported = lock !== null && support.supported;
  const state = engineState({ isSupported, isInstalling: installJob !== null, hasCurrent, isWhole: whole !== null });
  return {
    ...{ id, state, version: whole?.version ?? null, availableVersion: lock?.engineVersion ?? "none" },
    ...{ pythonVersion: whole?.pythonVersion ?? null, lockHash: whole?.lockHash ?? null },
    ...{ sizeBytes: whole?.sizeBytes ?? null, installedAt: whole?.installedAt ?? null },
    previousVersion: facts.previous?.version ?? null,
    ...{ jobId: (installJob ?? removeJob)?.id ?? null, reason: reasonOf(state, facts) },
  };
}

function reasonOf(state: Engine["state"], { id, support, lastInstall }: EngineFacts): Failure | null {
  if (state === "unsupported") return { code: "unsupported", message: support.reason ?? nowhere };
  const failed = lastInstall?.state === "failed" ? lastInstall.error : null;
  if (state === "broken") {
    const message = `Files of the engine are missing. Install it again with: mlx-manager engines install ${id}`;
    return failed ?? { code: "engine_failed", message };
  }
  return state === "absent" ? failed : null;
}
