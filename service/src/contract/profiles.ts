import * as z from "zod";
import { ModelId, OpaqueId, Revision, Slug, Timestamp, page, pageQuery } from "./common.ts";
import { EngineId } from "./engines.ts";

/** Options of the engine `mlx-lm`; each becomes an argument of the launcher. */
export const EngineOptions = z
  .strictObject({
    trustRemoteCode: z
      .boolean()
      .optional()
      .meta({ description: "Runs code that the model ships. Off unless you say so." }),
    chatTemplateArguments: z.record(z.string(), z.unknown()).optional(),
    promptCacheSize: z.int().min(1).max(1000).optional(),
    promptCacheBytes: z.int().min(1).optional(),
    prefillStepSize: z.int().min(16).max(65_536).optional(),
    decodeConcurrency: z.int().min(1).max(256).optional(),
    promptConcurrency: z.int().min(1).max(256).optional(),
  })
  .meta({ id: "EngineOptions" });
export type EngineOptions = z.infer<typeof EngineOptions>;

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

/** Parts of a profile that are kept as they are. Each may be left out of a request: then it is empty. */
export const profileParts = {
  limits: ProfileLimits,
  lifecycle: ProfileLifecycle,
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
    model: ModelId,
    name: editable.name.optional(),
    revision: editable.revision.default("main"),
    engine: editable.engine.default("mlx-lm"),
    engineOptions: editable.engineOptions.default({}),
    sampling: editable.sampling.default({}),
    systemPrompt: editable.systemPrompt.default(null),
    limits: profileParts.limits.default({}),
    lifecycle: profileParts.lifecycle.default({}),
  })
  .meta({ id: "ProfileCreate" });
export type ProfileCreate = z.infer<typeof ProfileCreate>;

export const ProfilePatch = z
  .strictObject({
    slug: Slug.optional(),
    model: ModelId.optional(),
    name: editable.name.optional(),
    revision: editable.revision.optional(),
    engine: editable.engine.optional(),
    engineOptions: editable.engineOptions.optional(),
    sampling: editable.sampling.optional(),
    systemPrompt: editable.systemPrompt.optional(),
    limits: profileParts.limits.optional(),
    lifecycle: profileParts.lifecycle.optional(),
  })
  .meta({
    id: "ProfilePatch",
    description: "Implicit profiles keep their model and have no slug; running servers take changes at the next start.",
  });
export type ProfilePatch = z.infer<typeof ProfilePatch>;

export const ProfileDuplicate = z
  .strictObject({ slug: Slug, name: editable.name.optional() })
  .meta({ id: "ProfileDuplicate" });
export const ProfilePage = page("ProfilePage", Profile);
export const ProfileQuery = z.strictObject({ ...pageQuery, implicit: z.stringbool().optional() });
export const ProfileParams = z.strictObject({ id: OpaqueId });
