import * as z from "zod";

/*
 * Anthropic's wire shapes. Requests are loose: unknown keys are tolerated, never forwarded.
 * What a key may hold is checked here; whether the engine can honour it is the gateway's table.
 */

const TextBlock = z.looseObject({ type: z.literal("text"), text: z.string() });

const ImageBlock = z.looseObject({
  type: z.literal("image"),
  source: z.discriminatedUnion("type", [
    z.looseObject({
      type: z.literal("base64"),
      media_type: z.enum(["image/jpeg", "image/png", "image/gif", "image/webp"]),
      data: z.string().min(1),
    }),
    z.looseObject({ type: z.literal("url"), url: z.string() }),
    z.looseObject({ type: z.literal("file"), file_id: z.string() }),
  ]),
});

const DocumentBlock = z.looseObject({
  type: z.literal("document"),
  title: z.string().nullish(),
  context: z.string().nullish(),
  source: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("text"), data: z.string() }),
    z.looseObject({
      type: z.literal("content"),
      content: z.union([z.string(), z.array(z.union([TextBlock, ImageBlock]))]),
    }),
    z.looseObject({ type: z.literal("base64"), media_type: z.string() }),
    z.looseObject({ type: z.literal("url"), url: z.string() }),
    z.looseObject({ type: z.literal("file"), file_id: z.string() }),
  ]),
});

const SearchResultBlock = z.looseObject({
  type: z.literal("search_result"),
  source: z.string(),
  title: z.string(),
  content: z.array(TextBlock),
});

/** What a client's own search for tools found. */
const ToolReferenceBlock = z.looseObject({ type: z.literal("tool_reference"), tool_name: z.string() });

export const ResultBlock = z.discriminatedUnion("type", [
  TextBlock,
  ImageBlock,
  DocumentBlock,
  SearchResultBlock,
  ToolReferenceBlock,
]);
export type ResultBlock = z.infer<typeof ResultBlock>;

const ToolResultBlock = z.looseObject({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(ResultBlock)]).nullish(),
  is_error: z.boolean().nullish(),
});

export const UserBlock = z.discriminatedUnion("type", [
  TextBlock,
  ImageBlock,
  DocumentBlock,
  SearchResultBlock,
  ToolResultBlock,
]);
export type UserBlock = z.infer<typeof UserBlock>;

export const AssistantBlock = z.discriminatedUnion("type", [
  TextBlock,
  z.looseObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string().nullish() }),
  z.looseObject({ type: z.literal("redacted_thinking") }),
  z.looseObject({
    type: z.literal("tool_use"),
    id: z.string(),
    name: z.string().min(1),
    input: z.unknown(),
  }),
]);
export type AssistantBlock = z.infer<typeof AssistantBlock>;

const SystemContent = z.union([z.string(), z.array(TextBlock)]);

export const MessageParam = z
  .discriminatedUnion("role", [
    z.looseObject({ role: z.literal("user"), content: z.union([z.string(), z.array(UserBlock)]) }),
    z.looseObject({ role: z.literal("assistant"), content: z.union([z.string(), z.array(AssistantBlock)]) }),
    // Clients send it in the middle of a conversation too.
    z.looseObject({ role: z.literal("system"), content: SystemContent }),
  ])
  .meta({ id: "AnthropicMessageParam" });
export type MessageParam = z.infer<typeof MessageParam>;

/** One of the client's own tools has a schema; the others are Anthropic's, known by their type. */
export const MessageTool = z.looseObject({
  type: z.string().nullish(),
  name: z.string().min(1).max(256).optional(),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()).optional(),
});
export type MessageTool = z.infer<typeof MessageTool>;

const ToolChoice = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("auto"), disable_parallel_tool_use: z.boolean().nullish() }),
  z.looseObject({ type: z.literal("any"), disable_parallel_tool_use: z.boolean().nullish() }),
  z.looseObject({ type: z.literal("tool"), name: z.string().min(1), disable_parallel_tool_use: z.boolean().nullish() }),
  z.looseObject({ type: z.literal("none") }),
]);

const OutputFormat = z.looseObject({ type: z.literal("json_schema"), schema: z.record(z.string(), z.unknown()) });

/** What a conversation is made of, for an answer and for the count of its tokens alike. */
export const Conversation = z.looseObject({
  model: z.string().max(400).nullish(),
  messages: z.array(MessageParam).min(1),
  system: SystemContent.nullish(),
  tools: z.array(MessageTool).nullish(),
  tool_choice: ToolChoice.nullish(),
  thinking: z
    .looseObject({
      type: z.enum(["enabled", "disabled", "adaptive"]),
      budget_tokens: z.int().min(1).nullish(),
    })
    .nullish(),
  output_config: z.looseObject({ effort: z.string().nullish(), format: OutputFormat.nullish() }).nullish(),
  output_format: OutputFormat.nullish(),
});
export type Conversation = z.infer<typeof Conversation>;

