import { defaultOnly, emptyOnly } from "../parameters.ts";
import type { Parameter, ParameterTable } from "../parameters.ts";

const gateway: Parameter = { support: "honoured", by: "gateway" };
const engine: Parameter = { support: "honoured", by: "engine" };
const harmless: Parameter = { support: "harmless" };

/** The one table of `/v1/responses`. What is inside `tools`, `tool_choice`, `text` and `include` is judged where it is read. */
export const responseParameters = {
  model: gateway,
  input: engine,
  instructions: engine,
  stream: gateway,
  store: gateway,
  previous_response_id: gateway,
  include: gateway,
  metadata: gateway,
  parallel_tool_calls: gateway,
  tools: engine,
  tool_choice: engine,
  text: engine,
  reasoning: engine,
  max_output_tokens: engine,
  temperature: engine,
  top_p: engine,
  top_k: engine,
  min_p: engine,
  presence_penalty: engine,
  frequency_penalty: engine,
  repetition_penalty: engine,
  seed: engine,
  chat_template_kwargs: engine,
  background: defaultOnly([false], "a response is made while its client waits; leave it out"),
  conversation: defaultOnly([], "conversations are not kept here; use previous_response_id"),
  prompt: defaultOnly([], "there are no stored prompts here; send input and instructions"),
  truncation: defaultOnly(["disabled"], "nothing of a conversation is dropped unasked; use disabled"),
  context_management: emptyOnly("conversations are not compacted here; leave it out"),
  moderation: defaultOnly([], "there is no moderation here"),
  top_logprobs: defaultOnly([0], "this engine streams no log probabilities"),
  // It limits the service's own tools, and there are none.
  max_tool_calls: harmless,
  stream_options: harmless,
  service_tier: harmless,
  user: harmless,
  safety_identifier: harmless,
  prompt_cache_key: harmless,
  prompt_cache_retention: harmless,
  prompt_cache_options: harmless,
  client_metadata: harmless,
} as const satisfies ParameterTable;
