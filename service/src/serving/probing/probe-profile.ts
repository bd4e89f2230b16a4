import { engineOptionNames } from "../../contract/engine-options.ts";
import type { EngineOptions } from "../../contract/engine-options.ts";
import type { Profile } from "../../contract/profiles.ts";

/**
 * The profile that a model is probed with: its own server, which nobody else can ask, without anything that changes
 * what is measured. It is in no table; it lives as long as the job.
 */
export function probeProfile(implicit: Profile, id: string, contextTokens: number): Profile {
  const { trustRemoteCode, chatTemplate, chatTemplateArguments } = implicit.engineOptions;
  const wanted: EngineOptions = {
    ...(trustRemoteCode === undefined ? {} : { trustRemoteCode }),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    ...(chatTemplateArguments === undefined ? {} : { chatTemplateArguments }),
    // Earlier prompts that the engine kept would be counted with the present one.
    ...{ promptCacheSize: 1, promptCacheBytes: 1 },
  };
  const known: readonly string[] = engineOptionNames[implicit.engine];
  return {
    ...implicit,
    ...{ id, slug: null, sampling: {}, systemPrompt: null },
    // One process here: what a cluster or a service elsewhere takes says nothing of it.
    ...{ kind: "process", remote: null, cluster: null },
    engineOptions: Object.fromEntries(Object.entries(wanted).filter(([name]) => known.includes(name))),
    limits: { contextTokens: Math.max(256, contextTokens), concurrency: 1 },
    // Between two questions it is idle, and must not make way: the next answer would come from another process.
    lifecycle: { pinned: true, ttlSeconds: 0 },
  };
}
