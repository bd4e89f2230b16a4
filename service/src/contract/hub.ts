import * as z from "zod";
import { Bytes, ModelId, Timestamp } from "./common.ts";

export const Quantization = z
  .strictObject({
    bits: z.number().nullable(),
    groupSize: z.int().nullable(),
    mode: z.string().nullable(),
    label: z.string().meta({ description: "For people, for example `4-bit` or `bf16`." }),
  })
  .meta({ id: "Quantization" });
export type Quantization = z.infer<typeof Quantization>;

/** Capabilities as far as files and metadata tell; a probe proves them in a later step. */
export const Capability = z
  .enum(["chat", "vision", "audio", "tools", "thinking", "embeddings"])
  .meta({ id: "Capability" });
export type Capability = z.infer<typeof Capability>;

export const Fit = z
  .strictObject({
    fits: z.boolean().nullable().meta({ description: "Null when the size is unknown." }),
    neededBytes: Bytes.nullable(),
    limitBytes: Bytes,
    estimate: z.literal(true).meta({ description: "Weights x 1.2 against this machine's limit: an estimate." }),
  })
  .meta({ id: "Fit" });
export type Fit = z.infer<typeof Fit>;

export const Gated = z.enum(["no", "auto", "manual"]).meta({ id: "Gated" });

export const HubModel = z
  .strictObject({
    id: ModelId,
    author: z.string(),
    sizeBytes: Bytes.nullable().meta({ description: "Weights as far as the listing tells; exact on the model page." }),
    sizeIsEstimate: z.boolean(),
    parameters: z.number().nullable(),
    quantization: Quantization.nullable(),
    architecture: z.string().nullable(),
    contextLength: z.int().nullable(),
    capabilities: z.array(Capability),
    downloads: z.int().nullable(),
    likes: z.int().nullable(),
    gated: Gated,
    private: z.boolean(),
    updatedAt: Timestamp.nullable(),
    here: z.boolean().meta({ description: "Already in the local library." }),
    downloadId: z.string().nullable().meta({ description: "The active download of this model, if any." }),
    fit: Fit,
  })
  .meta({ id: "HubModel" });
export type HubModel = z.infer<typeof HubModel>;

export const HubSort = z.enum(["downloads", "likes", "updated", "created", "trending"]).meta({ id: "HubSort" });
export type HubSort = z.infer<typeof HubSort>;

export const HubQuery = z.strictObject({
  query: z.string().max(200).default(""),
  author: z.string().max(96).optional().meta({ description: "Left out: the default author filter; empty = all." }),
  sort: HubSort.default("downloads"),
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().min(1).max(2000).optional(),
});
export type HubQuery = z.infer<typeof HubQuery>;

export const HubPage = z
  .strictObject({
    items: z.array(HubModel),
    nextCursor: z.string().nullable(),
    source: z.enum(["hub", "local"]).meta({ description: "`local`: offline mode answered from what is known here." }),
  })
  .meta({ id: "HubPage" });
export type HubPage = z.infer<typeof HubPage>;

export const HubFile = z
  .strictObject({
    path: z.string(),
    sizeBytes: Bytes,
    checksum: z.string().meta({ description: "sha256 of LFS files, git blob sha1 of the others." }),
  })
  .meta({ id: "HubFile" });

export const HubModelDetail = HubModel.extend({
  revision: z.string().meta({ description: "The commit that was looked at." }),
  totalBytes: Bytes,
  files: z.array(HubFile),
  license: z.string().nullable(),
  tags: z.array(z.string()),
  url: z.string(),
}).meta({ id: "HubModelDetail" });
export type HubModelDetail = z.infer<typeof HubModelDetail>;
