import { readFileSync } from "node:fs";
import tls from "node:tls";
import type { Dispatcher } from "undici";
import { AppError } from "../../platform/errors.ts";
import { undici } from "../../platform/undici.ts";
import { proxyFor } from "./no-proxy.ts";
import type { ProxySettings } from "./no-proxy.ts";
import { connectBySocks } from "./socks-proxy.ts";
import { forwardBy, tunnelBy } from "./web-proxy.ts";

/** Connections to the Hub and its CDN, direct or through the proxy the address calls for. */
export interface Dispatchers {
  forUrl(address: string): Dispatcher;
  isProxied(address: string): boolean;
  close(): Promise<void>;
}

export interface DispatcherSettings {
  readonly proxy: ProxySettings | null;
  /** PEM file with further certificate authorities. */
  readonly caFile: string | null;
  /** Connections per host; undefined: as many as are asked for. */
  readonly connections?: number;
}

/**
 * HTTP/1.1 only: over HTTP/2 one window would throttle all parts of a file. undici's own timeouts are off, since every
 * caller has deadlines of its own. Nothing is opened or read before the first request.
 */
export function createDispatchers({ proxy, caFile, connections }: DispatcherSettings): Dispatchers {
  const open = new Map<string, Dispatcher>();
  let context: tls.SecureContext | undefined;
  const secureContext = () => (context ??= createContext(caFile));
  const client = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, ...(connections ? { connections } : {}) };

  const create = (address: string | null, isSecure: boolean): Dispatcher => {
    const secure = isSecure || address?.startsWith("https:") ? { secureContext: secureContext() } : {};
    if (address === null) return new undici.Agent({ ...client, connect: secure });
    const options = { proxy: new URL(address), tls: secure, client };
    if (options.proxy.protocol.startsWith("socks")) return connectBySocks(options);
    return isSecure ? tunnelBy(options) : forwardBy(options);
  };

  return {
    isProxied: (address) => proxyFor(address, proxy) !== null,
    forUrl(address) {
      const uri = proxyFor(address, proxy);
      const isSecure = address.startsWith("https:");
      const key = `${isSecure} ${uri ?? ""}`;
      const dispatcher = open.get(key) ?? create(uri, isSecure);
      open.set(key, dispatcher);
      return dispatcher;
    },
    async close() {
      const all = [...open.values()];
      open.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

/**
 * Node's certificates with those of `NODE_EXTRA_CA_CERTS`, those of the system (where a company puts its own) and the
 * named file. Built once: it costs.
 */
function createContext(caFile: string | null): tls.SecureContext {
  const ca = [...tls.getCACertificates("default"), ...tls.getCACertificates("system")];
  if (caFile === null) return tls.createSecureContext({ ca });
  try {
    const own = readFileSync(caFile, "utf8");
    // OpenSSL takes a file without a certificate for an empty list, which would look like a certificate nobody trusts.
    if (!own.includes("-----BEGIN ")) throw new Error("no certificate in PEM form");
    return tls.createSecureContext({ ca: [...ca, own] });
  } catch (error) {
    throw new AppError(
      "tls_failed",
      "The file of certificate authorities cannot be used. Check SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, then start the service again.",
      { cause: error },
    );
  }
}
