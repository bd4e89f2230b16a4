/**
 * The Hub writes absolute addresses of its public host. Behind a mirror they must stay on the mirror, and our token
 * must not follow them elsewhere: so any address is taken as a path below our own endpoint.
 */
export function onEndpoint(address: string, endpoint: string): string {
  const base = new URL(endpoint);
  const url = new URL(address, endpoint);
  const prefix = base.pathname.replace(/\/$/, "");
  const isBelow = prefix === "" || url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
  return `${base.origin}${isBelow ? "" : prefix}${url.pathname}${url.search}`;
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
