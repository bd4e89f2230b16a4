import type { Capability } from "../../contract/hub.ts";
import type { LongestPrompt, Measurement } from "../../contract/measurements.ts";
import type { ChatRequest } from "../../contract/openai.ts";
import type { MemoryReading } from "../../contract/servers.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import type { ProbeAnswer } from "./question.ts";

/** What a probe works with. */
export interface ProbeRun {
  /** What the model's files claim: the rest is not tried. */
  readonly declared: readonly Capability[];
  /** The longest context to try, and what makes it so. */
  readonly longest: LongestPrompt;
  readonly loaded: MemoryReading | null;
  readonly memory: MemoryWatch;
  readonly signal: AbortSignal;
  /** @throws AppError, also when no answer came in time. */
  ask(request: ChatRequest): Promise<ProbeAnswer>;
  log(line: string): void;
  step(name: string): void;
}

export type Found = Pick<
  Measurement,
  "capabilities" | "toolFormat" | "longestPrompt" | "tokensPerSecond" | "prefillTokensPerSecond" | "memory"
>;
