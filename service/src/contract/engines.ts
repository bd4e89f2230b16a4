import * as z from "zod";
import { Timestamp } from "./common.ts";
import { Failure } from "./error.ts";
import { Job } from "./jobs.ts";

export const EngineId = z
  .enum(["mlx-lm", "mlx-vlm", "mlx-openai-server", "remote"])
  .meta({ id: "EngineId", description: "`remote`: a service elsewhere; nothing of it is installed here." });
export type EngineId = z.infer<typeof EngineId>;

/** Engines with an environment of their own on this machine. */
export const LocalEngineId = EngineId.exclude(["remote"]).meta({ id: "LocalEngineId" });
export type LocalEngineId = z.infer<typeof LocalEngineId>;

export const EngineState = z
  .enum(["absent", "installing", "installed", "updating", "broken", "unsupported"])
  .meta({ id: "EngineState" });
export type EngineState = z.infer<typeof EngineState>;

export const Engine = z
  .strictObject({
    id: LocalEngineId,
    state: EngineState,
    version: z.string().nullable().meta({ description: "The installed version." }),
    availableVersion: z.string().meta({ description: "The version our lock pins." }),
    pythonVersion: z.string().nullable(),
    lockHash: z.string().nullable(),
    sizeBytes: z.int().nullable(),
    previousVersion: z.string().nullable().meta({ description: "The environment before, kept for `rollback`." }),
    jobId: z.string().nullable().meta({ description: "The active installation." }),
    reason: Failure.nullable().meta({ description: "Why it is broken or unsupported." }),
    installedAt: Timestamp.nullable(),
  })
  .meta({ id: "Engine" });
export type Engine = z.infer<typeof Engine>;

export const EngineList = z.strictObject({ items: z.array(Engine), nextCursor: z.null() }).meta({ id: "EngineList" });
export const EngineParams = z.strictObject({ id: LocalEngineId });
export const EngineJob = z.strictObject({ job: Job }).meta({ id: "EngineJob" });
