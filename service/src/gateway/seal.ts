import { toErrorPart } from "./failures.ts";
import { throughLast } from "./parts.ts";
import type { Part } from "./parts.ts";

/** Gives a reader's answer a proper end: nothing after the first `finish` or `error`, and no block stays open. */
export interface Seal {
  readonly isClosed: boolean;
  /** The parts up to the last that may be told. */
  pass(parts: readonly Part[]): readonly Part[];
  /** What ends an answer that failed. */
  broken(failure: unknown): readonly Part[];
}

export function createSeal(): Seal {
  const open = new Set<number>();
  let isClosed = false;
  return {
    get isClosed() {
      return isClosed;
    },
    pass(parts) {
      for (const part of parts) {
        if (part.type === "block-start") open.add(part.index);
        else if (part.type === "block-end") open.delete(part.index);
      }
      const [told, hasEnd] = throughLast(parts);
      isClosed = hasEnd;
      return told;
    },
    broken(failure) {
      isClosed = true;
      return [...[...open].map((index): Part => ({ type: "block-end", index })), toErrorPart(failure)];
    },
  };
}
