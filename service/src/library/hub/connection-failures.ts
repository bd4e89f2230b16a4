import { AppError, systemCode } from "../../platform/errors.ts";
import type { ProxyFaultCode } from "./proxy-fault.ts";
import { isTlsCode, tlsReason } from "./tls-codes.ts";

export function offline(): AppError {
  return new AppError(
    "offline",
    "Offline mode is on. Unset MLX_MANAGER_OFFLINE_MODE and HF_HUB_OFFLINE to reach the Hub.",
  );
}

export function timedOut(endpoint: string, cause?: unknown): AppError {
  const host = hostOf(endpoint);
  return new AppError("hub_unreachable", `${host} did not answer in time. Check the network and try again.`, {
    cause,
    details: { endpoint: host },
  });
}

/** What went wrong below HTTP, told apart by system, TLS and proxy codes anywhere in the chain of causes. */
export function connectionFailure(error: unknown, endpoint: string, isProxied: boolean): AppError {
  const codes = codesOf(error);
  const host = hostOf(endpoint);
  const details = { endpoint: host, ...(codes[0] === undefined ? {} : { reason: codes[0] }) };
  const options = { cause: error, details };
  const proxyCode = codes.find((code): code is ProxyFaultCode => Object.hasOwn(proxyTexts, code));
  if (proxyCode === "PROXY_TARGET") return new AppError("hub_unreachable", proxyTexts[proxyCode](host), options);
  if (proxyCode === "PROXY_TLS") return new AppError("tls_failed", proxyTexts[proxyCode](host), options);
  if (proxyCode !== undefined) return new AppError("proxy_failed", proxyTexts[proxyCode](host), options);
  const tlsCode = codes.find(isTlsCode);
  if (tlsCode !== undefined) return new AppError("tls_failed", tlsTexts[tlsReason(tlsCode)](host), options);
  // Through a proxy, the only connection of ours is the one to the proxy.
  if (isProxied && codes.some((code) => unreachable.test(code)))
    return new AppError("proxy_failed", proxyTexts.PROXY_UNREACHABLE(host), options);
  return new AppError("hub_unreachable", `${host} cannot be reached. Check the network and try again.`, options);
}

/** A `407` that came as an answer: of a proxy that passes plain requests on. */
export function proxyWantsLogin(details: Readonly<Record<string, unknown>>): AppError {
  return new AppError("proxy_failed", proxyTexts.PROXY_LOGIN(""), { details });
}

const variables = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY";

const proxyTexts: Record<ProxyFaultCode, (host: string) => string> = {
  PROXY_UNREACHABLE: () => `The proxy cannot be reached. Check ${variables}, or name the Hub's hosts in NO_PROXY.`,
  PROXY_LOGIN: () =>
    `The proxy refuses the login. Write it as http://user:password@host:port in ${variables}, special characters percent-encoded.`,
  PROXY_REFUSED: (host: string) =>
    `The proxy does not allow connections to ${host}. Ask who runs it, or name the host in NO_PROXY.`,
  PROXY_PROTOCOL: () =>
    `What answers is no proxy of the named kind. Check http://, https:// or socks5:// in ${variables}.`,
  PROXY_TLS: () =>
    "The proxy's certificate is not trusted. Set SSL_CERT_FILE to a PEM file with its certificate authority, then start the service again.",
  PROXY_TARGET: (host: string) => `The proxy cannot reach ${host}. Try again in a moment.`,
};

const tlsTexts = {
  untrusted: (host: string) =>
    `The certificate of ${host} is not trusted. If a company inspects the traffic, set SSL_CERT_FILE (or NODE_EXTRA_CA_CERTS) to a PEM file with its certificate authority, then start the service again.`,
  expired: (host: string) =>
    `The certificate of ${host} is not valid today. Check this machine's date; if it is right, ask who runs ${host}.`,
  "other-name": (host: string) =>
    `What answers for ${host} has another one's certificate. Check HF_ENDPOINT, or sign in to the network first.`,
  "no-tls": (host: string) =>
    `${host} does not answer with a secure connection. Check the scheme and port in HF_ENDPOINT, and the proxy.`,
} as const;

const unreachable =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|UND_ERR_ABORTED|UND_ERR_CONNECT_TIMEOUT)$/;

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 6; current = current.cause, depth += 1) {
    const code = systemCode(current);
    if (code !== undefined) codes.push(code);
    if (current instanceof AggregateError) codes.push(...current.errors.flatMap(codesOf));
  }
  return codes;
}

export function hostOf(endpoint: string): string {
  return new URL(endpoint).host;
}
