import type { Clock } from "../platform/clock.ts";
import type { GatewayLease } from "./dependencies.ts";
import type { Part } from "./parts.ts";
import type { StallWatch } from "./stall-watch.ts";

/** What an answer tells of its engine: that it lives, and how fast. */
export interface AnswerLife {
  see(parts: readonly Part[]): void;
  /** Tells the pool how many tokens came, in which time. */
  end(): void;
}

/** Notes life and tokens. Prefill counts only while it moves on: a hung engine may repeat itself. */
export function watchLife(lease: GatewayLease, stall: StallWatch, clock: Pick<Clock, "monotonic">): AnswerLife {
  let prefilled = -1;
  let deltas = 0;
  let counted: number | null = null;
  let firstToken: number | null = null;
  return {
    see(parts) {
      let isAlive = false;
      for (const part of parts) {
        if (part.type === "block-delta") {
          deltas += 1;
          isAlive = true;
        } else if (part.type === "progress" && (part.done ?? 0) > prefilled) {
          prefilled = part.done ?? 0;
          isAlive = true;
        } else if (part.type === "usage") counted = part.output;
      }
      if (!isAlive) return;
      stall.noteLife();
      lease.noteLife();
      if (deltas > 0) firstToken ??= clock.monotonic();
    },
    end() {
      if (firstToken !== null) lease.noteTokens(counted ?? deltas, (clock.monotonic() - firstToken) / 1000);
    },
  };
}
