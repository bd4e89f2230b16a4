import * as z from "zod";
import { Bytes, ModelId, Revision, Timestamp } from "./common.ts";
import { EngineId } from "./engines.ts";
import { Failure } from "./error.ts";

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
    sizeBytes: Bytes.nullable().meta({ description: "What a download puts on disk." }),
    sizeIsEstimate: z.boolean().meta({ description: "True until the files' own sizes are known." }),
    weightBytes: Bytes.nullable().meta({ description: "The files of weights alone." }),
    parameters: z.number().nullable(),
    quantization: Quantization.nullable(),
    architecture: z.string().nullable(),
    supported: z.boolean().nullable().meta({ description: "Whether an engine of ours runs the architecture." }),
    engines: z.array(EngineId),
    contextLength: z.int().nullable(),
    capabilities: z.array(Capability),
    license: z.string().nullable(),
    baseModel: z.string().nullable().meta({ description: "The repository it was made from, as its card says." }),
    downloads: z.int().nullable(),
    likes: z.int().nullable(),
    trending: z.number().nullable(),
    gated: Gated,
    private: z.boolean(),
    createdAt: Timestamp.nullable(),
    updatedAt: Timestamp.nullable(),
    here: z.boolean().meta({ description: "Already in the local library." }),
    downloadId: z.string().nullable().meta({ description: "The active download of this model, if any." }),
    detailed: z
      .boolean()
      .meta({ description: "False while only the listing is known; `hub-model.changed` tells when more is." }),
    fit: Fit,
  })
  .meta({ id: "HubModel" });
export type HubModel = z.infer<typeof HubModel>;

export const HubSort = z
  .enum(["downloads", "likes", "updated", "created", "trending", "size"])
  .meta({ id: "HubSort", description: "Always the most, newest or largest first." });
export type HubSort = z.infer<typeof HubSort>;

const context = z.coerce
  .number()
  .int()
  .min(256)
  .max(16_777_216)
  .optional()
  .meta({ description: "Tokens to predict memory for; left out: the setting fitContextTokens." });

export const HubContextQuery = z.strictObject({ context });
export const HubModelQuery = z.strictObject({ context, revision: Revision.optional() });

const size = z.coerce.number().int().nonnegative();

export const HubQuery = z.strictObject({
  query: z.string().max(200).default(""),
  author: z
    .string()
    .max(96)
    .regex(/^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$/, "must be an account of the Hub")
    .optional()
    .meta({ description: "Left out: the default author filter; empty = all." }),
  sort: HubSort.default("downloads"),
  limit: z.coerce.number().int().min(1).max(100).default(30),
  cursor: z.string().min(1).max(2000).optional(),
  bits: listOf(z.coerce.number().int().min(1).max(32)).meta({ description: "Any of these, for example `4,8`." }),
  sizeMin: size.optional().meta({ description: "Bytes on disk." }),
  sizeMax: size.optional().meta({ description: "Bytes on disk." }),
  architecture: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9_.-]+$/, "must be a model type or a family, for example qwen3")
    .optional()
    .meta({ description: "A model type (`qwen3_moe`) or a family of them (`qwen3`, `llama`, `gemma`)." }),
  capability: listOf(Capability).meta({ description: "All of these, for example `chat,tools`." }),
  fits: z.stringbool().optional().meta({ description: "Whether it fits this machine at `context`." }),
  context,
});
export type HubQuery = z.infer<typeof HubQuery>;

/** `a,b,c` in one parameter; left out or empty = not asked. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .string()
    .max(200)
    .optional()
    .transform((text, context): z.output<Item>[] => {
      const parts = (text ?? "").split(",").map((part) => part.trim());
      const result = z.array(item).safeParse(parts.filter((part) => part !== ""));
      if (result.success) return result.data;
      context.addIssue({ code: "custom", message: result.error.issues[0]?.message ?? "has a wrong part" });
      return z.NEVER;
    });
}

export const HubSource = z.enum(["hub", "cache", "local"]).meta({
  id: "HubSource",
  description: "`cache`: an earlier answer of the Hub; `local`: what is known on this machine, without the Hub.",
});

/** Whether the Hub itself was heard just now, and whether what is shown may have changed there since. */
const provenance = {
  source: HubSource,
  stale: z.boolean().meta({ description: "Older than it should be, as the Hub was slow or not to be reached." }),
  problem: Failure.nullable().meta({ description: "Why the Hub itself did not answer." }),
};

export const HubPage = z
  .strictObject({ items: z.array(HubModel), nextCursor: z.string().nullable(), ...provenance })
  .meta({ id: "HubPage" });
export type HubPage = z.infer<typeof HubPage>;

export const HubFile = z
  .strictObject({
    path: z.string(),
    sizeBytes: Bytes,
    checksum: z.string().meta({ description: "sha256 of LFS files, git blob sha1 of the others." }),
    here: z.boolean().meta({ description: "The very content is on this machine." }),
    needed: z.boolean().meta({ description: "Part of a download; false for copies of the weights in other formats." }),
  })
  .meta({ id: "HubFile" });
export type HubFile = z.infer<typeof HubFile>;

export const HubLocalRevision = z
  .strictObject({ revision: z.string(), refs: z.array(z.string()), complete: z.boolean(), sizeBytes: Bytes })
  .meta({ id: "HubLocalRevision" });

export const HubModelDetail = HubModel.extend({
  ...provenance,
  revision: z.string().meta({ description: "The commit that was looked at." }),
  totalBytes: Bytes.meta({ description: "All files, also those a download leaves out." }),
  files: z.array(HubFile),
  card: z.string().nullable().meta({ description: "The README as safe Markdown: no HTML, absolute addresses." }),
  fitTable: z.array(Fit).meta({ description: "The same model at growing contexts." }),
  localRevisions: z.array(HubLocalRevision),
  licenseUrl: z.string().nullable(),
  tags: z.array(z.string()),
  url: z.string(),
}).meta({ id: "HubModelDetail" });
export type HubModelDetail = z.infer<typeof HubModelDetail>;

export const HubSibling = HubModel.extend({
  recommended: z
    .boolean()
    .meta({ description: "The one with the most bits that fits this machine with room; of all rows at most one." }),
}).meta({ id: "HubSibling" });
export type HubSibling = z.infer<typeof HubSibling>;

export const HubSiblings = z
  .strictObject({
    base: z.string().nullable().meta({ description: "The repository that all of them were made from." }),
    items: z.array(HubSibling).meta({ description: "Most bits first." }),
    ...provenance,
  })
  .meta({ id: "HubSiblings" });
export type HubSiblings = z.infer<typeof HubSiblings>;
