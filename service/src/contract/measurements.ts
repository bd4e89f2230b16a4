import * as z from "zod";
import { Bytes, Timestamp } from "./common.ts";
import { EngineId } from "./engines.ts";

/** What a trial of one capability told. */
export const MeasuredVerdict = z.enum(["yes", "no", "unsupported", "not-tried"]).meta({
  id: "MeasuredVerdict",
  description:
    "`unsupported`: the engine, or the way to it, does not take such a request. `not-tried`: the model's files do not claim it.",
});
export type MeasuredVerdict = z.infer<typeof MeasuredVerdict>;

export const MeasuredCapabilities = z
  .strictObject({
    chat: MeasuredVerdict.meta({ description: "Its chat template works: a question was answered." }),
    tools: MeasuredVerdict.meta({ description: "A question with a tool was answered by a call of it." }),
    thinking: MeasuredVerdict.meta({ description: "Reasoning came apart from the answer." }),
    structuredOutput: MeasuredVerdict.meta({ description: "An answer after a JSON schema was valid by it." }),
    vision: MeasuredVerdict.meta({ description: "A picture was read: it took tokens of the prompt." }),
  })
  .meta({ id: "MeasuredCapabilities" });
export type MeasuredCapabilities = z.infer<typeof MeasuredCapabilities>;

/** The memory of a server of this model alone, one conversation at a time. */
export const MeasuredMemory = z
  .strictObject({
    method: z.enum(["phys_footprint", "pss", "rss"]),
    loadedBytes: Bytes.meta({ description: "After loading, before the first question." }),
    contexts: z
      .array(
        z.strictObject({
          tokens: z.int().positive().meta({ description: "Prompt and answer together." }),
          peakBytes: Bytes.meta({ description: "The most that was taken while they were read and written." }),
        }),
      )
      .meta({ description: "Rising by tokens." }),
  })
  .meta({ id: "MeasuredMemory" });
export type MeasuredMemory = z.infer<typeof MeasuredMemory>;

export const LongestPrompt = z
  .strictObject({
    tokens: z.int().positive(),
    endedBy: z.enum(["model", "setting", "memory", "time", "failure"]).meta({
      description:
        "Why no longer one was tried: the model's own context, the setting `fitContextTokens`, the memory, the time it would take, or the failure of the next.",
    }),
  })
  .meta({ id: "LongestPrompt" });
export type LongestPrompt = z.infer<typeof LongestPrompt>;

/** What one revision of a model did when it was run by one version of an engine on this machine. */
export const Measurement = z
  .strictObject({
    revision: z.string(),
    engine: EngineId,
    engineVersion: z.string(),
    current: z.boolean().meta({
      description: "False when the files or the engine have changed since; then nothing counts with it.",
    }),
    capabilities: MeasuredCapabilities,
    toolFormat: z.string().nullable().meta({
      description: "`tool_calls`: read by the engine. Else the form in which a call was left in the text.",
    }),
    longestPrompt: LongestPrompt.nullable().meta({ description: "The longest prompt that was answered." }),
    tokensPerSecond: z.number().nullable(),
    prefillTokensPerSecond: z.number().nullable().meta({ description: "Of the longest prompt." }),
    memory: MeasuredMemory.nullable(),
    measuredAt: Timestamp,
  })
  .meta({ id: "Measurement" });
export type Measurement = z.infer<typeof Measurement>;
