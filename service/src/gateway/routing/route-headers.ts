import type { ServerResponse } from "node:http";
import type { Profile } from "../../contract/profiles.ts";
import type { Route } from "./choose-route.ts";

/** Who answers, wherever that is not the name that was asked. */
export const modelHeader = "x-mlx-manager-model";
/** Why somebody else answers than was asked. */
export const routeHeader = "x-mlx-manager-route";

/** What an answer's headers say of its route. */
export function routeHeaders(
  { profile, reason }: Pick<Route<unknown>, "profile" | "reason">,
  asked: string | null,
): Record<string, string> {
  const name = profile.slug ?? profile.model;
  return {
    ...(name === asked ? {} : { [modelHeader]: name }),
    ...(reason === null ? {} : { [routeHeader]: reason }),
  };
}

/** Says in the head who answers, where no rule can send it elsewhere. */
export function tellModel(response: ServerResponse, profile: Profile, asked: string | null): void {
  for (const [name, value] of Object.entries(routeHeaders({ profile, reason: null }, asked)))
    response.setHeader(name, value);
}
