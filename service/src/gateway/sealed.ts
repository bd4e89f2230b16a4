import { engineFailed, retryAdvice, toErrorPart } from "./failures.ts";
import { isLast } from "./parts.ts";
import type { Part, PartStream } from "./parts.ts";

/**
 * Gives a reader's stream a proper end: nothing after the first `finish` or `error`; a throw, or an end without
 * either, closes the open blocks and becomes an error part. A killed engine looks like a clean end of its socket.
 * @param onFailure is told what was thrown, for the log.
 */
export async function* sealed(
  source: PartStream,
  onFailure: (error: unknown) => void,
): AsyncGenerator<readonly Part[]> {
  const open = new Set<number>();
  let failure: unknown;
  try {
    for await (const parts of source) {
      const last = parts.findIndex(isLast);
      note(open, parts);
      yield last === -1 ? parts : parts.slice(0, last + 1);
      if (last !== -1) return;
    }
    failure = engineFailed(`The engine's answer broke off before it was complete. ${retryAdvice}`);
  } catch (error) {
    failure = error;
  }
  onFailure(failure);
  yield [...[...open].map((index): Part => ({ type: "block-end", index })), toErrorPart(failure)];
}

function note(open: Set<number>, parts: readonly Part[]): void {
  for (const part of parts) {
    if (part.type === "block-start") open.add(part.index);
    else if (part.type === "block-end") open.delete(part.index);
  }
}
