import { engineCapabilities } from "../../contract/engine-capabilities.ts";
import type { Batching, Profile } from "../../contract/profiles.ts";

type Relevant = Pick<Profile, "engine" | "engineOptions" | "sampling">;

/** What makes an engine work on one request at a time, whatever its concurrency says. First reason first. */
const reasons: readonly (readonly [(profile: Relevant) => boolean, string])[] = [
  [({ engineOptions }) => engineOptions.draftModel !== undefined, "A draft model works for one request at a time."],
  [
    ({ engineOptions }) => engineOptions.kvBits !== undefined,
    "A quantized key-value cache holds one request at a time.",
  ],
  [
    ({ sampling }) => sampling.seed !== undefined,
    "A request with a seed runs alone, and this profile gives every one a seed.",
  ],
];

/** Whether requests are worked on together. */
export function batchingOf(profile: Relevant): Batching {
  if (engineCapabilities[profile.engine].alwaysBatches) return { on: true, reason: null };
  const reason = reasons.find(([applies]) => applies(profile))?.[1] ?? null;
  return { on: reason === null, reason };
}
