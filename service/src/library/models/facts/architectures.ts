import type { EngineId } from "../../../contract/engines.ts";
import { moduleOf } from "./text-config.ts";

export interface Support {
  /** Null where the architecture is not known. */
  readonly supported: boolean | null;
  /** Those of our engines that run it. */
  readonly engines: EngineId[];
}

/**
 * Which of our engines run an architecture, by the models that the pinned versions bring. A model that brings its own
 * code runs on none: nothing here executes it.
 * @param architecture as `architectureOf` tells it.
 */
export function supportOf(architecture: string | null, customCode = false): Support {
  if (customCode) return { supported: false, engines: [] };
  if (architecture === null || isClassName(architecture)) return { supported: null, engines: [] };
  const engines: EngineId[] = moduleOf({ model_type: architecture }) === null ? [] : ["mlx-lm"];
  return { supported: engines.length > 0, engines };
}

/** `LlamaForCausalLM`: all that is known where `model_type` was left out, and engines do not go by it. */
function isClassName(architecture: string): boolean {
  return /^[A-Z].*(?:For[A-Z]|Model$)/.test(architecture);
}
