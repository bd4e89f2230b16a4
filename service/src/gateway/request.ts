import { engineCapabilities } from "../contract/engine-capabilities.ts";
import type { EngineCapabilities } from "../contract/engine-capabilities.ts";
import type { EngineId } from "../contract/engines.ts";
import type { Profile, SamplingDefaults } from "../contract/profiles.ts";
import { AppError } from "../platform/errors.ts";
import { checkFormat } from "./answer-format.ts";
import { continuationOf } from "./continuation.ts";
import type { AnswerFormat, Continuation, Intake, IntakeSampling, ToolChoice } from "./intake.ts";
import { withSystemPrompt } from "./messages.ts";
import type { NormalMessage, NormalTool } from "./messages.ts";

/** A request of any protocol, with the profile's defaults in it. What is undefined is left to the engine. */
export interface NormalRequest {
  readonly messages: readonly NormalMessage[];
  /** How long the prompt is, where it was counted before the engine reads it. */
  readonly promptTokens?: number | undefined;
  readonly tools: readonly NormalTool[];
  readonly toolChoice: ToolChoice;
  /** False: the answer ends with its first tool call. */
  readonly parallelToolCalls: boolean;
  readonly stop: readonly string[];
  /** Always a number: the engine's own default of 512 cuts coding clients off. */
  readonly maxTokens: number;
  /** Whether the client or the profile said it. */
  readonly isMaxTokensSaid: boolean;
  readonly sampling: NormalSampling;
  readonly topLogprobs?: number | undefined;
  /** Variables of the chat template. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly format: AnswerFormat;
  /** Never where there is nothing to go on from. */
  readonly continuation: Continuation;
  /** A text to write on from instead of messages. */
  readonly prompt?: string | undefined;
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
export function normalizeRequest(intake: Intake, profile: Profile, limits: ModelLimits): NormalRequest {
  checkFormat(intake, profile.engine);
  const messages = withSystemPrompt(intake.messages, profile.systemPrompt);
  const tools = intake.toolChoice === "none" ? [] : intake.tools;
  const said = intake.maxTokens ?? profile.sampling.maxTokens;
  return {
    ...{ messages, tools, toolChoice: intake.toolChoice, parallelToolCalls: intake.parallelToolCalls },
    stop: intake.stop.filter((text) => text !== ""),
    maxTokens: said ?? roomForAnswer(contextOf(profile, limits), messages, intake.tools),
    isMaxTokensSaid: said !== undefined,
    sampling: samplingOf(intake.sampling, profile.sampling, limits.vocabularySize),
    topLogprobs: topLogprobsOf(intake, profile.engine),
    template: { ...profile.engineOptions.chatTemplateArguments, ...templateOf(intake) },
    ...{ format: intake.format, continuation: continuationOf(intake, profile.engine), prompt: intake.prompt },
  };
}

/** Zero is a value: only what is absent takes the profile's default. */
function samplingOf(said: IntakeSampling, defaults: SamplingDefaults, vocabularySize: number | null): NormalSampling {
  const seed = said.seed ?? defaults.seed;
  // The engine closes the connection on a negative seed.
  if (seed !== undefined && seed < 0) throw invalid("seed", "must not be negative; leave it out for a random one");
  return {
    temperature: said.temperature ?? defaults.temperature,
    topP: said.topP ?? defaults.topP,
    topK: said.topK ?? defaults.topK,
    minP: said.minP ?? defaults.minP,
    presencePenalty: said.presencePenalty ?? defaults.presencePenalty,
    frequencyPenalty: said.frequencyPenalty ?? defaults.frequencyPenalty,
    repetitionPenalty: said.repetitionPenalty ?? defaults.repetitionPenalty,
    seed,
    logitBias: logitBiasOf(said.logitBias ?? {}, vocabularySize),
  };
}

function topLogprobsOf({ topLogprobs }: Intake, engine: EngineId): number | undefined {
  const { logprobs }: EngineCapabilities = engineCapabilities[engine];
  if (topLogprobs === undefined || logprobs) return topLogprobs;
  const message = `"logprobs" cannot be honoured: ${engine} streams no log probabilities.`;
  throw new AppError("unsupported", message, { details: { param: "logprobs" } });
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
export function contextOf({ limits: { contextTokens } }: Profile, { contextLength }: ModelLimits): number | null {
  if (contextTokens === undefined) return contextLength;
  return contextLength === null ? contextTokens : Math.min(contextLength, contextTokens);
}

const fallbackMaxTokens = 4096;
/** So many characters make a token in the densest ordinary text: the guess of the prompt is rather too long. */
const charactersPerToken = 2.5;
const leastMaxTokens = 256;

function roomForAnswer(
  contextLength: number | null,
  messages: readonly NormalMessage[],
  tools: readonly NormalTool[],
): number {
  if (contextLength === null) return fallbackMaxTokens;
  const characters = messages.reduce((sum, { text }) => sum + text.length, JSON.stringify(tools).length);
  return Math.max(Math.min(leastMaxTokens, contextLength), contextLength - Math.ceil(characters / charactersPerToken));
}

/** Templates name the switch differently; those that do not know a variable ignore it. */
function templateOf({ template, effort, thinking }: Intake): Record<string, unknown> {
  const said = typeof template["enable_thinking"] === "boolean" ? template["enable_thinking"] : undefined;
  const isThinking = thinking ?? said ?? (effort === undefined ? undefined : effort !== "none");
  return {
    ...(isThinking === undefined ? {} : { enable_thinking: isThinking, thinking: isThinking }),
    ...(effort === undefined || effort === "none" ? {} : { reasoning_effort: effort }),
    ...withoutNulls(template),
  };
}

function withoutNulls(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));
}

function invalid(param: string, message: string): AppError {
  return new AppError("invalid_request", `"${param}" ${message}.`, { details: { param } });
}
