/**
 * The Hub writes absolute addresses of its public host. Behind a mirror they must stay on the mirror, and our token
 * must not follow them elsewhere: so any address is taken as a path below our own endpoint.
 */
export function onEndpoint(address: string, endpoint: string): string {
  const base = new URL(endpoint);
  const url = new URL(address, endpoint);
  const prefix = base.pathname.replace(/\/$/, "");
  return `${base.origin}${isBelow(url.pathname, prefix) ? "" : prefix}${url.pathname}${url.search}`;
}

/** Whether an address belongs to the endpoint: the only place that ever gets the token. */
export function isOnEndpoint(address: string, endpoint: string): boolean {
  return new URL(address).origin === new URL(endpoint).origin;
}

/** The address of `rel="next"` in a `Link` header, moved to the endpoint; null where there is none. */
export function nextLink(header: string | null, endpoint: string): string | null {
  const address = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(header ?? "")?.[1];
  if (address === undefined || !URL.canParse(address, endpoint)) return null;
  return onEndpoint(address, endpoint);
}

/**
 * Where a redirect of `current` leads. Paths of the Hub's own (its API and `…/resolve/…`) that a mirror passes on as the
 * Hub wrote them stay on the mirror, below its prefix; storage, and the very page elsewhere, are gone to.
 * @returns null for what is no web address.
 */
export function redirectTarget(location: string, current: string, endpoint: string): string | null {
  const target = URL.parse(location, current);
  if (target === null || (target.protocol !== "https:" && target.protocol !== "http:")) return null;
  if (!isOnEndpoint(current, endpoint) || !isHubPath(target.pathname)) return target.href;
  const kept = onEndpoint(target.href, endpoint);
  return kept === new URL(current).href ? target.href : kept;
}

function isHubPath(path: string): boolean {
  return /\/api\/(models|resolve-cache|whoami-v2)(\/|$)|^\/[^/]+(\/[^/]+)?\/resolve\//.test(path);
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === "" || path === prefix || path.startsWith(`${prefix}/`);
}
