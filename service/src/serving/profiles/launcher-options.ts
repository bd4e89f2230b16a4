import { actsAtOnce } from "../../contract/engine-options.ts";
import type { EngineOptionName } from "../../contract/engine-options.ts";
import type { Profile } from "../../contract/profiles.ts";
import type { Companions } from "./companions.ts";

/**
 * What of a profile a launcher takes as `--options`: what acts at a start, models as folders. What acts at once goes
 * with each request instead, so that a running server never holds an older value.
 */
export function launcherOptions(
  { engineOptions, limits }: Pick<Profile, "engineOptions" | "limits">,
  { draft, adapter }: Companions,
): Readonly<Record<string, unknown>> {
  const atStart = Object.entries(engineOptions).filter(([name]) => !actsAtOnce.has(name as EngineOptionName));
  return {
    ...Object.fromEntries(atStart),
    // The engines begin late by themselves (at 5,000 tokens): what is asked for is a small cache from the start.
    ...(engineOptions.kvBits === undefined ? {} : { quantizedKvStart: engineOptions.quantizedKvStart ?? 0 }),
    ...(draft === null ? {} : { draftModel: draft.path }),
    ...(adapter === null ? {} : { adapterPath: adapter.path }),
    ...(limits.contextTokens === undefined ? {} : { contextTokens: limits.contextTokens }),
  };
}
