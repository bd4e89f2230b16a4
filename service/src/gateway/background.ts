import type { Profile } from "../contract/profiles.ts";
import type { GatewayDependencies } from "./dependencies.ts";

export interface Target {
  readonly profile: Profile;
  readonly revision: string;
}

type BackgroundDependencies = Pick<GatewayDependencies, "models" | "pool" | "profiles" | "settings">;

/**
 * Who answers a background request: with the setting `mapBackgroundRequests`, a model that is loaded instead of one that
 * would have to be, so that no title costs a swap. The least busy one that can chat; never another service.
 */
export function backgroundTarget({ models, pool, profiles, settings }: BackgroundDependencies, asked: Target): Target {
  const loaded = pool.loaded();
  const isHere = asked.profile.kind === "remote" || loaded.some(({ profileId }) => profileId === asked.profile.id);
  if (!settings.values().mapBackgroundRequests || isHere) return asked;
  const all = new Map(profiles.all().map((profile) => [profile.id, profile]));
  const able = loaded.flatMap(({ profileId, revision, state, kind, inFlight }) => {
    const profile = all.get(profileId);
    if (profile === undefined || state !== "ready" || kind === "remote") return [];
    const canChat = models.find(profile.model)?.facts.capabilities.includes("chat") === true;
    return canChat ? [{ profile, revision, inFlight }] : [];
  });
  const [first] = able.sort((one, other) => one.inFlight - other.inFlight);
  return first ?? asked;
}
