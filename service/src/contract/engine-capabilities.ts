import type { EngineId, LocalEngineId } from "./engines.ts";

/** What a model is asked for. */
export type ModelTask = "chat" | "embeddings" | "transcription";

/**
 * Our launcher masks the tokens that could not lead there; or the engine does it by itself, in OpenAI's words; or the
 * answer is asked for in words, checked, and asked for anew until it fits, which no engine of ours needs.
 */
export type FormatMeans = "grammar" | "native" | "checked";

export interface EngineCapabilities {
  /** What a server of it can be started for. */
  readonly tasks: readonly ModelTask[];
  /** What a chat may hold beside text; the model must take it too. */
  readonly images: boolean;
  readonly sound: boolean;
  /** Spreads one model over several machines. */
  readonly clusters: boolean;
  /** How an answer is held to a format (`response_format`), and how a call is forced (`tool_choice`); null: not at all. */
  readonly answerFormats: FormatMeans | null;
  readonly forcedCalls: FormatMeans | null;
  /** Whether a stream tells how likely its tokens were. */
  readonly logprobs: boolean;
  /** Whether an answer can go on from a text of the assistant that the request ends with. */
  readonly continuesAnswers: boolean;
  /** Whether a seed and a quantized cache leave it working on several requests at once. */
  readonly alwaysBatches: boolean;
}

/**
 * What each engine can, in the versions that our locks pin. Whoever needs to know asks this table, and no code tells
 * engines apart by their names. Which options an engine has stands in `engine-options.ts`, which architectures it runs
 * in the library.
 */
export const engineCapabilities = {
  "mlx-lm": {
    ...{ tasks: ["chat"], images: false, sound: false, clusters: true, alwaysBatches: false },
    ...{ answerFormats: "grammar", forcedCalls: "grammar", continuesAnswers: true, logprobs: true },
  },
  // Its quantized caches and seeds live inside a batch.
  "mlx-vlm": {
    ...{ tasks: ["chat"], images: true, sound: true, clusters: false, alwaysBatches: true },
    ...{ answerFormats: "native", forcedCalls: "native", continuesAnswers: false, logprobs: false },
  },
  "mlx-openai-server": {
    ...{ tasks: ["chat", "embeddings", "transcription"], images: true, sound: false },
    // Its tool_choice is a word to the template, which hardly any knows.
    ...{ clusters: false, alwaysBatches: false, answerFormats: "native", forcedCalls: null },
    ...{ continuesAnswers: false, logprobs: false },
  },
  // What another service does inside is not ours to know; what it cannot it refuses by itself.
  remote: {
    ...{ tasks: ["chat"], images: true, sound: true, clusters: false, alwaysBatches: true },
    ...{ answerFormats: "native", forcedCalls: "native", continuesAnswers: true, logprobs: true },
  },
} as const satisfies Record<EngineId, EngineCapabilities>;

/** What a fresh machine installs, and what tries where nothing is known of a model. */
export const defaultEngine = "mlx-lm" satisfies LocalEngineId;

export function canServe(engine: EngineId, task: ModelTask): boolean {
  const { tasks }: EngineCapabilities = engineCapabilities[engine];
  return tasks.includes(task);
}

/** The engines of this machine that can, in the order of the table. */
export function enginesThat(can: (capabilities: EngineCapabilities) => boolean): LocalEngineId[] {
  const all = Object.entries(engineCapabilities) as [EngineId, EngineCapabilities][];
  return all.flatMap(([engine, capabilities]) => (engine !== "remote" && can(capabilities) ? [engine] : []));
}
