import * as z from "zod";

/*
 * OpenAI's wire shapes. Requests are loose: unknown keys are tolerated, never forwarded.
 * What a key may hold is checked here; whether the engine can honour it is the gateway's table.
 */

const TextPart = z.looseObject({ type: z.literal("text"), text: z.string() });
const ImagePart = z.looseObject({
  type: z.literal("image_url"),
  image_url: z.union([z.string(), z.looseObject({ url: z.string() })]),
});
const RefusalPart = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
/** Base64, or a data URI as some clients write it. */
const SoundPart = z.looseObject({
  type: z.literal("input_audio"),
  input_audio: z.looseObject({ data: z.string(), format: z.string().nullish() }),
});
export const ContentPart = z.union([TextPart, ImagePart, SoundPart, RefusalPart]);

const Content = z.union([z.string(), z.array(ContentPart)]);

export const ToolCall = z.looseObject({
  id: z.string(),
  type: z.literal("function").default("function"),
  function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
});

export const ChatMessage = z
  .discriminatedUnion("role", [
    z.looseObject({ role: z.literal("system"), content: Content }),
    z.looseObject({ role: z.literal("developer"), content: Content }),
    z.looseObject({ role: z.literal("user"), content: Content }),
    z.looseObject({
      role: z.literal("assistant"),
      content: Content.nullish(),
      reasoning_content: z.string().nullish(),
      reasoning: z.string().nullish(),
      tool_calls: z.array(ToolCall).nullish(),
    }),
    z.looseObject({ role: z.literal("tool"), content: Content, tool_call_id: z.string() }),
  ])
  .meta({ id: "ChatMessage" });
export type ChatMessage = z.infer<typeof ChatMessage>;

export const ChatTool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: z.string().min(1).max(256),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
});
export type ChatTool = z.infer<typeof ChatTool>;

const ToolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }),
]);

export const ChatRequest = z
  .looseObject({
    model: z.string().max(400).nullish(),
    messages: z.array(ChatMessage).min(1),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: z.int().min(1).nullish(),
    max_completion_tokens: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish(),
    min_p: z.number().min(0).max(1).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    repetition_penalty: z.number().gt(0).max(10).nullish(),
    seed: z.int().nullish(),
    stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
    tools: z.array(ChatTool).nullish(),
    tool_choice: ToolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    n: z.int().min(1).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
    reasoning_effort: z.string().nullish(),
    enable_thinking: z.boolean().nullish(),
    /** vLLM's words: whether an answer goes on from a last message that is the assistant's. */
    continue_final_message: z.boolean().nullish(),
    add_generation_prompt: z.boolean().nullish(),
    chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
    user: z.string().nullish(),
  })
  .meta({ id: "ChatRequest" });
export type ChatRequest = z.infer<typeof ChatRequest>;

export const Usage = z
  .strictObject({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    prompt_tokens_details: z
      .strictObject({ cached_tokens: z.int() })
      .optional()
      .meta({ description: "Left out where the engine does not count them." }),
    completion_tokens_details: z
      .strictObject({ reasoning_tokens: z.int() })
      .optional()
      .meta({ description: "Left out where the engine does not count them." }),
  })
  .meta({ id: "Usage" });

const FinishReason = z.enum(["stop", "length", "tool_calls", "content_filter"]);
const AnswerToolCall = z.strictObject({
  id: z.string(),
  type: z.literal("function"),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

const TokenLogprob = z.strictObject({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()) });

export const ChatLogprobs = z
  .strictObject({
    content: z.array(TokenLogprob.extend({ top_logprobs: z.array(TokenLogprob) })),
    refusal: z.null(),
  })
  .meta({ id: "ChatLogprobs" });
export type ChatLogprobs = z.infer<typeof ChatLogprobs>;

export const ChatCompletion = z
  .strictObject({
    id: z.string(),
    object: z.literal("chat.completion"),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.strictObject({
        index: z.int(),
        message: z.strictObject({
          role: z.literal("assistant"),
          content: z.string().nullable(),
          refusal: z.null(),
          reasoning_content: z.string().optional(),
          reasoning: z.string().optional(),
          tool_calls: z.array(AnswerToolCall).optional(),
        }),
        logprobs: ChatLogprobs.nullable(),
        finish_reason: FinishReason,
      }),
    ),
    usage: Usage,
  })
  .meta({ id: "ChatCompletion" });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

export const ChatChunk = z
  .strictObject({
    id: z.string(),
    object: z.literal("chat.completion.chunk"),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.strictObject({
        index: z.int(),
        delta: z.strictObject({
          role: z.literal("assistant").optional(),
          content: z.string().optional(),
          reasoning_content: z.string().optional(),
          reasoning: z.string().optional(),
          tool_calls: z
            .array(
              z.strictObject({
                index: z.int(),
                id: z.string().optional(),
                type: z.literal("function").optional(),
                function: z.strictObject({ name: z.string().optional(), arguments: z.string() }),
              }),
            )
            .optional(),
        }),
        logprobs: ChatLogprobs.nullable(),
        finish_reason: FinishReason.nullable(),
      }),
    ),
    usage: Usage.nullable().optional(),
  })
  .meta({ id: "ChatChunk" });
export type ChatChunk = z.infer<typeof ChatChunk>;

export const OpenAIModel = z
  .strictObject({
    id: z.string(),
    object: z.literal("model"),
    created: z.int(),
    owned_by: z.string(),
    type: z.enum(["chat", "embedding", "other"]),
    context_length: z.int().nullable(),
    capabilities: z.array(z.string()),
    loaded: z.boolean(),
    demo: z.boolean(),
    alias_of: z.string().optional().meta({ description: "The name that this one stands for." }),
  })
  .meta({ id: "OpenAIModel" });

export const OpenAIModelList = z
  .strictObject({
    object: z.literal("list"),
    data: z.array(OpenAIModel),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({ id: "OpenAIModelList" });
export type OpenAIModelList = z.infer<typeof OpenAIModelList>;

/** Left out, all are listed: OpenAI's own list has no pages, and its clients ask for none. */
export const OpenAIModelQuery = z.looseObject({
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  after: z.string().max(400).optional(),
});

/** OpenAI's error body; `code` is ours, `source` says whether we or the engine failed. */
export const OpenAIError = z
  .strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
      source: z.enum(["gateway", "engine"]).optional(),
    }),
  })
  .meta({ id: "OpenAIError" });
