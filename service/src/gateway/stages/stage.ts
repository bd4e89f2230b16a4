import { isLast } from "../parts.ts";
import type { Part, PartStream } from "../parts.ts";

/** A pure step over the parts stream: same state and parts in, same out. It may hold text back until a block ends. */
export interface Stage<State> {
  readonly initial: State;
  step(state: State, parts: readonly Part[]): readonly [State, readonly Part[]];
}

/** Runs a stage over a stream. A stage that finishes early ends the source too, and with it the engine's work. */
export async function* runStage<State>(source: PartStream, stage: Stage<State>): AsyncGenerator<readonly Part[]> {
  let state = stage.initial;
  for await (const parts of source) {
    const [next, out] = stage.step(state, parts);
    state = next;
    const last = out.findIndex(isLast);
    if (last !== -1) {
      yield out.slice(0, last + 1);
      return;
    }
    if (out.length > 0) yield out;
  }
}
