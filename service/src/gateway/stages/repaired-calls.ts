import type { Part } from "../parts.ts";
import { repairedArguments } from "../tool-calls/arguments.ts";
import type { Stage } from "./stage.ts";

export interface RepairState {
  /** The arguments of each open call, by its block. */
  readonly open: ReadonlyMap<number, string>;
}

/** Arguments are always the text of a JSON object. A call is held until it is whole: what was sent cannot be repaired. */
export const repairedCalls: Stage<RepairState> = {
  initial: { open: new Map() },
  step(state, parts) {
    const open = new Map(state.open);
    const out: Part[] = [];
    for (const part of parts) {
      const begun = part.type === "block-delta" || part.type === "block-end" ? open.get(part.index) : undefined;
      if (part.type === "block-start" && part.kind === "tool-call") open.set(part.index, "");
      if (part.type === "block-delta" && begun !== undefined) open.set(part.index, begun + part.text);
      else if (part.type === "block-end" && begun !== undefined) {
        open.delete(part.index);
        const text = repairedArguments(part.arguments ?? begun);
        out.push({ type: "block-delta", index: part.index, text }, { ...part, arguments: text });
      } else out.push(part);
    }
    return [{ open }, out];
  },
};
