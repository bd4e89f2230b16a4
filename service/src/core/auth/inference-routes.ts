import { routes } from "../../contract/routes.ts";
import type { Route } from "../../contract/routes.ts";

/** Routes that belong to asking models, as Express matches them: any case, with or without a slash at the end. */
const patterns = (Object.values(routes) as Route[]).flatMap(({ method, path, auth }) =>
  auth === "inference"
    ? [{ method, pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}/?$`, "i") }]
    : [],
);

/** Whether a key for inference alone may ask this. What is not there below `/v1` and `/hub` is told so, not forbidden. */
export function isInferenceRoute(method: string, path: string): boolean {
  if (/^\/(v1|hub)(\/|$)/i.test(path)) return true;
  return patterns.some((route) => route.method === method && route.pattern.test(path));
}
