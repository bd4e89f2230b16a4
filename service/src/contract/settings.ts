import * as z from "zod";
import { RoutingRule } from "./routing.ts";

const seconds = (minimum: number, maximum: number) => z.number().min(minimum).max(maximum);

/**
 * Every setting with its type. A key appears here only when something enforces it.
 * All deadlines are in seconds.
 */
export const settingSchemas = {
  defaultModel: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .meta({ description: "Answers requests without a `model`. Null: the first real model, else the demo." }),
  aliases: z.record(z.string().min(1).max(200), z.string().min(1).max(200)).meta({
    description:
      "Other names for profiles or models, `{name: target}`. A name with `*` stands for all that fit; the most specific one answers.",
  }),
  hubAuthor: z.string().max(96).meta({ description: "Default author filter of the search; empty = all." }),
  healthCheckIntervalSeconds: seconds(1, 3600),
  portStart: z.int().min(1024).max(65000),
  startDeadlineSeconds: seconds(1, 7200),
  startDeadlineSecondsPerGigabyte: seconds(0, 600),
  probeDeadlineSeconds: seconds(1, 600),
  stallDeadlineSeconds: seconds(1, 7200),
  stopGraceSeconds: seconds(0, 300),
  drainSeconds: seconds(0, 300),
  hubMetadataDeadlineSeconds: seconds(1, 300),
  segmentStallSeconds: seconds(1, 600),
  downloadConcurrency: z.int().min(1).max(8).meta({ description: "Downloads at work at once." }),
  downloadConnections: z.int().min(1).max(16).meta({ description: "Connections of all downloads together, at most." }),
  downloadBytesPerSecond: z
    .int()
    .min(16_384)
    .nullable()
    .meta({ description: "All downloads together. Null: no limit." }),
  fitContextTokens: z
    .int()
    .min(256)
    .max(10_000_000)
    .meta({ description: "The context for which memory is predicted where a question names none." }),
  maxModels: z
    .int()
    .min(1)
    .max(64)
    .nullable()
    .meta({ description: "Models on this machine loaded at once. Null: as many as fit." }),
  memoryLimitBytes: z
    .int()
    .min(1_000_000)
    .nullable()
    .meta({ description: "What all servers together may take. Null, or above it: what the machine gives to models." }),
  idleUnloadSeconds: seconds(0, 31_536_000).meta({
    description: "A model is unloaded after so long without a request, unless its profile says otherwise; 0: never.",
  }),
  queueLimit: z.int().min(1).max(100_000).meta({ description: "Requests that wait for a place, of all models." }),
  queueLimitPerModel: z.int().min(1).max(100_000).meta({ description: "Requests that wait for one model." }),
  queueDeadlineSeconds: seconds(1, 86_400).meta({
    description: "How long a request waits for a place. The loading of its model does not count.",
  }),
  swapAfterRequests: z.int().min(1).max(10_000).meta({
    description:
      "While another model waits for its room, a busy model answers so many requests more; then it makes way.",
  }),
  swapAfterSeconds: seconds(0, 3600).meta({
    description: "While another model waits for its room, a busy model takes requests so long; then it makes way.",
  }),
  routingRules: z.array(RoutingRule).max(50).meta({
    description:
      "Which profile of another service answers what the model that was asked cannot; the first rule that fits. Empty: none does.",
  }),
  mapBackgroundRequests: z.boolean().meta({
    description:
      "A request with the header `x-mlx-manager-background: true` whose model is not loaded is answered by one that is.",
  }),
  fetchImages: z.boolean().meta({
    description: "Fetch images that a request names by an address on the public internet. Off: data URIs alone.",
  }),
  imageBytes: z
    .int()
    .min(10_000)
    .max(32_000_000)
    .meta({ description: "The most that one image of a request may have." }),
  imageDeadlineSeconds: seconds(1, 300).meta({ description: "How long the fetching of an image may take." }),
  requestLogDays: z.int().min(1).max(3650).meta({ description: "Rows of the request log are kept so long." }),
  requestLogBytes: z
    .int()
    .min(1_000_000)
    .max(100_000_000_000)
    .meta({ description: "What the request log may take, kept texts included; the oldest rows go first." }),
  storedResponseDays: z.int().min(1).max(3650).meta({
    description: "Responses that clients go on from by their id are kept so long.",
  }),
  storedResponseBytes: z
    .int()
    .min(1_000_000)
    .max(100_000_000_000)
    .meta({ description: "What kept responses may take, their images included; the oldest go first." }),
  recordBodiesUntil: z.iso.datetime().nullable().meta({
    description:
      "Until then, at most 24 hours ahead, the texts of requests and answers are kept with their rows, without keys and tokens. Null: never.",
  }),
  mirrorEnabled: z.boolean().meta({ description: "Serve complete models to other machines under `/hub`." }),
  discoverPeers: z.boolean().meta({ description: "Announce this service on the local network and look for others." }),
  checkForUpdates: z
    .boolean()
    .meta({ description: "Ask the Hub once a day whether local models have a newer revision." }),
} as const;

export type SettingKey = keyof typeof settingSchemas;
export type SettingValues = { [Key in SettingKey]: z.infer<(typeof settingSchemas)[Key]> };

export const settingKeys = Object.keys(settingSchemas) as SettingKey[];