export const MessagesRequest = Conversation.extend({
  max_tokens: z.int().min(1),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string()).max(64).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
}).meta({ id: "MessagesRequest" });
export type MessagesRequest = z.infer<typeof MessagesRequest>;

export const TokenCount = z.strictObject({ input_tokens: z.int() }).meta({ id: "TokenCount" });
export type TokenCount = z.infer<typeof TokenCount>;

export const MessageUsage = z
  .strictObject({
    /** Without what came from the cache, where the request marked what to cache. */
    input_tokens: z.int(),
    /** Null: nothing was marked. */
    cache_creation_input_tokens: z.int().nullable(),
    cache_read_input_tokens: z.int().nullable(),
    output_tokens: z.int(),
  })
  .meta({ id: "MessageUsage" });
export type MessageUsage = z.infer<typeof MessageUsage>;

const StopReason = z.enum(["end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal"]);
export type StopReason = z.infer<typeof StopReason>;

export const AnswerBlock = z.discriminatedUnion("type", [
  /** No citations: null is the client library's type alone, clients that check by the specification refuse it. */
  z.strictObject({ type: z.literal("text"), text: z.string(), citations: z.array(z.never()) }),
  z.strictObject({ type: z.literal("thinking"), thinking: z.string(), signature: z.string() }),
  z.strictObject({
    type: z.literal("tool_use"),
    id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()),
    caller: z.strictObject({ type: z.literal("direct") }),
  }),
]);
export type AnswerBlock = z.infer<typeof AnswerBlock>;

export const AnthropicMessage = z
  .strictObject({
    id: z.string(),
    type: z.literal("message"),
    role: z.literal("assistant"),
    model: z.string(),
    content: z.array(AnswerBlock),
    stop_reason: StopReason.nullable(),
    stop_sequence: z.string().nullable(),
    usage: MessageUsage,
  })
  .meta({ id: "AnthropicMessage" });
export type AnthropicMessage = z.infer<typeof AnthropicMessage>;

export const AnthropicError = z
  .strictObject({
    type: z.literal("error"),
    error: z.strictObject({
      type: z.enum([
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "not_found_error",
        "request_too_large",
        "rate_limit_error",
        "api_error",
        "overloaded_error",
      ]),
      message: z.string(),
      /** Ours: the service's own code, and who failed. */
      code: z.string(),
      source: z.enum(["gateway", "engine"]),
      details: z
        .strictObject({ error_code: z.literal("thread_unsupported_request"), unsupported: z.array(z.string()) })
        .optional(),
    }),
    request_id: z.string().nullable(),
  })
  .meta({ id: "AnthropicError" });
export type AnthropicError = z.infer<typeof AnthropicError>;

const Index = z.int().min(0);
const Delta = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text_delta"), text: z.string() }),
  z.strictObject({ type: z.literal("thinking_delta"), thinking: z.string() }),
  z.strictObject({ type: z.literal("signature_delta"), signature: z.string() }),
  z.strictObject({ type: z.literal("input_json_delta"), partial_json: z.string() }),
]);

/** One event of a streamed answer; its name is its type. */
export const MessageEvent = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("message_start"), message: AnthropicMessage }),
    z.strictObject({ type: z.literal("content_block_start"), index: Index, content_block: AnswerBlock }),
    z.strictObject({ type: z.literal("content_block_delta"), index: Index, delta: Delta }),
    z.strictObject({ type: z.literal("content_block_stop"), index: Index }),
    z.strictObject({
      type: z.literal("message_delta"),
      delta: z.strictObject({ stop_reason: StopReason, stop_sequence: z.string().nullable() }),
      usage: MessageUsage,
    }),
    z.strictObject({ type: z.literal("message_stop") }),
    z.strictObject({ type: z.literal("ping") }),
    AnthropicError,
  ])
  .meta({ id: "MessageEvent" });
export type MessageEvent = z.infer<typeof MessageEvent>;

export const AnthropicModel = z
  .strictObject({
    type: z.literal("model"),
    id: z.string(),
    display_name: z.string(),
    created_at: z.iso.datetime(),
    max_input_tokens: z.int().nullable(),
    max_tokens: z.int().nullable(),
  })
  .meta({ id: "AnthropicModel" });
export type AnthropicModel = z.infer<typeof AnthropicModel>;

export const AnthropicModelList = z
  .strictObject({
    data: z.array(AnthropicModel),
    has_more: z.boolean(),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
  .meta({ id: "AnthropicModelList" });
export type AnthropicModelList = z.infer<typeof AnthropicModelList>;
