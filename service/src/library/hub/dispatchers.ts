import { readFileSync } from "node:fs";
import tls from "node:tls";
import { Agent, ProxyAgent } from "undici";
import type { Dispatcher } from "undici";
import { AppError } from "../../platform/errors.ts";
import { proxyFor } from "./no-proxy.ts";
import type { ProxySettings } from "./no-proxy.ts";

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
  const common = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, ...(connections ? { connections } : {}) };

  const create = (uri: string | null, isSecure: boolean): Dispatcher => {
    const secure = isSecure || uri?.startsWith("https:") ? { secureContext: secureContext() } : {};
    if (uri === null) return new Agent({ ...common, connect: secure });
    return new ProxyAgent({ ...common, uri, requestTls: secure, proxyTls: secure });
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

/** Node's certificates, those of the system (where a company puts its own) and the named file. Built once: it costs. */
function createContext(caFile: string | null): tls.SecureContext {
  const ca = [...tls.getCACertificates("default"), ...tls.getCACertificates("system")];
  if (caFile === null) return tls.createSecureContext({ ca });
  try {
    return tls.createSecureContext({ ca: [...ca, readFileSync(caFile, "utf8")] });
  } catch (error) {
    throw new AppError(
      "tls_failed",
      "The file of certificate authorities cannot be read. Check SSL_CERT_FILE or REQUESTS_CA_BUNDLE.",
      { cause: error },
    );
  }
}
