import * as z from "zod";
import { Bytes, ModelId, Timestamp, page, pageQuery } from "./common.ts";
import { Capability, Fit, Quantization } from "./hub.ts";

export const ModelSource = z.enum(["hub-cache", "built-in", "folder", "converted"]).meta({ id: "ModelSource" });

export const ModelRevision = z
  .strictObject({
    revision: z.string().meta({ description: "Commit sha; content hash outside the Hub." }),
    refs: z.array(z.string()),
    sizeBytes: Bytes,
    complete: z.boolean(),
  })
  .meta({ id: "ModelRevision" });

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
    contextLength: z.int().nullable(),
    capabilities: z.array(Capability),
    revisions: z.array(ModelRevision),
    complete: z.boolean(),
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
