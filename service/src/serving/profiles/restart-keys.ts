import { isDeepStrictEqual } from "node:util";
import { actsAtOnce } from "../../contract/engine-options.ts";
import type { Profile } from "../../contract/profiles.ts";

/**
 * When a change of each part acts on a running server: `at-once`, at the next `start`, or by each of its keys, of which
 * the set names those that act at once.
 */
const acts = {
  id: "at-once",
  slug: "at-once",
  name: "at-once",
  implicit: "at-once",
  model: "start",
  revision: "start",
  engine: "start",
  engineChoice: "at-once",
  engineOptions: actsAtOnce as ReadonlySet<string>,
  sampling: "at-once",
  systemPrompt: "at-once",
  limits: new Set(["concurrency", "memoryBytes"]),
  lifecycle: "at-once",
  kind: "start",
  remote: "start",
  cluster: "start",
  createdAt: "at-once",
  updatedAt: "at-once",
} as const satisfies Record<keyof Profile, "at-once" | "start" | ReadonlySet<string>>;

/** What differs between the profile a server was started with and the profile now, and waits for a restart. Sorted. */
export function restartKeys(started: Profile, now: Profile): string[] {
  const changed = (Object.keys(acts) as (keyof Profile)[]).flatMap((key) => {
    const when = acts[key];
    if (when === "at-once") return [];
    if (when === "start") return isDeepStrictEqual(started[key], now[key]) ? [] : [key];
    return changedInside(key, started[key], now[key], when);
  });
  return changed.sort();
}

function changedInside(key: string, started: unknown, now: unknown, atOnce: ReadonlySet<string>): string[] {
  const before = started as Record<string, unknown>;
  const after = now as Record<string, unknown>;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !atOnce.has(name) && !isDeepStrictEqual(before[name], after[name]))
    .map((name) => `${key}.${name}`);
}
