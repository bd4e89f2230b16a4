import * as z from "zod";
import { ModelId } from "./common.ts";
import type { EngineId } from "./engines.ts";

/** An adapter's folder by its whole path, or a model of the library that holds one. */
const Adapter = z
  .string()
  .min(1)
  .max(4000)
  .refine(
    (text) => text.startsWith("/") || ModelId.safeParse(text).success,
    "must be an absolute folder or owner/name",
  );

/**
 * Every option of every engine. One name means the same everywhere; `engineOptionNames` says which engine has which,
 * and the others refuse it. All act when a server starts, unless `actsAtOnce` names them.
 */
export const EngineOptions = z
  .strictObject({
    trustRemoteCode: z
      .boolean()
      .optional()
      .meta({ description: "Runs code that the model ships. Off unless you say so." }),
    chatTemplate: z
      .string()
      .min(1)
      .max(32_000)
      .optional()
      .meta({ description: "A Jinja template in place of the model's own." }),
    chatTemplateArguments: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: "Variables of the chat template where a request does not set them. Act at once." }),
    draftModel: ModelId.optional().meta({
      description: "A small local model of the same family that guesses ahead. Turns batching off.",
    }),
    draftTokens: z.int().min(1).max(32).optional().meta({ description: "Tokens it guesses at a time." }),
    adapterPath: Adapter.optional().meta({
      description: "LoRA adapter: a folder, or a local model, with adapter_config.json and adapters.safetensors.",
    }),
    kvBits: z
      .literal([2, 3, 4, 6, 8])
      .optional()
      .meta({ description: "Bits of the key-value cache: less memory for long contexts. Turns batching off." }),
    kvGroupSize: z.literal([32, 64, 128]).optional().meta({ description: "Values that share a scale." }),
    quantizedKvStart: z
      .int()
      .min(0)
      .max(10_000_000)
      .optional()
      .meta({ description: "Position in the context from which on it is quantized. Left out: 0." }),
    promptCacheSize: z.int().min(1).max(1000).optional().meta({ description: "Conversations kept in the cache." }),
    promptCacheBytes: z.int().min(1).optional().meta({ description: "Memory of that cache, at most." }),
    prefillStepSize: z.int().min(16).max(65_536).optional().meta({ description: "Tokens of a prompt read at once." }),
    decodeConcurrency: z.int().min(1).max(256).optional().meta({ description: "Answers written at once." }),
    promptConcurrency: z.int().min(1).max(256).optional().meta({ description: "Prompts read at once." }),
  })
  .meta({ id: "EngineOptions" });
export type EngineOptions = z.infer<typeof EngineOptions>;
export type EngineOptionName = keyof EngineOptions;

/** Which options each engine has. */
export const engineOptionNames = {
  "mlx-lm": Object.keys(EngineOptions.shape) as EngineOptionName[],
  // Models of its own draft there, and its chat templates take a fixed set of variables.
  "mlx-vlm": ["trustRemoteCode", "kvBits", "kvGroupSize", "quantizedKvStart", "prefillStepSize", "decodeConcurrency"],
  "mlx-openai-server": ["chatTemplateArguments", "trustRemoteCode", "kvBits", "kvGroupSize", "quantizedKvStart"],
  remote: ["chatTemplateArguments"],
} as const satisfies Record<EngineId, readonly EngineOptionName[]>;

/** Sent with each request instead of given to a process at its start. */
export const actsAtOnce: ReadonlySet<EngineOptionName> = new Set(["chatTemplateArguments"]);

/** An option that means nothing without another. */
export const optionNeeds = {
  draftTokens: "draftModel",
  kvGroupSize: "kvBits",
  quantizedKvStart: "kvBits",
} as const satisfies Partial<Record<EngineOptionName, EngineOptionName>>;
