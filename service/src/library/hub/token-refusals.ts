import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";

/** Tokens that the Hub refused lately. In memory alone. */
export interface TokenRefusals {
  has(token: string): boolean;
  add(token: string): void;
  remove(token: string): void;
}

/** A token may be given its rights back: after a while it is tried again. */
const keptMs = 5 * 60_000;

export function createTokenRefusals({ clock, log }: { readonly clock: Clock; readonly log: Log }): TokenRefusals {
  const refusedAt = new Map<string, number>();
  const told = new Set<string>();
  return {
    has(token) {
      const at = refusedAt.get(token);
      return at !== undefined && clock.monotonic() - at < keptMs;
    },
    add(token) {
      refusedAt.set(token, clock.monotonic());
      if (told.has(token)) return;
      told.add(token);
      log.warn("the Hub refuses the Hugging Face token; what everybody may see is asked for without it");
    },
    remove: (token) => void refusedAt.delete(token),
  };
}
