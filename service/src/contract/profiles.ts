import * as z from "zod";
import { ModelId, OpaqueId, Revision, Slug, Timestamp, page, pageQuery } from "./common.ts";
import { EngineId } from "./engines.ts";
import { EngineOptions } from "./engine-options.ts";
import { ProfileCluster, ProfileKind, ProfileRemote, RemoteAddress, RemoteKey } from "./profile-kinds.ts";

/** Used where a request does not say. Zero is a value, not absence. */
export const SamplingDefaults = z
  .strictObject({
    temperature: z.number().min(0).max(2).optional(),
    topP: z.number().gt(0).max(1).optional(),
    topK: z.int().min(0).optional(),
    minP: z.number().min(0).max(1).optional(),
    maxTokens: z.int().min(1).optional(),
    repetitionPenalty: z.number().gt(0).max(10).optional(),
    presencePenalty: z.number().min(-2).max(2).optional(),
    frequencyPenalty: z.number().min(-2).max(2).optional(),
    seed: z.int().min(0).optional().meta({ description: "The same answer each time. Turns batching off." }),
  })
  .meta({ id: "SamplingDefaults" });
export type SamplingDefaults = z.infer<typeof SamplingDefaults>;

/** What a server of the profile may take. What is not said follows from the model and the machine. */
export const ProfileLimits = z
  .strictObject({
    contextTokens: z.int().min(256).max(10_000_000).optional().meta({
      description: "The longest prompt and answer together; memory is reserved for it.",
    }),
    concurrency: z.int().min(1).max(64).optional().meta({ description: "Requests at work at once; others wait." }),
    memoryBytes: z
      .int()
      .min(1_000_000)
      .optional()
      .meta({ description: "What its process may take; a server that takes more is stopped." }),
  })
  .meta({ id: "ProfileLimits" });
export type ProfileLimits = z.infer<typeof ProfileLimits>;

/** When a server of the profile comes and goes. */
export const ProfileLifecycle = z
  .strictObject({
    ttlSeconds: z
      .int()
      .min(0)
      .max(31_536_000)
      .optional()
      .meta({ description: "Unloaded after so long without a request; 0: never. Left out: the setting." }),
    pinned: z.boolean().optional().meta({ description: "Never unloaded to make room for another." }),
    autoStart: z.boolean().optional().meta({ description: "Started with the service." }),
  })
  .meta({ id: "ProfileLifecycle" });
export type ProfileLifecycle = z.infer<typeof ProfileLifecycle>;

export const EngineChoice = z
  .strictObject({
    by: z.enum(["profile", "model"]),
    reason: z.string().meta({ description: "Why this engine serves it." }),
  })
  .meta({ id: "EngineChoice" });
export type EngineChoice = z.infer<typeof EngineChoice>;

/** Parts of a profile that are kept as they are. Each may be left out of a request: then it is as in `emptyParts`. */
export const profileParts = {
  engineChoice: EngineChoice,
  limits: ProfileLimits,
  lifecycle: ProfileLifecycle,
  kind: ProfileKind,
  remote: ProfileRemote.nullable().meta({ description: "Where a profile of the kind `remote` is served." }),
  cluster: ProfileCluster.nullable().meta({ description: "The hosts of a profile of the kind `cluster`." }),
} as const;
export const emptyParts = {
  engineChoice: { by: "model", reason: "" },
  limits: {},
  lifecycle: {},
  kind: "process",
  remote: null,
  cluster: null,
} as const;

export const Profile = z
  .strictObject({
    id: OpaqueId,
    slug: Slug.nullable().meta({ description: "Null for implicit profiles: they answer to the model id." }),
    name: z.string(),
    implicit: z.boolean(),
    model: ModelId,
    revision: Revision.meta({ description: "`main` follows the newest local revision; a commit pins it." }),
    engine: EngineId,
    engineOptions: EngineOptions,
    sampling: SamplingDefaults,
    systemPrompt: z.string().nullable(),
    ...profileParts,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: "Profile" });
export type Profile = z.infer<typeof Profile>;

/** Whether the engine works on several requests together. A request with a seed of its own runs alone in any case. */
export const Batching = z
  .strictObject({
    on: z.boolean(),
    reason: z.string().nullable().meta({ description: "What turns it off." }),
  })
  .meta({ id: "Batching" });
export type Batching = z.infer<typeof Batching>;

/** A profile as the API shows it: what was set, and what follows from it. */
export const ProfileView = Profile.extend({ batching: Batching }).meta({ id: "ProfileView" });
export type ProfileView = z.infer<typeof ProfileView>;

