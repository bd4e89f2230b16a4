import type { Route } from "./choose-route.ts";

/** Who answers, wherever that is not the name that was asked. */
export const modelHeader = "x-mlx-manager-model";
/** Why somebody else answers than was asked. */
export const routeHeader = "x-mlx-manager-route";

/** What an answer's headers say of its route. */
export function routeHeaders({ profile, reason }: Omit<Route<unknown>, "begin" | "prepared">, asked: string | null) {
  const name = profile.slug ?? profile.model;
  return {
    ...(name === asked ? {} : { [modelHeader]: name }),
    ...(reason === null ? {} : { [routeHeader]: reason }),
  };
}
