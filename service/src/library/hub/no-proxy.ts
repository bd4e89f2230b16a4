import { BlockList, isIP } from "node:net";

/** Proxies by scheme, as the environment names them. Plain data: it also travels to the transfer worker. May hold passwords: never log it. */
export interface ProxySettings {
  readonly https: string | null;
  readonly http: string | null;
  /** `NO_PROXY` as written: hosts, domains with or without a leading dot, `host:port`, networks, or `*`; comma separated. */
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

/** What any of Python's clients exempts: httpx, requests and urllib differ in dots, ports and networks. */
function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(entry.toLowerCase(), host, port, url.protocol));
}

function matches(entry: string, host: string, port: string, protocol: string): boolean {
  if (entry === "*") return true;
  // httpx takes `https://host` for one scheme and this very host.
  const [, scheme, rest = entry] = /^([a-z]+):\/\/(.*)$/.exec(entry) ?? [];
  if (scheme !== undefined && scheme !== "all" && `${scheme}:` !== protocol) return false;
  if (/^[^/]+\/\d+$/.test(rest)) return isInNetwork(host, rest);
  if (isIP(rest) === 6) return host === rest;
  const [, bracketed, plain, entryPort] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(rest) ?? [];
  const written = bracketed ?? plain ?? rest;
  if (entryPort !== undefined && entryPort !== port) return false;
  if (scheme !== undefined && !written.startsWith("*")) return host === written;
  const name = written.replace(/^\*?\.?/, "");
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isInNetwork(host: string, network: string): boolean {
  const [address = "", bits = ""] = network.split("/");
  const kind = isIP(address);
  if (kind === 0 || isIP(host) !== kind || Number(bits) > (kind === 4 ? 32 : 128)) return false;
  const family = kind === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}
