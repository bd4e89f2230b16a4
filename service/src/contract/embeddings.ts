import * as z from "zod";

/** OpenAI's wire shapes of embeddings. Texts alone: the numbers of tokens belong to one vocabulary, not to a protocol. */
export const EmbeddingsRequest = z
  .looseObject({
    model: z.string().max(400).nullish(),
    input: z.union([
      z.string().min(1),
      z.array(z.string().min(1)).min(1).max(2048),
      z.array(z.int()).min(1),
      z.array(z.array(z.int()).min(1)).min(1),
    ]),
    encoding_format: z.enum(["float", "base64"]).nullish(),
    dimensions: z.int().min(1).nullish(),
    user: z.string().nullish(),
  })
  .meta({ id: "EmbeddingsRequest" });
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;

export const EmbeddingsAnswer = z
  .strictObject({
    object: z.literal("list"),
    data: z.array(
      z.strictObject({
        object: z.literal("embedding"),
        index: z.int(),
        /** Numbers, or their 32-bit floats in base64, lowest byte first. */
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.strictObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: "EmbeddingsAnswer" });
export type EmbeddingsAnswer = z.infer<typeof EmbeddingsAnswer>;
