import * as z from "zod";

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
  aliases: z
    .record(z.string().min(1).max(200), z.string().min(1).max(200))
    .meta({ description: "Other names for profiles or models." }),
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
