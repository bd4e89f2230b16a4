import * as z from "zod";
import { Bytes } from "./common.ts";

export const apiVersion = 1;

export const Health = z
  .strictObject({
    status: z.enum(["ok", "stopping", "error"]),
    version: z.string(),
    apiVersion: z.int(),
    uptimeSeconds: z.number().nonnegative(),
    database: z.enum(["ok", "error"]),
    counts: z
      .strictObject({
        models: z.int(),
        servers: z.int(),
        components: z.int(),
        profiles: z.int().meta({ description: "Agent profiles." }),
        projects: z.int(),
      })
      .optional()
      .meta({ description: "Left out for callers without a key when the API is locked." }),
    authRequired: z.boolean(),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof Health>;

export const MachineMemory = z
  .strictObject({
    totalBytes: Bytes,
    limitBytes: Bytes.meta({
      description: "What models may use: the GPU's wired limit on a Mac, the cgroup or total memory elsewhere.",
    }),
    availableBytes: Bytes,
    pressure: z.enum(["normal", "warning", "critical"]).nullable(),
    method: z.string(),
  })
  .meta({ id: "MachineMemory" });
export type MachineMemory = z.infer<typeof MachineMemory>;

export const Tool = z
  .strictObject({ path: z.string().nullable(), version: z.string().nullable() })
  .meta({ id: "FoundTool", description: "A program found on this machine; null where absent." });

export const EngineSummary = z
  .strictObject({ id: z.string(), state: z.string(), version: z.string().nullable() })
  .meta({ id: "EngineSummary" });

export const SystemFacts = z
  .strictObject({
    platform: z.string(),
    architecture: z.string(),
    operatingSystem: z.string(),
    chip: z.string(),
    cores: z.int(),
    memory: MachineMemory,
    disk: z
      .strictObject({ totalBytes: Bytes, freeBytes: Bytes })
      .nullable()
      .meta({ description: "The disk of the model cache." }),
    python: Tool,
    uv: Tool,
    node: z.string(),
    engineSupport: z.strictObject({ supported: z.boolean(), reason: z.string().nullable() }),
  })
  .meta({ id: "SystemFacts" });
export type SystemFacts = z.infer<typeof SystemFacts>;

export const System = SystemFacts.extend({
  engines: z.array(EngineSummary),
  offline: z.boolean(),
  hubEndpoint: z.string(),
}).meta({ id: "System" });
export type System = z.infer<typeof System>;
