import * as z from "zod";
import { ModelParent } from "./conversions.ts";
import { Bytes, ModelId, Revision, Timestamp, page, pageQuery } from "./common.ts";
import { EngineId } from "./engines.ts";
import { Capability, Fit, Quantization } from "./hub.ts";
import { Measurement } from "./measurements.ts";

export const ModelSource = z.enum(["hub-cache", "built-in", "folder", "converted"]).meta({ id: "ModelSource" });

export const ModelRevision = z
  .strictObject({
    revision: z.string().meta({ description: "Commit sha; content hash outside the Hub." }),
    refs: z.array(z.string()),
    sizeBytes: Bytes,
    complete: z.boolean(),
    exclusiveBytes: Bytes.meta({
      description: "What no other revision and no other model shares: freed when only this one is deleted.",
    }),
    path: z.string().meta({ description: "Its folder on this machine." }),
  })
  .meta({ id: "ModelRevision" });

export const ModelPartial = z
  .strictObject({
    missingFiles: z.int().nullable().meta({ description: "Files an engine needs that are not here. Null: not known." }),
    missingBytes: Bytes.nullable(),
    foreignBytes: Bytes.meta({ description: "Unfinished downloads of other programs." }),
  })
  .meta({ id: "ModelPartial", description: "What is not whole: missing files, downloads of others that did not end." });
export type ModelPartial = z.infer<typeof ModelPartial>;

export const Model = z
  .strictObject({
    id: ModelId,
    source: ModelSource,
    demo: z
      .boolean()
      .meta({ description: "The tiny built-in model: it answers questions about MLX Manager and nothing else." }),
    sizeBytes: Bytes,
    weightBytes: Bytes,
    parameters: z.number().nullable(),
    quantization: Quantization.nullable(),
    architecture: z.string().nullable(),
    supported: z.boolean().nullable().meta({ description: "Whether an engine of ours runs this architecture." }),
    engines: z.array(EngineId),
    contextLength: z.int().nullable(),
    capabilities: z.array(Capability).meta({ description: "As the files declare them; `measured` says what is so." }),
    measured: Measurement.nullable().meta({ description: "What a probe found of `main`; null: never probed." }),
    parent: ModelParent.nullable().meta({ description: "What it was converted from on this machine." }),
    revisions: z.array(ModelRevision),
    complete: z.boolean(),
    partial: ModelPartial.nullable(),
    problem: z.string().nullable().meta({ description: "Why it cannot run as it is, with the next step." }),
    verifiedAt: Timestamp.nullable().meta({ description: "When every file of `main` was last found right." }),
    updateAvailable: z.boolean().nullable().meta({ description: "Null: not asked yet, or not a model of the Hub." }),
    latestRevision: z.string().nullable().meta({ description: "The commit of `main` on the Hub, when last asked." }),
    isDefault: z.boolean(),
    fit: Fit,
    profileId: z.string().meta({ description: "The implicit profile that serves this model." }),
    addedAt: Timestamp,
    usedAt: Timestamp.nullable(),
  })
  .meta({ id: "Model" });
export type Model = z.infer<typeof Model>;

export const ModelPage = page("ModelPage", Model);
export const ModelQuery = z.strictObject({ ...pageQuery, query: z.string().max(200).optional() });

const idPart = z
  .string()
  .min(1)
  .max(96)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "must be part of owner/name");
export const ModelParams = z.strictObject({ owner: idPart, name: idPart });
export const ModelRevisionParams = z.strictObject({ owner: idPart, name: idPart, revision: Revision });
