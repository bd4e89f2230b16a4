import * as z from "zod";
import { Usage } from "./openai.ts";

/* Wire shapes of OpenAI's text completions, the form without a conversation. */

export const CompletionRequest = z
  .looseObject({
    model: z.string().max(400).nullish(),
    prompt: z.union([z.string(), z.array(z.unknown())]),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish(),
    min_p: z.number().min(0).max(1).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    repetition_penalty: z.number().gt(0).max(10).nullish(),
    seed: z.int().nullish(),
    stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
    logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
    n: z.int().min(1).nullish(),
    best_of: z.int().min(1).nullish(),
    echo: z.boolean().nullish(),
    suffix: z.string().nullish(),
    logprobs: z.int().min(0).max(20).nullish(),
    user: z.string().nullish(),
  })
  .meta({ id: "CompletionRequest" });
export type CompletionRequest = z.infer<typeof CompletionRequest>;

const Choice = z.strictObject({
  index: z.int(),
  text: z.string(),
  logprobs: z.null(),
  finish_reason: z.enum(["stop", "length", "content_filter"]).nullable(),
});

/** An answer, and each piece of a streamed one. */
export const Completion = z
  .strictObject({
    id: z.string(),
    object: z.literal("text_completion"),
    created: z.int(),
    model: z.string(),
    choices: z.array(Choice),
    usage: Usage.optional(),
  })
  .meta({ id: "Completion" });
export type Completion = z.infer<typeof Completion>;
