import * as z from "zod";

/*
 * Wire shapes of OpenAI's Responses. Requests are loose: unknown keys are tolerated, never forwarded. Items of an input
 * are checked one by one where they are read, so that an error names the item and not a union of all of them.
 */

const Text = z.looseObject({ type: z.enum(["input_text", "output_text", "text", "summary_text"]), text: z.string() });
const Refusal = z.looseObject({ type: z.literal("refusal"), refusal: z.string() });
const Image = z.looseObject({
  type: z.literal("input_image"),
  image_url: z.string().nullish(),
  file_id: z.string().nullish(),
});
const File = z.looseObject({ type: z.literal("input_file") });
const Part = z.discriminatedUnion("type", [Text, Refusal, Image, File]);
const Content = z.union([z.string(), z.array(Part)]);
export type ResponseContent = z.infer<typeof Content>;

const Summary = z.array(z.looseObject({ text: z.string() }));

/** The items that are read, by their type; one without a type is a message. */
export const inputItems = {
  message: z.looseObject({
    type: z.literal("message").nullish(),
    role: z.enum(["user", "assistant", "system", "developer"]),
    content: Content,
  }),
  function_call: z.looseObject({
    type: z.literal("function_call"),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
  }),
  function_call_output: z.looseObject({
    type: z.literal("function_call_output"),
    call_id: z.string().min(1),
    output: Content,
  }),
  custom_tool_call: z.looseObject({
    type: z.literal("custom_tool_call"),
    call_id: z.string().min(1),
    name: z.string().min(1),
    input: z.string(),
  }),
  custom_tool_call_output: z.looseObject({
    type: z.literal("custom_tool_call_output"),
    call_id: z.string().min(1),
    output: Content,
  }),
  reasoning: z.looseObject({
    type: z.literal("reasoning"),
    summary: Summary.nullish(),
    content: Summary.nullish(),
  }),
  item_reference: z.looseObject({ type: z.literal("item_reference").nullish(), id: z.string().min(1) }),
} as const;
export type InputItemType = keyof typeof inputItems;

const InputItem = z.looseObject({ type: z.string().nullish() });
export type ResponseInputItem = z.infer<typeof InputItem>;

const Tool = z.looseObject({ type: z.string(), name: z.string().max(256).nullish() });
export type ResponseTool = z.infer<typeof Tool>;

export const FunctionTool = z.looseObject({
  type: z.literal("function"),
  name: z.string().min(1).max(256),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

export const CustomTool = z.looseObject({
  type: z.literal("custom"),
  name: z.string().min(1).max(256),
  description: z.string().nullish(),
  format: z.looseObject({ type: z.string(), syntax: z.string().nullish(), definition: z.string().nullish() }).nullish(),
});

const ToolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.looseObject({
    type: z.string(),
    name: z.string().nullish(),
    mode: z.enum(["auto", "required"]).nullish(),
    tools: z.array(z.looseObject({ type: z.string(), name: z.string().nullish() })).nullish(),
  }),
]);

export const ResponseRequest = z
  .looseObject({
    model: z.string().max(400).nullish(),
    input: z.union([z.string(), z.array(InputItem)]).nullish(),
    instructions: z.string().nullish(),
    previous_response_id: z.string().max(200).nullish(),
    stream: z.boolean().nullish(),
    store: z.boolean().nullish(),
    tools: z.array(Tool).nullish(),
    tool_choice: ToolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    max_output_tokens: z.int().min(1).nullish(),
    max_tool_calls: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish(),
    min_p: z.number().min(0).max(1).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    repetition_penalty: z.number().gt(0).max(10).nullish(),
    seed: z.int().nullish(),
    reasoning: z.looseObject({ effort: z.string().nullish(), summary: z.string().nullish() }).nullish(),
    text: z
      .looseObject({ format: z.looseObject({ type: z.string() }).nullish(), verbosity: z.string().nullish() })
      .nullish(),
    include: z.array(z.string()).nullish(),
    truncation: z.string().nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
    background: z.boolean().nullish(),
    service_tier: z.string().nullish(),
    safety_identifier: z.string().nullish(),
    prompt_cache_key: z.string().nullish(),
    user: z.string().nullish(),
    chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
  })
  .meta({ id: "ResponseRequest" });
export type ResponseRequest = z.infer<typeof ResponseRequest>;

