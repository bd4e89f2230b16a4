import { defaultOnly, engine, gateway, harmless } from "../parameters.ts";
import type { ParameterTable } from "../parameters.ts";

/** The one table of `/v1/completions`. */
export const completionParameters = {
  model: gateway,
  prompt: engine,
  stream: gateway,
  stream_options: gateway,
  stop: gateway,
  max_tokens: engine,
  temperature: engine,
  top_p: engine,
  top_k: engine,
  min_p: engine,
  presence_penalty: engine,
  frequency_penalty: engine,
  repetition_penalty: engine,
  seed: engine,
  logit_bias: engine,
  n: defaultOnly([1], "only one answer per request is made"),
  best_of: defaultOnly([1], "only one answer per request is made"),
  echo: defaultOnly([false], "the prompt is not repeated; put it before the text yourself"),
  suffix: defaultOnly([""], "this engine writes on from the prompt alone"),
  logprobs: defaultOnly([], "this engine streams no log probabilities"),
  user: harmless,
} as const satisfies ParameterTable;
