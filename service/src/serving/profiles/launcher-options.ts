import type { ModelTask } from "../../contract/engine-capabilities.ts";
import { actsAtOnce } from "../../contract/engine-options.ts";
import type { EngineOptionName } from "../../contract/engine-options.ts";
import type { EngineId } from "../../contract/engines.ts";
import type { Capability } from "../../contract/hub.ts";
import type { Profile } from "../../contract/profiles.ts";
import { servedTask } from "../../library/models/index.ts";
import type { Companions } from "./companions.ts";

/** What of a model its launcher may have to be told. */
export interface LaunchedFacts {
  readonly architecture: string | null;
  readonly capabilities: readonly Capability[];
}

type FromModel = (facts: LaunchedFacts) => Readonly<Record<string, unknown>>;

/** What follows from the model, for engines that do not find it out by themselves. */
const fromModel: Partial<Record<EngineId, FromModel>> = {
  "mlx-openai-server": (facts) => ({ modelType: openAiModelType(facts) }),
};

/**
 * What of a profile a launcher takes as `--options`: what acts at a start, models as folders. What acts at once goes
 * with each request instead, so that a running server never holds an older value.
 */
export function launcherOptions(
  { engine, engineOptions, limits }: Pick<Profile, "engine" | "engineOptions" | "limits">,
  { draft, adapter }: Companions,
  facts: LaunchedFacts,
): Readonly<Record<string, unknown>> {
  const atStart = Object.entries(engineOptions).filter(([name]) => !actsAtOnce.has(name as EngineOptionName));
  return {
    ...Object.fromEntries(atStart),
    // The engines begin late by themselves (at 5,000 tokens): what is asked for is a small cache from the start.
    ...(engineOptions.kvBits === undefined ? {} : { quantizedKvStart: engineOptions.quantizedKvStart ?? 0 }),
    ...(draft === null ? {} : { draftModel: draft.path }),
    ...(adapter === null ? {} : { adapterPath: adapter.path }),
    ...(limits.contextTokens === undefined ? {} : { contextTokens: limits.contextTokens }),
    ...fromModel[engine]?.(facts),
  };
}

const otherTypes: Readonly<Record<Exclude<ModelTask, "chat">, string>> = {
  embeddings: "embeddings",
  transcription: "whisper",
};

function openAiModelType(facts: LaunchedFacts): string {
  const task = servedTask("mlx-openai-server", facts);
  if (task !== "chat") return otherTypes[task];
  return facts.capabilities.includes("vision") ? "multimodal" : "lm";
}
