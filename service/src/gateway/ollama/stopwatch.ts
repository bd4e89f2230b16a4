import type { Clock } from "../../platform/clock.ts";
import type { Part, TokenUsage } from "../parts.ts";
import type { RequestTrack } from "../request-track.ts";

/** What the last line of an answer tells; durations in nanoseconds. */
export interface AnswerCounts {
  readonly total_duration: number;
  readonly load_duration: number;
  readonly prompt_eval_count: number;
  readonly prompt_eval_duration: number;
  readonly eval_count: number;
  readonly eval_duration: number;
}

/** Takes the times that Ollama tells its clients, by looking at what the request's track is told. */
export interface Stopwatch {
  /** To be handed on in place of the one that was given. */
  readonly track: RequestTrack;
  counts(): AnswerCounts;
}

export function startStopwatch(clock: Clock, track: RequestTrack): Stopwatch {
  const startedAt = clock.monotonic();
  let readyAt: number | null = null;
  let firstAt: number | null = null;
  let usage: TokenUsage | null = null;
  let deltas = 0;

  const note = (part: Part): void => {
    if (part.type === "usage") usage = part;
    if (part.type !== "block-delta") return;
    deltas += 1;
    firstAt ??= clock.monotonic();
  };
  return {
    track: {
      ...track,
      leased(lease) {
        readyAt = clock.monotonic();
        track.leased(lease);
      },
      see(parts) {
        parts.forEach(note);
        track.see(parts);
      },
    },
    counts() {
      const now = clock.monotonic();
      const ready = readyAt ?? now;
      const first = firstAt ?? now;
      return {
        total_duration: nanoseconds(now - startedAt),
        load_duration: nanoseconds(ready - startedAt),
        prompt_eval_count: usage?.input ?? 0,
        prompt_eval_duration: nanoseconds(first - ready),
        eval_count: usage?.output ?? deltas,
        eval_duration: nanoseconds(now - first),
      };
    },
  };
}

function nanoseconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 1_000_000));
}
