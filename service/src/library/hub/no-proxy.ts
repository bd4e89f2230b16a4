/** Proxies by scheme, as the environment names them. Plain data: it also travels to the transfer worker. */
export interface ProxySettings {
  readonly https: string | null;
  readonly http: string | null;
  /** `NO_PROXY` as written: hosts, domains with or without a leading dot, `host:port`, or `*`; comma separated. */
  readonly noProxy: string | null;
}

/** The proxy for an address, or null to go directly. Schemes do not stand in for each other, as in Python and curl. */
export function proxyFor(address: string, proxy: ProxySettings | null): string | null {
  if (proxy === null) return null;
  const url = new URL(address);
  const chosen = url.protocol === "https:" ? proxy.https : proxy.http;
  if (chosen === null || chosen === "" || isExempt(url, proxy.noProxy ?? "")) return null;
  return chosen.includes("://") ? chosen : `http://${chosen}`;
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const [, bracketed, plain, entryPort] = /^(?:\[([^\]]+)\]|([^:]+|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
  const name = (bracketed ?? plain ?? entry).replace(/^\*?\./, "");
  if (entryPort !== undefined && entryPort !== port) return false;
  return host === name || host.endsWith(`.${name}`);
}
