import * as z from "zod";

/*
 * Ollama's wire shapes. Requests are loose: unknown keys are tolerated, never forwarded.
 * What a key may hold is checked here; whether it can be honoured is the gateway's table.
 */

/** Ollama's paths among our own below `/api`: they have errors, and key headers, of their own. */
export const ollamaPaths = [
  "/api/version",
  "/api/tags",
  "/api/show",
  "/api/ps",
  "/api/chat",
  "/api/generate",
  "/api/embed",
  "/api/embeddings",
  "/api/pull",
  "/api/delete",
] as const;

/** What its clients ask for that is not here: they read the refusal in the same form. */
const absent = /^\/api\/(?:create|copy|push|blobs\/[^/]+)$/;

const known: ReadonlySet<string> = new Set(ollamaPaths);

/** As the router takes paths: in any case, with or without a slash at the end. */
export function isOllamaPath(path: string): boolean {
  const plain = path.toLowerCase().replace(/\/$/, "");
  return known.has(plain) || absent.test(plain);
}

const Name = z.string().max(400);

/** Clients send the name under either key. */
const named = { model: Name.nullish(), name: Name.nullish() };

export const OllamaToolCall = z.looseObject({
  id: z.string().nullish(),
  function: z.looseObject({
    name: z.string().min(1),
    arguments: z.union([z.record(z.string(), z.unknown()), z.string()]).nullish(),
  }),
});

export const OllamaMessage = z
  .looseObject({
    role: z.enum(["system", "developer", "user", "assistant", "tool"]),
    content: z.string().nullish(),
    thinking: z.string().nullish(),
    images: z.array(z.string()).nullish().meta({ description: "Base64, without a type: it is read from the bytes." }),
    tool_calls: z.array(OllamaToolCall).nullish(),
    tool_name: z.string().nullish(),
    tool_call_id: z.string().nullish(),
  })
  .meta({ id: "OllamaMessage" });
export type OllamaMessage = z.infer<typeof OllamaMessage>;

