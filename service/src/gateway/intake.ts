import type { NormalMessage, NormalTool } from "./messages.ts";

/**
 * What a client asks, in no protocol's words: each protocol reads its requests into this. What is undefined was left
 * open, and the profile, the model or the engine decides it; zero and false were said.
 */
export interface Intake {
  /** The name as the client wrote it; null: the default model. */
  readonly model: string | null;
  readonly stream: boolean;
  /** In the client's order. The profile's system prompt comes in later. */
  readonly messages: readonly NormalMessage[];
  readonly tools: readonly NormalTool[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  readonly stop: readonly string[];
  readonly maxTokens: number | undefined;
  readonly sampling: IntakeSampling;
  /** So many likely tokens are told at each place of the answer, beside the one that was chosen; undefined: nothing is. */
  readonly topLogprobs?: number | undefined;
  readonly thinking: boolean | undefined;
  /** How hard to think, in the client's word; "none" switches thinking off. */
  readonly effort: string | undefined;
  /** Variables of the chat template. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly format: AnswerFormat;
  /** Whether the answer goes on from a last message that is the assistant's. */
  readonly continuation: Continuation;
  /** The key that said so; left out: `messages`. */
  readonly continuationParam?: string | undefined;
  /** A text to write on from, without a template: what `messages` hold then only tells its length. */
  readonly prompt?: string | undefined;
  /** Milliseconds that the model stays loaded after the answer; Infinity: for good. */
  readonly keepMs?: number | undefined;
}

export interface IntakeSampling {
  readonly temperature?: number | null | undefined;
  readonly topP?: number | null | undefined;
  readonly topK?: number | null | undefined;
  readonly minP?: number | null | undefined;
  readonly presencePenalty?: number | null | undefined;
  readonly frequencyPenalty?: number | null | undefined;
  readonly repetitionPenalty?: number | null | undefined;
  readonly seed?: number | null | undefined;
  /** By token number. */
  readonly logitBias?: Readonly<Record<string, number>> | null | undefined;
}

/** Which tools the model may or must call; an object names the one it must. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/**
 * Whether an answer goes on from the last message, where that is the assistant's:
 * - `must`: the protocol or the client says so, and what cannot is refused;
 * - `may`: engines that can do, as most programs of this kind; on others a new turn begins, as in OpenAI's own service;
 * - `never`: a new turn begins.
 */
export type Continuation = "must" | "may" | "never";

/** What the text of an answer must be. */
export type AnswerFormat =
  | { readonly type: "text" }
  | { readonly type: "json-object" }
  | { readonly type: "json-schema"; readonly name: string; readonly schema: Readonly<Record<string, unknown>> };

/** A request that says nothing but what `said` says. */
export function intakeOf(said: Pick<Intake, "model" | "stream" | "messages"> & Partial<Intake>): Intake {
  return { ...nothingSaid, ...said };
}

const nothingSaid: Omit<Intake, "model" | "stream" | "messages"> = {
  tools: [],
  toolChoice: "auto",
  parallelToolCalls: true,
  stop: [],
  maxTokens: undefined,
  sampling: {},
  thinking: undefined,
  effort: undefined,
  template: {},
  format: { type: "text" },
  continuation: "may",
};
