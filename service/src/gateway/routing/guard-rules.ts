import type { RoutingRule } from "../../contract/routing.ts";
import { AppError } from "../../platform/errors.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { isRemoteOf } from "./rule-targets.ts";

interface Ruled {
  readonly routingRules: readonly RoutingRule[];
}

/**
 * Refuses rules to profiles that are not there or not of another service. What was saved before is left alone: a profile
 * that goes later must not block other settings.
 */
export function guardRoutingRules(
  settings: { values(): Ruled; guard(check: (next: Ruled) => void): void },
  profiles: Pick<GatewayDependencies["profiles"], "all">,
): void {
  settings.guard(({ routingRules }) => {
    const known = new Set(settings.values().routingRules.map(({ to }) => to));
    for (const { to } of routingRules) {
      if (known.has(to) || profiles.all().some((profile) => isRemoteOf(profile, to))) continue;
      const message = `There is no profile "${to}" of the kind remote. Make it first, then the rule.`;
      throw new AppError("invalid_request", message, { details: { param: "routingRules", to } });
    }
  });
}
