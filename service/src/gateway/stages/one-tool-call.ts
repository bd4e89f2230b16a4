import type { Part } from "../parts.ts";
import type { Stage } from "./stage.ts";

export interface OneToolCallState {
  readonly call: number | null;
  readonly deltas: number;
}

/** `parallel_tool_calls: false`: the answer ends with its first call, since engines know no such switch. */
export const oneToolCall: Stage<OneToolCallState> = {
  initial: { call: null, deltas: 0 },
  step(state, parts) {
    let { call, deltas } = state;
    const out: Part[] = [];
    for (const part of parts) {
      out.push(part);
      if (part.type === "block-delta") deltas += 1;
      if (part.type === "block-start" && part.kind === "tool-call") call = part.index;
      if (part.type === "block-end" && part.index === call) {
        out.push({ type: "usage", input: null, output: deltas, cached: null, reasoning: null });
        out.push({ type: "finish", reason: "tool-calls" });
        break;
      }
    }
    return [{ call, deltas }, out];
  },
};
