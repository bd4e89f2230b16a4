import type { Profile } from "../../contract/profiles.ts";
import { AppError, isAppError } from "../../platform/errors.ts";
import type { Target } from "../background.ts";
import type { GatewayDependencies } from "../dependencies.ts";

type Profiles = Pick<GatewayDependencies["profiles"], "resolve">;

/** The profile of a rule. @throws AppError `model_not_found`, or `forbidden` for a key that may not ask it. */
export function findRuleTarget(profiles: Profiles, to: string): Target {
  const { profile, revision } = profiles.resolve(to);
  if (isRemoteOf(profile, to)) return { profile, revision };
  throw new AppError("model_not_found", `There is no profile "${to}" of the kind remote.`, { details: { model: to } });
}

/** Why a rule's profile cannot take a request now; null: it can. */
export function whyNotNow(
  {
    profiles,
    pool,
  }: { readonly profiles: Profiles; readonly pool: Pick<GatewayDependencies["pool"], "loaded" | "checkReach"> },
  to: string,
): string | null {
  try {
    const { profile } = findRuleTarget(profiles, to);
    pool.checkReach?.(profile);
    const states = pool.loaded().flatMap(({ profileId, state }) => (profileId === profile.id ? [state] : []));
    const fails = states.some((state) => state === "unhealthy" || state === "failed");
    return fails ? `${to} fails at the moment and is tried again by itself` : null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.code === "forbidden") return `this API key may not ask ${to}`;
    if (error.code === "offline") return `${to} is on another machine, and the service is offline`;
    return `there is no profile ${to} of the kind remote`;
  }
}

/** An alias of that name would lead elsewhere than the person who wrote the rule saw. */
export function isRemoteOf({ kind, slug }: Profile, to: string): boolean {
  return kind === "remote" && slug === to;
}