export const OllamaTool = z.looseObject({
  type: z.string().nullish(),
  function: z
    .looseObject({
      name: z.string().min(1).max(256),
      description: z.string().nullish(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});
export type OllamaTool = z.infer<typeof OllamaTool>;

/** Those we honour; the others are judged by the table of parameters. */
export const OllamaOptions = z.looseObject({
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish().meta({ description: "Negative: another answer each time." }),
  num_predict: z.int().min(-2).nullish().meta({ description: "0 and less: as long as there is room." }),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  repeat_penalty: z.number().gt(0).max(10).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
});
export type OllamaOptions = z.infer<typeof OllamaOptions>;

const asked = {
  model: Name.nullish(),
  stream: z.boolean().nullish().meta({ description: "Left out: true." }),
  format: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  think: z.union([z.boolean(), z.string()]).nullish(),
  keep_alive: z.union([z.number(), z.string()]).nullish().meta({
    description:
      "How long the model stays loaded after it: seconds or a duration such as 5m; 0: not at all; negative: for good.",
  }),
  options: OllamaOptions.nullish(),
};

export const OllamaChatRequest = z
  .looseObject({
    ...asked,
    messages: z.array(OllamaMessage).nullish().meta({ description: "None: only load the model, or unload it." }),
    tools: z.array(OllamaTool).nullish(),
  })
  .meta({ id: "OllamaChatRequest" });
export type OllamaChatRequest = z.infer<typeof OllamaChatRequest>;

export const OllamaGenerateRequest = z
  .looseObject({
    ...asked,
    prompt: z.string().nullish().meta({ description: "Empty: only load the model, or unload it." }),
    system: z.string().nullish(),
    images: z.array(z.string()).nullish(),
  })
  .meta({ id: "OllamaGenerateRequest" });
export type OllamaGenerateRequest = z.infer<typeof OllamaGenerateRequest>;

/** In nanoseconds; on the last line of an answer alone. */
const counts = {
  total_duration: z.int().optional(),
  load_duration: z.int().optional(),
  prompt_eval_count: z.int().optional(),
  prompt_eval_duration: z.int().optional(),
  eval_count: z.int().optional(),
  eval_duration: z.int().optional(),
};

const line = {
  model: z.string(),
  created_at: z.iso.datetime(),
  done: z.boolean(),
  done_reason: z.enum(["stop", "length", "load", "unload", "error"]).optional(),
  error: z.string().optional(),
  ...counts,
};

/** A line of a streamed chat, or a whole one. */
export const OllamaChatAnswer = z
  .strictObject({
    ...line,
    message: z.strictObject({
      role: z.literal("assistant"),
      content: z.string(),
      thinking: z.string().optional(),
      tool_calls: z
        .array(
          z.strictObject({
            function: z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
          }),
        )
        .optional(),
    }),
  })
  .meta({ id: "OllamaChatAnswer" });
export type OllamaChatAnswer = z.infer<typeof OllamaChatAnswer>;

/** A line of a streamed completion, or a whole one. */
export const OllamaGenerateAnswer = z
  .strictObject({ ...line, response: z.string(), thinking: z.string().optional() })
  .meta({ id: "OllamaGenerateAnswer" });
export type OllamaGenerateAnswer = z.infer<typeof OllamaGenerateAnswer>;

export const OllamaDetails = z
  .strictObject({
    parent_model: z.string(),
    format: z.string(),
    family: z.string(),
    families: z.array(z.string()),
    parameter_size: z.string(),
    quantization_level: z.string(),
  })
  .meta({ id: "OllamaDetails" });
export type OllamaDetails = z.infer<typeof OllamaDetails>;

const entry = {
  name: z.string(),
  model: z.string(),
  size: z.int(),
  digest: z.string(),
  details: OllamaDetails,
};

export const OllamaModelList = z
  .strictObject({ models: z.array(z.strictObject({ ...entry, modified_at: z.iso.datetime() })) })
  .meta({ id: "OllamaModelList" });
export type OllamaModelList = z.infer<typeof OllamaModelList>;

export const OllamaRunningList = z
  .strictObject({
    models: z.array(
      z.strictObject({
        ...entry,
        expires_at: z.iso.datetime(),
        size_vram: z.int(),
        context_length: z.int(),
      }),
    ),
  })
  .meta({ id: "OllamaRunningList" });
export type OllamaRunningList = z.infer<typeof OllamaRunningList>;

export const OllamaShowRequest = z.looseObject(named).meta({ id: "OllamaShowRequest" });
export type OllamaShowRequest = z.infer<typeof OllamaShowRequest>;

export const OllamaModel = z
  .strictObject({
    modelfile: z.string(),
    parameters: z.string().meta({ description: "One a line, such as `num_ctx 32768`." }),
    template: z.string(),
    details: OllamaDetails,
    model_info: z.record(z.string(), z.union([z.string(), z.number()])),
    capabilities: z.array(z.enum(["completion", "tools", "vision", "thinking", "embedding", "audio"])),
    modified_at: z.iso.datetime(),
  })
  .meta({ id: "OllamaModel" });
export type OllamaModel = z.infer<typeof OllamaModel>;

export const OllamaVersion = z
  .strictObject({ version: z.string().meta({ description: "Of Ollama's API that is spoken here." }) })
  .meta({ id: "OllamaVersion" });

export const OllamaPullRequest = z
  .looseObject({ ...named, stream: z.boolean().nullish().meta({ description: "Left out: true." }) })
  .meta({ id: "OllamaPullRequest" });
export type OllamaPullRequest = z.infer<typeof OllamaPullRequest>;

/** A line of a pull; whole, the last one alone. */
export const OllamaPullLine = z
  .strictObject({
    status: z.string(),
    digest: z.string().optional(),
    total: z.int().optional(),
    completed: z.int().optional(),
  })
  .meta({ id: "OllamaPullLine" });
export type OllamaPullLine = z.infer<typeof OllamaPullLine>;

export const OllamaDeleteRequest = z.looseObject(named).meta({ id: "OllamaDeleteRequest" });

export const OllamaEmbedRequest = z
  .looseObject({
    model: Name.nullish(),
    input: z.union([z.string(), z.array(z.string())]).nullish(),
    truncate: z.boolean().nullish(),
    dimensions: z.int().min(1).nullish(),
    keep_alive: asked.keep_alive,
    options: z.record(z.string(), z.unknown()).nullish(),
  })
  .meta({ id: "OllamaEmbedRequest" });
export type OllamaEmbedRequest = z.infer<typeof OllamaEmbedRequest>;

export const OllamaEmbedAnswer = z
  .strictObject({
    model: z.string(),
    embeddings: z.array(z.array(z.number())),
    total_duration: z.int(),
    load_duration: z.int(),
    prompt_eval_count: z.int(),
  })
  .meta({ id: "OllamaEmbedAnswer" });

export const OllamaEmbeddingsRequest = z
  .looseObject({
    model: Name.nullish(),
    prompt: z.string().nullish(),
    keep_alive: asked.keep_alive,
    options: z.record(z.string(), z.unknown()).nullish(),
  })
  .meta({ id: "OllamaEmbeddingsRequest" });
export type OllamaEmbeddingsRequest = z.infer<typeof OllamaEmbeddingsRequest>;

export const OllamaEmbeddingsAnswer = z
  .strictObject({ embedding: z.array(z.number()) })
  .meta({ id: "OllamaEmbeddingsAnswer" });

/** Ollama's error body. */
export const OllamaError = z.strictObject({ error: z.string() }).meta({ id: "OllamaError" });
