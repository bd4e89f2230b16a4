import { isIP } from "node:net";
import type { RemoteAddress } from "../../contract/profile-kinds.ts";
import { AppError } from "../../platform/errors.ts";

/** Headers that carry secrets, or that are the connection's own business. */
const refusedHeaders = new Set([
  ...["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"],
  ...["host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "expect"],
  ...["keep-alive", "te", "trailer", "upgrade", "x-mlx-manager-token"],
]);

/**
 * The address as it is kept: without a slash at its end.
 * @throws AppError `invalid_request` for one that holds a secret, or more than a base.
 */
export function checkedAddress({ baseUrl, headers, ...rest }: RemoteAddress): RemoteAddress {
  const url = new URL(baseUrl);
  if (url.username !== "" || url.password !== "")
    throw wrong("baseUrl", "must not hold a name or password. Send the key as `remoteKey`");
  if (url.search !== "" || url.hash !== "") throw wrong("baseUrl", "must end with its path");
  const secret = Object.keys(headers ?? {}).find((name) => refusedHeaders.has(name.toLowerCase()));
  if (secret !== undefined) throw wrong("headers", `must not hold ${secret}. Send a key as \`remoteKey\``);
  const kept = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return { ...rest, baseUrl: kept, ...(headers === undefined ? {} : { headers }) };
}

/** The host that a key belongs to. */
export function originOf({ baseUrl }: Pick<RemoteAddress, "baseUrl">): string {
  return new URL(baseUrl).origin;
}

/**
 * A key travels in plain text only where the network is one's own.
 * @throws AppError `invalid_request`
 */
export function checkKeyTravels({ baseUrl }: Pick<RemoteAddress, "baseUrl">): void {
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === "https:" || isOwnNetwork(hostname)) return;
  throw wrong("baseUrl", "must begin with https:// where a key goes with it: anybody on the way could read it");
}

/** Loopback, private and link-local addresses, and names that only a local network resolves. */
export function isOwnNetwork(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (isIP(host) === 4) {
    const [first = 0, second = 0] = host.split(".").map(Number);
    if (first === 10 || first === 127) return true;
    if (first === 172) return second >= 16 && second <= 31;
    return (first === 192 && second === 168) || (first === 169 && second === 254);
  }
  if (isIP(host) === 6) return host === "::1" || /^f[cd]/.test(host) || /^fe[89ab]/.test(host);
  return !host.includes(".") || host.endsWith(".local") || host.endsWith(".localhost");
}

function wrong(field: string, text: string): AppError {
  return new AppError("invalid_request", `\`remote.${field}\` ${text}.`, { details: { field: `remote.${field}` } });
}
