import { checkParameters, defaultOnly, emptyOnly, engine, gateway, harmless } from "../parameters.ts";
import type { ParameterTable } from "../parameters.ts";

const common = {
  model: gateway,
  stream: gateway,
  keep_alive: gateway,
  format: engine,
  think: engine,
  options: engine,
  logprobs: defaultOnly([false], "this engine streams no log probabilities"),
  top_logprobs: defaultOnly([0], "this engine streams no log probabilities"),
  // A context that overflows is an error here: what would have to be cut is the client's to choose.
  truncate: harmless,
  shift: harmless,
} as const satisfies ParameterTable;

/** How a model is loaded is its profile's to say, and its context is never made smaller by a request. */
export const tolerated = {
  "options.num_ctx": harmless,
  "options.num_keep": harmless,
  "options.num_batch": harmless,
  "options.num_gpu": harmless,
  "options.main_gpu": harmless,
  "options.num_thread": harmless,
  "options.numa": harmless,
  "options.use_mmap": harmless,
  "options.use_mlock": harmless,
  "options.low_vram": harmless,
  "options.f16_kv": harmless,
} as const satisfies ParameterTable;

/** `options` of both routes. */
const options = {
  "options.temperature": engine,
  "options.top_p": engine,
  "options.top_k": engine,
  "options.min_p": engine,
  "options.seed": engine,
  "options.num_predict": engine,
  "options.repeat_penalty": engine,
  "options.presence_penalty": engine,
  "options.frequency_penalty": engine,
  "options.stop": gateway,
  "options.repeat_last_n": defaultOnly([64], "how far back repeat_penalty looks is the engine's"),
  "options.typical_p": defaultOnly([1], "typical sampling is not supported"),
  "options.tfs_z": defaultOnly([1], "tail free sampling is not supported"),
  "options.mirostat": defaultOnly([0], "Mirostat is not supported"),
  "options.mirostat_tau": harmless,
  "options.mirostat_eta": harmless,
  "options.penalize_newline": defaultOnly([true], "a line's end is penalized like any other token"),
  ...tolerated,
  "options.logits_all": defaultOnly([false], "this engine streams no log probabilities"),
  "options.vocab_only": defaultOnly([false], "models are loaded whole"),
  "options.embedding_only": defaultOnly([false], "models are loaded whole"),
} as const satisfies ParameterTable;

/** The one table of `/api/chat`: code, tests and documentation read it. */
export const ollamaChatParameters = {
  ...common,
  messages: engine,
  tools: engine,
  ...options,
} as const satisfies ParameterTable;

/** The one table of `/api/generate`. */
export const ollamaGenerateParameters = {
  ...common,
  prompt: engine,
  system: engine,
  images: engine,
  suffix: defaultOnly([""], "filling in between two texts is not supported"),
  template: defaultOnly([""], "a prompt takes the form that the model's own files give it"),
  raw: defaultOnly([false], "a prompt always takes the form that the model's own files give it"),
  context: emptyOnly("earlier tokens cannot be taken up; send the conversation to /api/chat"),
  ...options,
} as const satisfies ParameterTable;

/**
 * Checks every key, those of `options` as `options.<key>`.
 * @returns the names nobody knows, sorted.
 * @throws AppError `unsupported` that names the key.
 */
export function checkOllamaParameters(
  request: Readonly<Record<string, unknown>>,
  table: ParameterTable,
): readonly string[] {
  const given = Object.entries((request["options"] ?? {}) as Record<string, unknown>);
  const flat = Object.fromEntries(given.map(([name, value]) => [`options.${name}`, value]));
  return checkParameters({ ...request, ...flat }, table);
}
