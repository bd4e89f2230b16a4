import type { Profile } from "../contract/profiles.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import type { ModelLimits } from "./request.ts";

/** What is known of a profile's model. A local model of the same name says nothing about one elsewhere. */
export function limitsOf(profile: Profile, models: GatewayDependencies["models"]): ModelLimits {
  const facts = profile.kind === "remote" ? undefined : models.find(profile.model)?.facts;
  return { contextLength: facts?.contextLength ?? null, vocabularySize: facts?.vocabularySize ?? null };
}
