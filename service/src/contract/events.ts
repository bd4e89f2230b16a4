import * as z from "zod";
import { Bytes, ModelId, OpaqueId, Timestamp } from "./common.ts";
import { Download } from "./downloads.ts";
import { Engine } from "./engines.ts";
import { HubModel } from "./hub.ts";
import { Job } from "./jobs.ts";
import { Model } from "./models.ts";
import { ProfileView } from "./profiles.ts";
import { RequestEntry } from "./requests.ts";
import { MemoryReading, Server } from "./servers.ts";
import { Settings } from "./settings.ts";
import { MachineMemory } from "./system.ts";

export const eventTopics = [
  "downloads",
  "engines",
  "hub",
  "jobs",
  "models",
  "profiles",
  "requests",
  "servers",
  "settings",
] as const;
export type EventTopic = (typeof eventTopics)[number];

/** The subject is gone; nothing else is left to tell. */
const removed = z.strictObject({ id: z.string() });

/**
 * Payload of every event by its type, noun first. `*.changed` carries the whole new state of one subject, so a
 * client that keeps the latest by id is always right; `*.progress` and `*.memory` come at most twice a second.
 */
export const eventSchemas = {
  "download.changed": Download,
  "download.progress": Download,
  "engine.changed": Engine,
  "hub-model.changed": HubModel,
  "job.changed": Job,
  "job.progress": Job,
  "model.changed": z.strictObject({ id: ModelId }),
  "model.removed": removed,
  "profile.changed": ProfileView,
  "profile.removed": removed,
  "request.finished": RequestEntry,
  "server.changed": Server,
  "server.progress": z.strictObject({
    id: OpaqueId,
    phase: z.string(),
    done: z.number().nullable(),
    total: z.number().nullable(),
  }),
  "server.memory": z.strictObject({ id: OpaqueId, memory: MemoryReading, cpuPercent: z.number().nullable() }),
  "server.removed": removed,
  "server.memory-not-returned": z.strictObject({
    id: OpaqueId,
    footprintBytes: Bytes,
    availableBeforeBytes: Bytes,
    availableAfterBytes: Bytes,
    waitedSeconds: z.number(),
  }),
  "server.memory-over-forecast": z.strictObject({
    id: OpaqueId,
    footprintBytes: Bytes,
    forecastBytes: Bytes,
    capBytes: Bytes,
  }),
  "machine.memory-pressure": MachineMemory,
  "settings.changed": Settings,
} as const;

export type EventType = keyof typeof eventSchemas;
export type EventPayload<Type extends EventType> = z.infer<(typeof eventSchemas)[Type]>;

/** Which topic each event belongs to. */
export const topicOf: Record<EventType, EventTopic> = {
  "download.changed": "downloads",
  "download.progress": "downloads",
  "engine.changed": "engines",
  "hub-model.changed": "hub",
  "job.changed": "jobs",
  "job.progress": "jobs",
  "model.changed": "models",
  "model.removed": "models",
  "profile.changed": "profiles",
  "profile.removed": "profiles",
  "request.finished": "requests",
  "server.changed": "servers",
  "server.progress": "servers",
  "server.memory": "servers",
  "server.removed": "servers",
  "server.memory-not-returned": "servers",
  "server.memory-over-forecast": "servers",
  "machine.memory-pressure": "servers",
  "settings.changed": "settings",
};

/** A sample may be dropped in favour of a newer one of the same subject; a state change never. */
export const sampleTypes: ReadonlySet<EventType> = new Set([
  "download.progress",
  "job.progress",
  "server.progress",
  "server.memory",
]);

export type ServerEvent = {
  [Type in EventType]: { id: string; type: Type; at: string; data: EventPayload<Type> };
}[EventType];

/** First message of a stream: replaces everything the client knows of the chosen topics. */
export const Snapshot = z
  .strictObject({
    at: Timestamp,
    downloads: z.array(Download).optional(),
    engines: z.array(Engine).optional(),
    jobs: z.array(Job).optional(),
    models: z.array(Model).optional(),
    profiles: z.array(ProfileView).optional(),
    requests: z.array(RequestEntry).optional().meta({ description: "The newest that ended." }),
    servers: z.array(Server).optional(),
    settings: Settings.optional(),
  })
  .meta({ id: "Snapshot" });
export type Snapshot = z.infer<typeof Snapshot>;

export const EventQuery = z.strictObject({
  topics: z
    .string()
    .max(200)
    .optional()
    .transform((text, context): EventTopic[] => {
      if (text === undefined || text === "") return [...eventTopics];
      const topics = text.split(",").map((topic) => topic.trim());
      const unknown = topics.filter((topic) => !eventTopics.includes(topic as EventTopic));
      if (unknown.length > 0) {
        context.addIssue({
          code: "custom",
          message: `unknown topic ${unknown.join(", ")}; known: ${eventTopics.join(", ")}`,
        });
        return z.NEVER;
      }
      return topics as EventTopic[];
    }),
});

export const EventMessage = z
  .discriminatedUnion(
    "type",
    (Object.keys(eventSchemas) as EventType[]).map((type) =>
      z.strictObject({ id: z.string(), type: z.literal(type), at: Timestamp, data: eventSchemas[type] }),
    ) as never,
  )
  .meta({
    id: "EventMessage",
    description: "`data:` of each server-sent event after the snapshot; `id:` is `<boot>-<sequence>`.",
  });
