import { AppError } from "../platform/errors.ts";

/**
 * What the gateway does with a key of a chat request:
 * - `honoured`: by us or by the engine;
 * - `default-only`: known, but nothing here can do it: 400 that names it, unless the value says what happens anyway;
 * - `harmless`: known and without meaning on one's own machine.
 * Every other key is tolerated, dropped before the engine, and its name kept in the request row.
 */
export type Parameter =
  | { readonly support: "honoured"; readonly by: "gateway" | "engine" }
  | { readonly support: "default-only"; readonly isDefault: (value: unknown) => boolean; readonly reason: string }
  | { readonly support: "harmless" };

export type ParameterTable = Readonly<Record<string, Parameter>>;

export const gateway: Parameter = { support: "honoured", by: "gateway" };
export const engine: Parameter = { support: "honoured", by: "engine" };
export const harmless: Parameter = { support: "harmless" };

/** The one table of `/v1/chat/completions`: code, tests and documentation read it. */
export const chatParameters = {
  model: gateway,
  messages: engine,
  stream: gateway,
  stream_options: gateway,
  stop: gateway,
  parallel_tool_calls: gateway,
  tools: engine,
  tool_choice: engine,
  max_tokens: engine,
  max_completion_tokens: engine,
  temperature: engine,
  top_p: engine,
  top_k: engine,
  min_p: engine,
  presence_penalty: engine,
  frequency_penalty: engine,
  repetition_penalty: engine,
  seed: engine,
  logit_bias: engine,
  reasoning_effort: engine,
  enable_thinking: engine,
  chat_template_kwargs: engine,
  response_format: engine,
  logprobs: engine,
  top_logprobs: engine,
  continue_final_message: engine,
  add_generation_prompt: engine,
  n: defaultOnly([1], "only one answer per request is made"),
  xtc_probability: defaultOnly([0], "XTC sampling is not supported"),
  modalities: {
    support: "default-only",
    isDefault: (value) => Array.isArray(value) && value.every((kind) => kind === "text"),
    reason: "this engine answers in text alone",
  },
  audio: defaultOnly([], "this engine answers in text alone"),
  functions: emptyOnly("functions are the old form of tools; send tools"),
  function_call: defaultOnly(["none", "auto"], "function_call is the old form of tool_choice; send tool_choice"),
  web_search_options: defaultOnly([], "there is no web search here"),
  moderation: defaultOnly([], "there is no moderation here"),
  xtc_threshold: harmless,
  // A guess of the answer, for speed alone.
  prediction: harmless,
  user: harmless,
  metadata: harmless,
  store: harmless,
  service_tier: harmless,
  prompt_cache_key: harmless,
  prompt_cache_retention: harmless,
  prompt_cache_options: harmless,
  safety_identifier: harmless,
} as const satisfies Record<string, Parameter>;

/**
 * Checks every key of a request against the table; null is absence.
 * @returns the names nobody knows, sorted.
 * @throws AppError `unsupported` that names the key.
 */
export function checkParameters(
  request: Readonly<Record<string, unknown>>,
  table: ParameterTable = chatParameters,
): string[] {
  const dropped: string[] = [];
  for (const [key, value] of Object.entries(request)) {
    const parameter = Object.hasOwn(table, key) ? table[key] : undefined;
    if (parameter === undefined) dropped.push(key.slice(0, 100));
    else if (parameter.support === "default-only" && !isAbsent(value) && !parameter.isDefault(value)) {
      throw new AppError("unsupported", `"${key}" cannot be honoured: ${parameter.reason}.`, {
        details: { param: key },
      });
    }
  }
  return dropped.sort().slice(0, 50);
}

export function defaultOnly(values: readonly unknown[], reason: string): Parameter {
  return { support: "default-only", isDefault: (value) => values.includes(value), reason };
}

export function emptyOnly(reason: string): Parameter {
  return { support: "default-only", isDefault: (value) => Array.isArray(value) && value.length === 0, reason };
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}