/** What only a start takes up, of a running server. */
export const pendingRestart = {
  needsRestart: z.boolean().meta({ description: "It runs with older values; a restart takes the new ones up." }),
  restartKeys: z.array(z.string()).meta({ description: "Which values those are, such as `engineOptions.kvBits`." }),
};
export const ProfileChange = ProfileView.extend(pendingRestart).meta({ id: "ProfileChange" });
export type ProfileChange = z.infer<typeof ProfileChange>;

/** Names of the presets that come along (`GET /api/profile-presets`). */
export const PresetId = z.enum(["coding", "creative", "deterministic", "long-context"]).meta({ id: "PresetId" });
export type PresetId = z.infer<typeof PresetId>;

const editable = {
  name: z.string().min(1).max(120),
  revision: Revision,
  engine: EngineId,
  engineOptions: EngineOptions,
  sampling: SamplingDefaults,
  systemPrompt: z.string().max(100_000).nullable(),
};

export const ProfileCreate = z
  .strictObject({
    slug: Slug,
    model: ModelId.optional().meta({
      description: "May be left out for the kind `remote`: then it follows from the name that the model has there.",
    }),
    preset: PresetId.optional().meta({ description: "Fills in what the request leaves open." }),
    name: editable.name.optional(),
    revision: editable.revision.default("main"),
    engine: editable.engine.nullable().default(null).meta({ description: "Null: it follows from the model." }),
    engineOptions: editable.engineOptions.default({}),
    sampling: editable.sampling.default({}),
    systemPrompt: editable.systemPrompt.default(null),
    limits: profileParts.limits.default({}),
    lifecycle: profileParts.lifecycle.default({}),
    kind: ProfileKind.default("process"),
    remote: RemoteAddress.nullable().default(null),
    remoteKey: RemoteKey.optional(),
    cluster: ProfileCluster.nullable().default(null),
  })
  .meta({ id: "ProfileCreate" });
export type ProfileCreate = z.infer<typeof ProfileCreate>;

export const ProfilePatch = z
  .strictObject({
    slug: Slug.optional(),
    model: ModelId.optional(),
    preset: PresetId.optional().meta({ description: "Laid over what the profile has, under what the request says." }),
    name: editable.name.optional(),
    revision: editable.revision.optional(),
    engine: editable.engine.nullable().optional().meta({ description: "Null: it follows from the model." }),
    engineOptions: editable.engineOptions.optional(),
    sampling: editable.sampling.optional(),
    systemPrompt: editable.systemPrompt.optional(),
    limits: profileParts.limits.optional(),
    lifecycle: profileParts.lifecycle.optional(),
    kind: ProfileKind.optional(),
    remote: RemoteAddress.nullable().optional(),
    remoteKey: RemoteKey.nullable().optional().meta({ description: "Null: forget it." }),
    cluster: ProfileCluster.nullable().optional(),
  })
  .meta({
    id: "ProfilePatch",
    description: "Implicit profiles keep their model and have no slug. The reply says what waits for a restart.",
  });
export type ProfilePatch = z.infer<typeof ProfilePatch>;

export const ProfileDuplicate = z
  .strictObject({ slug: Slug, name: editable.name.optional() })
  .meta({ id: "ProfileDuplicate" });
/** What a preset sets; everything else of a profile stays as it is. */
export const ProfilePreset = z
  .strictObject({
    id: PresetId,
    description: z.string(),
    sampling: SamplingDefaults,
    engineOptions: EngineOptions,
    limits: ProfileLimits,
  })
  .meta({ id: "ProfilePreset" });
export type ProfilePreset = z.infer<typeof ProfilePreset>;
export const PresetList = z.strictObject({ items: z.array(ProfilePreset) }).meta({ id: "PresetList" });

/** A profile as a file. It holds no secret and no id; a model's own profile has no slug. */
export const ProfileExport = z
  .strictObject({
    format: z.literal("mlx-manager-profile", "is not a profile of MLX Manager"),
    version: z.literal(1, "is another version than this MLX Manager reads (1)"),
    profile: ProfileCreate.omit({ preset: true, remoteKey: true }).extend({ slug: Slug.nullable() }),
  })
  .meta({ id: "ProfileExport" });
export type ProfileExport = z.infer<typeof ProfileExport>;
export const ProfileImportQuery = z.strictObject({
  slug: Slug.optional().meta({ description: "In place of the slug in the file." }),
});

export const ProfilePage = page("ProfilePage", ProfileView);
export const ProfileQuery = z.strictObject({ ...pageQuery, implicit: z.stringbool().optional() });
export const ProfileParams = z.strictObject({ id: OpaqueId });
