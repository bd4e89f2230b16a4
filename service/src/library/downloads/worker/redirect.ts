import { isOnEndpoint, onEndpoint } from "../../hub/index.ts";
import { wrongBytes } from "./answer-check.ts";

/**
 * Where a redirect leads. A mirror passes on what the original Hub says, with the original's host in it: paths of the
 * Hub stay on our endpoint, where the mirror answers them. Storage has paths of its own and is gone to as it is.
 * @throws TransferFault for what is no address.
 */
export function redirectTarget(location: string, current: string, endpoint: string): string {
  if (!URL.canParse(location, current)) throw wrongBytes("a redirect to nowhere");
  const target = new URL(location, current);
  if (target.protocol !== "https:" && target.protocol !== "http:") throw wrongBytes("a redirect to nowhere");
  if (isOnEndpoint(target.href, endpoint) || !isHubPath(target.pathname)) return target.href;
  const kept = onEndpoint(target.href, endpoint);
  // The very page, but elsewhere: the endpoint does not have it and says who does.
  return kept === current ? target.href : kept;
}

function isHubPath(path: string): boolean {
  return path.startsWith("/api/resolve-cache/") || /^\/[^/]+(\/[^/]+)?\/resolve\/[^/]+\/./.test(path);
}
