import { canServe, enginesThat } from "../../../contract/engine-capabilities.ts";
import type { ModelTask } from "../../../contract/engine-capabilities.ts";
import type { EngineId } from "../../../contract/engines.ts";
import type { Capability } from "../../../contract/hub.ts";
import { moduleOf } from "./text-config.ts";
import * as vision from "./vision-architecture-data.ts";

export interface Support {
  /** Null where the architecture is not known. */
  readonly supported: boolean | null;
  /** Those of our engines that run it, the one to take first. */
  readonly engines: EngineId[];
}

/**
 * Which of our engines run an architecture, by the models that the pinned versions bring. What sees or hears goes to
 * mlx-vlm; mlx-lm runs its text alone. A model that brings its own code runs on none: nothing here executes it.
 * @param architecture as `architectureOf` tells it.
 */
export function supportOf(
  architecture: string | null,
  customCode = false,
  capabilities: readonly Capability[] = [],
): Support {
  if (customCode) return { supported: false, engines: [] };
  if (architecture === null || isClassName(architecture)) return { supported: null, engines: [] };
  const engines = enginesOf(architecture, new Set(capabilities));
  return { supported: engines.length > 0, engines };
}

/**
 * What a model is made for, as far as an engine of ours does it. A model that chats and could embed too is for chats,
 * and so is one without a chat template, which only goes on with a text.
 */
export function taskOf(architecture: string | null, capabilities: readonly Capability[]): ModelTask {
  if (architecture === null || capabilities.includes("chat")) return "chat";
  if (capabilities.includes("embeddings") && embedding.has(architecture)) return "embeddings";
  return capabilities.includes("audio") && architecture === "whisper" ? "transcription" : "chat";
}

/** What a server of the engine is started for with this model: what it is made for, or else chats. */
export function servedTask(
  engine: EngineId,
  {
    architecture,
    capabilities,
  }: { readonly architecture: string | null; readonly capabilities: readonly Capability[] },
): ModelTask {
  const task = taskOf(architecture, capabilities);
  return canServe(engine, task) ? task : "chat";
}

function enginesOf(architecture: string, can: ReadonlySet<Capability>): EngineId[] {
  const task = taskOf(architecture, [...can]);
  if (task !== "chat") return enginesThat(({ tasks }) => tasks.includes(task));
  const text: EngineId[] = moduleOf({ model_type: architecture }) === null ? [] : ["mlx-lm"];
  if (!can.has("chat")) return text;
  const hasPackage = vision.models.includes(vision.remapped[architecture] ?? architecture);
  const sees: EngineId[] = hasPackage ? ["mlx-vlm"] : [];
  if (can.has("vision") || can.has("audio")) return [...sees, ...text];
  return text.length > 0 ? text : sees;
}

/** Types of mlx-embeddings, which mlx-openai-server brings. */
const embedding: ReadonlySet<string> = new Set(["bert", "modernbert", "xlm-roberta", "qwen3", "gemma3_text", "lfm2"]);

/** `LlamaForCausalLM`: all that is known where `model_type` was left out, and engines do not go by it. */
function isClassName(architecture: string): boolean {
  return /^[A-Z].*(?:For[A-Z]|Model$)/.test(architecture);
}
