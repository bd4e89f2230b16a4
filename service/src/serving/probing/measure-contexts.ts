import type { LongestPrompt, MeasuredMemory } from "../../contract/measurements.ts";
import { isAppError } from "../../platform/errors.ts";
import { contextsUpTo, longQuestion, piecesFor, sampleQuestions, scaleOf } from "./long-prompt.ts";
import { peakOf } from "./memory-watch.ts";
import type { ProbeRun } from "./probe-run.ts";
import { prefillRate } from "./speedometer.ts";
import type { Speedometer } from "./speedometer.ts";

export interface MeasuredContexts {
  readonly longest: LongestPrompt | null;
  readonly prefillTokensPerSecond: number | null;
  readonly memory: MeasuredMemory["contexts"];
}

/** A prompt that would be read for longer is not tried. */
export const longestReadSeconds = 120;

/** Asks with longer and longer prompts, rising to the longest there may be, and notes what each took. */
export async function measureContexts(run: ProbeRun, speed: Speedometer): Promise<MeasuredContexts> {
  const memory: MeasuredMemory["contexts"] = [];
  let longest: LongestPrompt | null = null;
  let rate: number | null = null;
  const ended = (endedBy: LongestPrompt["endedBy"]): MeasuredContexts => ({
    ...{ longest: longest === null ? null : { ...longest, endedBy }, prefillTokensPerSecond: rate },
    memory,
  });
  try {
    run.step("asking: length of prompts");
    const samples = [];
    for (const { pieces, request } of sampleQuestions) {
      const answer = await run.ask(request);
      speed.note(answer);
      samples.push({ pieces, input: answer.tokens.input });
    }
    const scale = scaleOf(samples);
    if (scale === null) run.log("the engine does not count tokens: no context is measured");
    for (const context of scale === null ? [] : contextsUpTo(run.longest.tokens)) {
      const pieces = scale === null ? null : piecesFor(context, scale);
      if (pieces === null) continue;
      if (rate !== null && context / rate > longestReadSeconds) return ended("time");
      run.step(`reading ${context} tokens`);
      run.memory.takePeak();
      const answer = await run.ask(longQuestion(pieces, context));
      const { input, output } = answer.tokens;
      if (input === null) continue;
      const tokens = input + (output ?? 0);
      rate = prefillRate(answer) ?? rate;
      longest = { tokens: input, endedBy: run.longest.endedBy };
      const reading = await run.memory.fresh(run.signal);
      if (run.loaded !== null) {
        const seen = peakOf(run.loaded, reading, run.memory.takePeak());
        const peakBytes = Math.max(seen, memory.at(-1)?.peakBytes ?? 0);
        if (tokens > (memory.at(-1)?.tokens ?? 0)) memory.push({ tokens, peakBytes });
        run.log(`${tokens} tokens: ${peakBytes} bytes at the peak, ${rate ?? "?"} tokens/s read`);
      }
    }
    return ended(run.longest.endedBy);
  } catch (error) {
    run.signal.throwIfAborted();
    if (!isAppError(error)) throw error;
    run.log(`no longer prompt was answered: ${error.message}`);
    return ended(error.code === "insufficient_memory" ? "memory" : "failure");
  }
}
