import * as z from "zod";
import { Bytes, ModelId, Timestamp } from "./common.ts";
import { Model } from "./models.ts";

export const VerifiedFile = z
  .strictObject({
    path: z.string(),
    state: z.enum(["missing", "wrong-size", "wrong-content", "unreadable"]),
    sizeBytes: Bytes.nullable().meta({ description: "What it should be; null when not known." }),
    foundBytes: Bytes.nullable().meta({ description: "What is on the disk; null when nothing is." }),
  })
  .meta({ id: "VerifiedFile" });
export type VerifiedFile = z.infer<typeof VerifiedFile>;

/** The result of reading every file of one revision again and comparing it with its checksum. */
export const ModelVerification = z
  .strictObject({
    model: ModelId,
    revision: z.string().meta({ description: "The commit that was checked." }),
    result: z.enum(["right", "wrong", "unknown"]).meta({
      description: "`wrong`: `wrongFiles` names what to fetch again. `unknown`: some file has no known checksum.",
    }),
    filesChecked: z.int(),
    filesUnknown: z.int().meta({ description: "Files whose checksum is known neither here nor on the Hub." }),
    bytesChecked: Bytes,
    wrongFiles: z.array(VerifiedFile),
    current: z.boolean().meta({ description: "False when the files have changed since." }),
    verifiedAt: Timestamp,
  })
  .meta({ id: "ModelVerification" });
export type ModelVerification = z.infer<typeof ModelVerification>;

export const ModelDeletion = z
  .strictObject({
    model: Model.meta({ description: "As it was before." }),
    revision: z.string().nullable().meta({ description: "The commit that was deleted; null: all of them." }),
    freedBytes: Bytes.meta({ description: "Bytes of the files that are gone; what others share stays." }),
  })
  .meta({ id: "ModelDeletion" });
export type ModelDeletion = z.infer<typeof ModelDeletion>;

export const ModelUsage = z
  .strictObject({
    models: z.array(
      z.strictObject({
        model: ModelId,
        totalBytes: Bytes.meta({ description: "All that belongs to it, each blob once." }),
        exclusiveBytes: Bytes.meta({ description: "Freed when the model is deleted." }),
        foreignBytes: Bytes.meta({ description: "Unfinished downloads of other programs." }),
        unusedBytes: Bytes.meta({ description: "Blobs that no revision refers to." }),
      }),
    ),
    totalBytes: Bytes.meta({ description: "All models together, shared blobs counted once." }),
    sharedBytes: Bytes.meta({ description: "Blobs that belong to more than one model." }),
    staleBytes: Bytes.meta({ description: "Parts of our own downloads that nobody will continue." }),
    freeBytes: Bytes.nullable(),
    diskBytes: Bytes.nullable(),
  })
  .meta({ id: "ModelUsage" });
export type ModelUsage = z.infer<typeof ModelUsage>;

export const ImportableModel = z
  .strictObject({
    path: z.string(),
    name: z.string().meta({ description: "The name it would get, without `local/`." }),
    sizeBytes: Bytes,
    imported: ModelId.nullable().meta({ description: "The model that refers to this folder already." }),
  })
  .meta({ id: "ImportableModel" });
export type ImportableModel = z.infer<typeof ImportableModel>;
export const ImportableList = z.strictObject({ items: z.array(ImportableModel) }).meta({ id: "ImportableList" });
export const ImportableQuery = z.strictObject({
  folder: z.string().min(1).max(4000).optional().meta({ description: "Look here instead of the usual places." }),
});
export const ModelImport = z
  .strictObject({
    path: z.string().min(1).max(4000).meta({ description: "An absolute folder with config.json and safetensors." }),
    name: z
      .string()
      .min(1)
      .max(96)
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, "must be letters, digits, dots, dashes and underscores")
      .optional(),
  })
  .meta({ id: "ModelImport" });
export type ModelImport = z.infer<typeof ModelImport>;

export const LitterKind = z
  .enum(["foreign-part", "own-part", "broken-link", "empty-repository", "unused-blob", "unused-shared-blob"])
  .meta({ id: "LitterKind" });
export type LitterKind = z.infer<typeof LitterKind>;
export const ModelClean = z.strictObject({ dryRun: z.boolean().default(true) }).meta({ id: "ModelClean" });
export const ModelCleaning = z
  .strictObject({
    dryRun: z.boolean(),
    items: z.array(z.strictObject({ kind: LitterKind, model: ModelId.nullable(), path: z.string(), sizeBytes: Bytes })),
    bytes: Bytes.meta({ description: "What was freed, or would be." }),
  })
  .meta({ id: "ModelCleaning" });
export type ModelCleaning = z.infer<typeof ModelCleaning>;
