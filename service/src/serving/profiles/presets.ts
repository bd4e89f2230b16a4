import type { PresetId, Profile, ProfilePreset } from "../../contract/profiles.ts";

/** What a preset sets, by part. Values are starting points: what a profile says itself always wins. */
const presets: Readonly<Record<PresetId, Omit<ProfilePreset, "id">>> = {
  coding: {
    description: "Precise and without surprises, with room for several agents and their long prompts.",
    sampling: { temperature: 0.2, topP: 0.95, maxTokens: 16_384 },
    engineOptions: { promptCacheSize: 8 },
    limits: { concurrency: 4 },
  },
  creative: {
    description: "Varied answers that stay readable.",
    sampling: { temperature: 0.9, topP: 0.95, minP: 0.05 },
    engineOptions: {},
    limits: {},
  },
  deterministic: {
    description: "The same question gets the same answer. Requests run one at a time.",
    sampling: { temperature: 0, seed: 0 },
    engineOptions: {},
    limits: { concurrency: 1 },
  },
  "long-context": {
    description: "One long conversation at a time gets the memory.",
    sampling: {},
    engineOptions: { promptCacheSize: 2 },
    limits: { concurrency: 1 },
  },
};

export function listPresets(): ProfilePreset[] {
  return (Object.keys(presets) as PresetId[]).map((id) => ({ id, ...presets[id] }));
}

type Parts = Pick<Profile, "sampling" | "engineOptions" | "limits">;

/** The preset over what is there, and under what the request says. Without a preset nothing is added. */
export function withPreset(preset: PresetId | undefined, present: Parts, given: Partial<Parts>): Partial<Parts> {
  if (preset === undefined) return given;
  const { sampling, engineOptions, limits } = presets[preset];
  return {
    sampling: { ...present.sampling, ...sampling, ...given.sampling },
    engineOptions: { ...present.engineOptions, ...engineOptions, ...given.engineOptions },
    limits: { ...present.limits, ...limits, ...given.limits },
  };
}