const Status = z.enum(["in_progress", "completed", "incomplete"]);
const SummaryText = z.strictObject({ type: z.literal("summary_text"), text: z.string() });

/** What an answer is made of. */
export const ResponseOutputItem = z
  .discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("message"),
      id: z.string(),
      status: Status,
      role: z.literal("assistant"),
      content: z.array(
        z.strictObject({
          type: z.literal("output_text"),
          text: z.string(),
          annotations: z.array(z.never()),
          logprobs: z.array(z.never()),
        }),
      ),
    }),
    z.strictObject({
      type: z.literal("reasoning"),
      id: z.string(),
      status: Status,
      summary: z.array(SummaryText),
      content: z.array(z.strictObject({ type: z.literal("reasoning_text"), text: z.string() })).optional(),
    }),
    z.strictObject({
      type: z.literal("function_call"),
      id: z.string(),
      status: Status,
      call_id: z.string(),
      name: z.string(),
      arguments: z.string(),
    }),
    z.strictObject({
      type: z.literal("custom_tool_call"),
      id: z.string(),
      status: Status,
      call_id: z.string(),
      name: z.string(),
      input: z.string(),
    }),
  ])
  .meta({ id: "ResponseOutputItem" });
export type ResponseOutputItem = z.infer<typeof ResponseOutputItem>;

export const ResponseUsage = z
  .strictObject({
    input_tokens: z.int(),
    input_tokens_details: z.strictObject({ cached_tokens: z.int() }),
    output_tokens: z.int(),
    output_tokens_details: z.strictObject({ reasoning_tokens: z.int() }),
    total_tokens: z.int(),
  })
  .meta({ id: "ResponseUsage" });

/** Every field that the specification and its checkers know, whether or not it says something here. */
export const ResponseObject = z
  .strictObject({
    id: z.string(),
    object: z.literal("response"),
    created_at: z.int(),
    completed_at: z.int().nullable(),
    status: z.enum(["queued", "in_progress", "completed", "incomplete", "failed"]),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.strictObject({ reason: z.enum(["max_output_tokens", "content_filter"]) }).nullable(),
    model: z.string(),
    instructions: z.string().nullable(),
    previous_response_id: z.string().nullable(),
    output: z.array(ResponseOutputItem),
    tools: z.array(z.looseObject({ type: z.string(), name: z.string() })),
    tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]),
    parallel_tool_calls: z.boolean(),
    text: z.looseObject({ format: z.looseObject({ type: z.string() }) }),
    reasoning: z.strictObject({ effort: z.string().nullable(), summary: z.string().nullable() }),
    temperature: z.number(),
    top_p: z.number(),
    presence_penalty: z.number(),
    frequency_penalty: z.number(),
    top_logprobs: z.int(),
    max_output_tokens: z.int().nullable(),
    max_tool_calls: z.int().nullable(),
    truncation: z.literal("disabled"),
    background: z.literal(false),
    store: z.boolean(),
    service_tier: z.literal("default"),
    metadata: z.record(z.string(), z.string()),
    user: z.string().nullable(),
    safety_identifier: z.string().nullable(),
    prompt_cache_key: z.string().nullable(),
    usage: ResponseUsage.nullable(),
  })
  .meta({ id: "ResponseObject" });
export type ResponseObject = z.infer<typeof ResponseObject>;

/** `starting_after`: the number of the last event that is known already. */
export const ResponseQuery = z.looseObject({
  stream: z.enum(["true", "false"]).default("false"),
  starting_after: z.coerce.number().int().min(-1).default(-1),
});

export const ResponseInputCount = z
  .strictObject({ object: z.literal("response.input_tokens"), input_tokens: z.int() })
  .meta({ id: "ResponseInputCount" });
export type ResponseInputCount = z.infer<typeof ResponseInputCount>;

export const ResponseParams = z.strictObject({ id: z.string().max(200) });

export const ResponseDeleted = z
  .strictObject({ id: z.string(), object: z.literal("response"), deleted: z.literal(true) })
  .meta({ id: "ResponseDeleted" });

export const ResponseItemQuery = z.strictObject({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(["asc", "desc"]).default("desc"),
});

/** What a stored response was asked with. */
export const ResponseItemList = z
  .strictObject({
    object: z.literal("list"),
    data: z.array(z.looseObject({ id: z.string(), type: z.string() })),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({ id: "ResponseItemList" });
