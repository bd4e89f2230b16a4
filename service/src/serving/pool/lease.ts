import type { Dispatcher } from "undici";
import type { EngineId } from "../../contract/engines.ts";

/**
 * What the pool tells a waiting request while its model comes up, or while it waits for a place: then `done` is its own
 * in the line and `total` the line's length.
 */
export interface LoadProgress {
  readonly phase: "installing" | "queued" | "starting" | "loading" | "warming";
  readonly done?: number;
  readonly total?: number;
}

/** The right to send requests to a ready server; while it is held, the server counts as in use. Released once. */
export interface Lease {
  readonly serverId: string;
  readonly url: string;
  /** Without header and body deadlines: a long prefill is no failure, the caller keeps its own stall timer. */
  readonly dispatcher: Dispatcher;
  /** The engine's token: send with every request, never log. */
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  readonly revision: string;
  readonly engine: EngineId;
  readonly contextLength: number | null;
  readonly vocabularySize: number | null;
  /** Tokens that came, and the time they took. They count as life. */
  noteTokens(count: number, seconds: number): void;
  /** Prefill progress or any other sign of life. */
  noteLife(): void;
  release(): void;
}

/** A launcher's own words for what it does, in the few that clients know. */
export function toLoadProgress(phase: string, done?: number | null, total?: number | null): LoadProgress {
  const known = { "loading-weights": "loading", loading: "loading", warming: "warming" } as const;
  const figures = { ...(typeof done === "number" ? { done } : {}), ...(typeof total === "number" ? { total } : {}) };
  return { phase: Object.hasOwn(known, phase) ? known[phase as keyof typeof known] : "starting", ...figures };
}
