import * as z from "zod";
import { Bytes, ModelId, OpaqueId, Timestamp, page, pageQuery } from "./common.ts";
import { EngineId } from "./engines.ts";
import { Failure } from "./error.ts";
import { LogQuery } from "./jobs.ts";
import { Batching, pendingRestart } from "./profiles.ts";

/** `busy` is derived (`inFlight` > 0) and never a state. */
export const ServerState = z
  .enum([
    "queued",
    "starting",
    "warming",
    "ready",
    "unhealthy",
    "restarting",
    "stopping",
    "stopped",
    "failed",
    "evicted",
  ])
  .meta({ id: "ServerState" });
export type ServerState = z.infer<typeof ServerState>;

export const HealthStatus = z.enum(["healthy", "unhealthy", "unknown"]).meta({ id: "HealthStatus" });
export type HealthStatus = z.infer<typeof HealthStatus>;

export const MemoryReading = z
  .strictObject({
    footprintBytes: Bytes,
    method: z.enum(["phys_footprint", "pss", "rss"]),
    engine: z.strictObject({ activeBytes: Bytes, cacheBytes: Bytes, peakBytes: Bytes }).optional(),
    at: Timestamp,
  })
  .meta({ id: "MemoryReading" });
export type MemoryReading = z.infer<typeof MemoryReading>;

export const Server = z
  .strictObject({
    id: OpaqueId,
    profileId: OpaqueId,
    profile: z.string().meta({ description: "The profile's slug, or the model id of an implicit one." }),
    model: ModelId,
    revision: z.string(),
    engine: EngineId,
    kind: z.enum(["process", "cluster", "remote"]),
    state: ServerState,
    phase: z.string().nullable().meta({ description: "What it is doing while it starts." }),
    pid: z.int().nullable(),
    port: z.int().nullable(),
    inFlight: z.int(),
    waiting: z.int().meta({ description: "Requests that have no place at it yet." }),
    pinned: z.boolean().meta({ description: "Never unloaded to make room for another." }),
    reservedBytes: Bytes.meta({ description: "What is kept free for it, from when it may load until it is gone." }),
    expiresAt: Timestamp.nullable().meta({ description: "When it is unloaded if no request comes; null: never." }),
    batching: Batching.nullable().meta({ description: "As it was started; null when it is over." }),
    ...pendingRestart,
    memory: MemoryReading.nullable(),
    cpuPercent: z.number().nullable(),
    tokensPerSecond: z.number().nullable(),
    totalTokens: z.int(),
    restarts: z.int(),
    healthStatus: HealthStatus,
    lastCheckedAt: Timestamp.nullable(),
    failureCount: z.int(),
    lastError: Failure.nullable(),
    endedBecause: z.string().nullable().meta({ description: "Why it was unloaded (`evicted`)." }),
    stderrTail: z.array(z.string()),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    readyAt: Timestamp.nullable(),
    uptimeSeconds: z.number().nullable(),
    stoppedAt: Timestamp.nullable(),
  })
  .meta({ id: "Server" });
export type Server = z.infer<typeof Server>;

export const ServerPage = page("ServerPage", Server);
export const ServerQuery = z.strictObject({ ...pageQuery, running: z.stringbool().optional() });
export const ServerParams = z.strictObject({ id: OpaqueId });

export const logLevels = ["debug", "info", "warning", "error"] as const;
export const LogLevel = z.enum(logLevels).meta({ id: "LogLevel" });
export type LogLevel = z.infer<typeof LogLevel>;

export const LogLine = z
  .strictObject({
    number: z.int().meta({ description: "Rises by one a line; a gap is what was left out." }),
    at: Timestamp.nullable().meta({ description: "When it came; null for a server that is over." }),
    level: LogLevel,
    kind: z.enum(["output", "prefill", "request", "traceback", "note"]),
    text: z.string(),
    progress: z.strictObject({ done: z.int(), total: z.int() }).optional().meta({ description: "Of a prefill." }),
  })
  .meta({ id: "LogLine", description: "`data:` of each event of a server's log." });
export type LogLine = z.infer<typeof LogLine>;

export const ServerLogQuery = LogQuery.extend({
  level: LogLevel.optional().meta({ description: "Only lines of this level and above." }),
});
