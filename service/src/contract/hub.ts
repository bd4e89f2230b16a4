import * as z from "zod";
import { Bytes, ModelId, Timestamp } from "./common.ts";

export const Quantization = z
  .strictObject({
    bits: z.number().nullable(),
    groupSize: z.int().nullable(),
    mode: z.string().nullable(),
    effectiveBits: z.number().nullable().meta({
      description: "Bits a parameter takes in the files, scales and unquantized layers included: 4.5 for plain 4-bit.",
    }),
    label: z.string().meta({ description: "For people, for example `4-bit` or `bf16`." }),
  })
  .meta({ id: "Quantization" });
export type Quantization = z.infer<typeof Quantization>;

/** Capabilities as far as files and metadata tell; a probe proves them in a later step. */
export const Capability = z
  .enum(["chat", "vision", "audio", "tools", "thinking", "embeddings"])
  .meta({ id: "Capability" });
export type Capability = z.infer<typeof Capability>;

export const FitVerdict = z.enum(["easy", "fits", "tight", "too-large", "unknown"]).meta({ id: "FitVerdict" });
export type FitVerdict = z.infer<typeof FitVerdict>;

/** The memory a model needs to run with a context of this length, against what this machine gives to models. */
export const Fit = z
  .strictObject({
    verdict: FitVerdict,
    fits: z.boolean().nullable().meta({ description: "True for easy, fits and tight; null when the size is unknown." }),
    contextTokens: z.int().meta({ description: "The context counted with, at most the model's own." }),
    neededBytes: Bytes.nullable().meta({ description: "Weights, cache and overhead together." }),
    weightBytes: Bytes.nullable(),
    kvBytes: Bytes.nullable().meta({ description: "Keys, values and states of all layers; null when not known." }),
    overheadBytes: Bytes.nullable().meta({ description: "The engine itself and what a step of the prompt takes." }),
    limitBytes: Bytes,
    largestContext: z
      .int()
      .nullable()
      .meta({ description: "The longest context that still fits, at most the model's own; 0 = none, null = unknown." }),
    method: z.enum(["formula", "plain-formula", "weights-only", "measured"]).meta({
      description:
        "`formula` knows how the architecture caches; `plain-formula` assumes that every layer keeps the whole context.",
    }),
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