export const settingDefaults: SettingValues = {
  defaultModel: null,
  aliases: {},
  hubAuthor: "mlx-community",
  healthCheckIntervalSeconds: 30,
  portStart: 10250,
  startDeadlineSeconds: 60,
  startDeadlineSecondsPerGigabyte: 30,
  probeDeadlineSeconds: 20,
  stallDeadlineSeconds: 300,
  stopGraceSeconds: 10,
  drainSeconds: 15,
  hubMetadataDeadlineSeconds: 15,
  segmentStallSeconds: 25,
  downloadConcurrency: 2,
  downloadConnections: 8,
  downloadBytesPerSecond: null,
  fitContextTokens: 8192,
  maxModels: null,
  memoryLimitBytes: null,
  idleUnloadSeconds: 3600,
  queueLimit: 512,
  queueLimitPerModel: 128,
  queueDeadlineSeconds: 600,
  swapAfterRequests: 16,
  swapAfterSeconds: 30,
  routingRules: [],
  mapBackgroundRequests: false,
  fetchImages: true,
  imageBytes: 20_000_000,
  imageDeadlineSeconds: 20,
  requestLogDays: 30,
  requestLogBytes: 100_000_000,
  storedResponseDays: 30,
  storedResponseBytes: 512_000_000,
  recordBodiesUntil: null,
  mirrorEnabled: false,
  discoverPeers: false,
  checkForUpdates: true,
};

export const SettingSource = z.enum(["environment", "database", "default"]).meta({ id: "SettingSource" });

function settingView<Value extends z.ZodType>(value: Value) {
  return z.strictObject({ value, source: SettingSource, variable: z.string().nullable() });
}

export const Settings = z
  .strictObject({
    defaultModel: settingView(settingSchemas.defaultModel),
    aliases: settingView(settingSchemas.aliases),
    hubAuthor: settingView(settingSchemas.hubAuthor),
    healthCheckIntervalSeconds: settingView(settingSchemas.healthCheckIntervalSeconds),
    portStart: settingView(settingSchemas.portStart),
    startDeadlineSeconds: settingView(settingSchemas.startDeadlineSeconds),
    startDeadlineSecondsPerGigabyte: settingView(settingSchemas.startDeadlineSecondsPerGigabyte),
    probeDeadlineSeconds: settingView(settingSchemas.probeDeadlineSeconds),
    stallDeadlineSeconds: settingView(settingSchemas.stallDeadlineSeconds),
    stopGraceSeconds: settingView(settingSchemas.stopGraceSeconds),
    drainSeconds: settingView(settingSchemas.drainSeconds),
    hubMetadataDeadlineSeconds: settingView(settingSchemas.hubMetadataDeadlineSeconds),
    segmentStallSeconds: settingView(settingSchemas.segmentStallSeconds),
    downloadConcurrency: settingView(settingSchemas.downloadConcurrency),
    downloadConnections: settingView(settingSchemas.downloadConnections),
    downloadBytesPerSecond: settingView(settingSchemas.downloadBytesPerSecond),
    fitContextTokens: settingView(settingSchemas.fitContextTokens),
    maxModels: settingView(settingSchemas.maxModels),
    memoryLimitBytes: settingView(settingSchemas.memoryLimitBytes),
    idleUnloadSeconds: settingView(settingSchemas.idleUnloadSeconds),
    queueLimit: settingView(settingSchemas.queueLimit),
    queueLimitPerModel: settingView(settingSchemas.queueLimitPerModel),
    queueDeadlineSeconds: settingView(settingSchemas.queueDeadlineSeconds),
    swapAfterRequests: settingView(settingSchemas.swapAfterRequests),
    swapAfterSeconds: settingView(settingSchemas.swapAfterSeconds),
    routingRules: settingView(settingSchemas.routingRules),
    mapBackgroundRequests: settingView(settingSchemas.mapBackgroundRequests),
    fetchImages: settingView(settingSchemas.fetchImages),
    imageBytes: settingView(settingSchemas.imageBytes),
    imageDeadlineSeconds: settingView(settingSchemas.imageDeadlineSeconds),
    requestLogDays: settingView(settingSchemas.requestLogDays),
    requestLogBytes: settingView(settingSchemas.requestLogBytes),
    storedResponseDays: settingView(settingSchemas.storedResponseDays),
    storedResponseBytes: settingView(settingSchemas.storedResponseBytes),
    recordBodiesUntil: settingView(settingSchemas.recordBodiesUntil),
    mirrorEnabled: settingView(settingSchemas.mirrorEnabled),
    discoverPeers: settingView(settingSchemas.discoverPeers),
    checkForUpdates: settingView(settingSchemas.checkForUpdates),
  })
  .meta({
    id: "Settings",
    description: "Each setting with where its value comes from; `environment` cannot be changed here.",
  });
export type Settings = z.infer<typeof Settings>;

export const SettingsPatch = z
  .strictObject(
    Object.fromEntries(settingKeys.map((key) => [key, settingSchemas[key].nullable().optional()])) as {
      [Key in SettingKey]: z.ZodOptional<z.ZodNullable<(typeof settingSchemas)[Key]>>;
    },
  )
  .meta({ id: "SettingsPatch", description: "Only the keys to change; null restores the default." });
export type SettingsPatch = z.infer<typeof SettingsPatch>;
