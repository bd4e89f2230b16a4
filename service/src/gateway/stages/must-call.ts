import type { Part } from "../parts.ts";
import type { Stage } from "./stage.ts";

export interface MustCallState {
  readonly hasCalled: boolean;
}

/** A forced call that did not come is an error: engines that only ask the model for it may end with plain text. */
export const mustCall: Stage<MustCallState> = {
  initial: { hasCalled: false },
  step(state, parts) {
    const hasCalled = state.hasCalled || parts.some((part) => part.type === "block-start" && part.kind === "tool-call");
    const out = parts.map((part) =>
      part.type === "finish" && part.reason === "stop" && !hasCalled ? notCalled : part,
    );
    return [{ hasCalled }, out];
  },
};

const notCalled: Part = {
  ...{ type: "error", code: "engine_failed", source: "engine", retryable: true },
  message: 'The model called no tool, though "tool_choice" asked for it. Try again, or choose another model.',
};
