import type { ChatRequest } from "../contract/openai.ts";
import type { Profile, SamplingDefaults } from "../contract/profiles.ts";
import { AppError } from "../platform/errors.ts";
import { normalizeMessages, normalizeTools } from "./messages.ts";
import type { NormalMessage, NormalTool } from "./messages.ts";

/** A request of any protocol, with the profile's defaults in it. What is undefined is left to the engine. */
export interface NormalRequest {
  readonly messages: readonly NormalMessage[];
  readonly tools: readonly NormalTool[];
  /** False: the answer ends with its first tool call. */
  readonly parallelToolCalls: boolean;
  readonly stop: readonly string[];
  readonly maxTokens: number;
  readonly sampling: NormalSampling;
  /** Variables of the chat template. */
  readonly template: Readonly<Record<string, unknown>>;
}

export interface NormalSampling {
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly minP: number | undefined;
  readonly presencePenalty: number | undefined;
  readonly frequencyPenalty: number | undefined;
  readonly repetitionPenalty: number | undefined;
  readonly seed: number | undefined;
  readonly logitBias: ReadonlyMap<number, number>;
}

/** What is known of the model; null where its files do not say. */
export interface ModelLimits {
  readonly contextLength: number | null;
  readonly vocabularySize: number | null;
}

/** @throws AppError `invalid_request` or `unsupported` that names the key. */
export function normalizeRequest(request: ChatRequest, profile: Profile, limits: ModelLimits): NormalRequest {
  const messages = normalizeMessages(request.messages, profile.systemPrompt);
  const tools = request.tool_choice === "none" ? [] : normalizeTools(request.tools ?? []);
  const stop = typeof request.stop === "string" ? [request.stop] : (request.stop ?? []);
  return {
    messages,
    tools,
    parallelToolCalls: request.parallel_tool_calls ?? true,
    stop: stop.filter((text) => text !== ""),
    maxTokens: maxTokensOf(request, profile.sampling, contextOf(profile, limits), messages),
    sampling: samplingOf(request, profile.sampling, limits.vocabularySize),
    template: { ...profile.engineOptions.chatTemplateArguments, ...templateOf(request) },
  };
}

/** Zero is a value: only what is absent takes the profile's default. */
function samplingOf(request: ChatRequest, defaults: SamplingDefaults, vocabularySize: number | null): NormalSampling {
  const seed = request.seed ?? defaults.seed;
  // The engine closes the connection on a negative seed.
  if (seed !== undefined && seed < 0) throw invalid("seed", "must not be negative; leave it out for a random one");
  return {
    temperature: request.temperature ?? defaults.temperature,
    topP: request.top_p ?? defaults.topP,
    topK: request.top_k ?? defaults.topK,
    minP: request.min_p ?? defaults.minP,
    presencePenalty: request.presence_penalty ?? defaults.presencePenalty,
    frequencyPenalty: request.frequency_penalty ?? defaults.frequencyPenalty,
    repetitionPenalty: request.repetition_penalty ?? defaults.repetitionPenalty,
    seed,
    logitBias: logitBiasOf(request.logit_bias ?? {}, vocabularySize),
  };
}

/** A token outside the vocabulary ends the engine's whole process. */
function logitBiasOf(given: Readonly<Record<string, number>>, vocabularySize: number | null): Map<number, number> {
  const bias = new Map<number, number>();
  for (const [name, value] of Object.entries(given)) {
    const token = Number(name);
    if (!/^\d{1,9}$/.test(name) || token >= (vocabularySize ?? Infinity)) {
      const known = vocabularySize === null ? "" : `; this model has the tokens 0 to ${vocabularySize - 1}`;
      throw invalid("logit_bias", `names a token that does not exist (${name.slice(0, 40)})${known}`);
    }
    bias.set(token, value);
  }
  return bias;
}

/** The model's own context, or less where the profile says so. */
function contextOf({ limits: { contextTokens } }: Profile, { contextLength }: ModelLimits): number | null {
  if (contextTokens === undefined) return contextLength;
  return contextLength === null ? contextTokens : Math.min(contextLength, contextTokens);
}

const fallbackMaxTokens = 4096;
/** So many characters make a token in the densest ordinary text: the guess of the prompt is rather too long. */
const charactersPerToken = 2.5;
const leastMaxTokens = 256;

/** The engine's own default of 512 cuts coding clients off, so a limit is always sent. */
function maxTokensOf(
  request: ChatRequest,
  defaults: SamplingDefaults,
  contextLength: number | null,
  messages: readonly NormalMessage[],
): number {
  const given = request.max_completion_tokens ?? request.max_tokens ?? defaults.maxTokens;
  if (given !== undefined) return given;
  if (contextLength === null) return fallbackMaxTokens;
  const characters = messages.reduce((sum, { text }) => sum + text.length, JSON.stringify(request.tools ?? []).length);
  return Math.max(Math.min(leastMaxTokens, contextLength), contextLength - Math.ceil(characters / charactersPerToken));
}

/** Templates name the switch differently; those that do not know a variable ignore it. */
function templateOf(request: ChatRequest): Record<string, unknown> {
  const given = request.chat_template_kwargs ?? {};
  const effort = request.reasoning_effort ?? undefined;
  const said = typeof given["enable_thinking"] === "boolean" ? given["enable_thinking"] : undefined;
  const thinking = request.enable_thinking ?? said ?? (effort === undefined ? undefined : effort !== "none");
  return {
    ...(thinking === undefined ? {} : { enable_thinking: thinking, thinking }),
    ...(effort === undefined || effort === "none" ? {} : { reasoning_effort: effort }),
    ...withoutNulls(given),
  };
}

function withoutNulls(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}

function invalid(param: string, message: string): AppError {
  return new AppError("invalid_request", `"${param}" ${message}.`, { details: { param } });
}
