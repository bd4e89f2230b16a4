import { engineFailed, toErrorPart } from "../failures.ts";
import type { Part } from "../parts.ts";
import type { Stage } from "../stages/stage.ts";
import type { FormatCheck } from "./format-check.ts";

interface State {
  readonly text: string;
  readonly texts: ReadonlySet<number>;
  /** A call is an answer of another form. */
  readonly hasCalls: boolean;
}

/**
 * Lets an answer through as it comes and judges it at its end: what does not fit ends with an error, never as if it did.
 * One that was cut off says so itself.
 */
export function verifiedFormat(check: FormatCheck, onProblem: (problem: string) => void): Stage<State> {
  return {
    initial: { text: "", texts: new Set(), hasCalls: false },
    step(before, parts) {
      let state = before;
      const out = parts.map((part): Part => {
        state = followed(state, part);
        if (part.type !== "finish" || part.reason !== "stop" || state.hasCalls) return part;
        const problem = check(state.text);
        if (problem === null) return part;
        onProblem(problem);
        return toErrorPart(unfit(problem));
      });
      return [state, out];
    },
  };
}

/** The error of an answer that does not fit. */
export function unfit(problem: string): Error {
  return engineFailed(`The answer does not have the form that was asked for: ${problem}. Try again.`);
}

function followed(state: State, part: Part): State {
  if (part.type === "block-start") {
    if (part.kind === "tool-call") return { ...state, hasCalls: true };
    return part.kind === "text" ? { ...state, texts: new Set([...state.texts, part.index]) } : state;
  }
  const isText = part.type === "block-delta" && state.texts.has(part.index);
  return isText ? { ...state, text: state.text + part.text } : state;
}
