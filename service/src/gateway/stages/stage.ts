import { throughLast } from "../parts.ts";
import type { Part, PartStream } from "../parts.ts";

/** A pure step over the parts stream: same state and parts in, same out. It may hold text back until a block ends. */
export interface Stage<State> {
  readonly initial: State;
  step(state: State, parts: readonly Part[]): readonly [State, readonly Part[]];
}

/** A stage at work, with its state in it. */
export type Step = (parts: readonly Part[]) => readonly Part[];

export function stepOf<State>({ initial, step }: Stage<State>): Step {
  let state = initial;
  return (parts) => {
    const [next, out] = step(state, parts);
    state = next;
    return out;
  };
}

/**
 * One step after the other on one array.
 * @returns what comes out, and whether that was the end of the answer.
 */
export function takeSteps(steps: readonly Step[], given: readonly Part[]): readonly [readonly Part[], boolean] {
  let parts = given;
  let isOver = false;
  for (const step of steps) {
    const [told, hasEnd] = throughLast(step(parts));
    parts = told;
    isOver ||= hasEnd;
  }
  return [parts, isOver];
}

/** Runs a stage over a stream. One that finishes early ends the source too, and with it the engine's work. */
export async function* runStage<State>(source: PartStream, stage: Stage<State>): AsyncGenerator<readonly Part[]> {
  const steps = [stepOf(stage)];
  for await (const given of source) {
    const [parts, isOver] = takeSteps(steps, given);
    if (parts.length > 0) yield parts;
    if (isOver) return;
  }
}
