import type { Dispatcher, Pool, buildConnector } from "undici";
import { systemCode } from "../../platform/errors.ts";
import { undici } from "../../platform/undici.ts";
import { isTlsCode } from "./tls-codes.ts";
import { ProxyFault, loginOf } from "./proxy-fault.ts";

export interface WebProxyOptions {
  /** `http:` or `https:`, maybe with user and password. */
  readonly proxy: URL;
  /** For the proxy's own certificate and those behind it. */
  readonly tls: buildConnector.BuildOptions;
  readonly client: Pool.Options;
}

/** How long a proxy may think about a tunnel; the caller's own deadline may be longer. */
const tunnelMs = 30_000;

/** To `https:` addresses by a tunnel (CONNECT): the proxy sees the host's name and nothing else. */
export function tunnelBy({ proxy, tls, client }: WebProxyOptions): Dispatcher {
  const authorization = authorizationOf(proxy);
  return new undici.ProxyAgent({
    ...client,
    uri: proxy.origin,
    ...(authorization === null ? {} : { token: authorization }),
    requestTls: tls,
    // Wrapped, since undici tells a refusal by its message alone.
    clientFactory: (origin) =>
      openingTunnels(new undici.Pool(origin, { connect: connectorTo(tls), headersTimeout: tunnelMs })),
  });
}

/** To `http:` addresses by whole addresses, as Python and curl ask: many proxies tunnel to port 443 only. */
export function forwardBy({ proxy, tls, client }: WebProxyOptions): Dispatcher {
  const authorization = authorizationOf(proxy);
  const pool = new undici.Pool(proxy.origin, { ...client, connect: connectorTo(tls) });
  return pool.compose((dispatch) => (options, handler) => {
    const target = new URL(String(options.origin));
    const headers = {
      host: target.host,
      ...headersOf(options.headers),
      ...(authorization === null ? {} : { "proxy-authorization": authorization }),
    };
    const asked = { ...options, origin: proxy.origin, path: `${target.origin}${options.path}`, headers };
    return dispatch(asked, withRefusals(handler));
  });
}

/** A refused login as an error: `fetch` would make a nameless network error of the answer. */
function withRefusals(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  const reader: Dispatcher.DispatchHandler = new undici.DecoratorHandler(handler);
  const pass = reader.onResponseStart?.bind(reader);
  reader.onResponseStart = (...parameters) => {
    if (parameters[1] === 407) throw refusal(407);
    pass?.(...parameters);
  };
  return reader;
}

function openingTunnels(pool: Pool): Pool {
  const connect = pool.connect.bind(pool) as (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData>;
  const checked = async (options: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    let answer: Dispatcher.ConnectData;
    try {
      answer = await connect(options);
    } catch (error) {
      throw error instanceof ProxyFault ? error : unreachable(error);
    }
    if (answer.statusCode === 200) return answer;
    answer.socket.on("error", () => undefined).destroy();
    throw refusal(answer.statusCode);
  };
  return Object.assign(pool, { connect: checked });
}

function refusal(status: number): ProxyFault {
  if (status === 407) return new ProxyFault("PROXY_LOGIN", "the proxy wants a login");
  if (status === 502 || status === 503 || status === 504)
    return new ProxyFault("PROXY_TARGET", `the proxy cannot reach the host (${status})`);
  return new ProxyFault("PROXY_REFUSED", `the proxy refuses the tunnel (${status})`);
}

function connectorTo(tls: buildConnector.BuildOptions): buildConnector.connector {
  const connect = undici.buildConnector(tls);
  return (options, callback) =>
    connect(options, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error !== null) callback(unreachable(error), null);
      else callback(null, socket);
    });
}

function unreachable(error: unknown): ProxyFault {
  const code = isTlsCode(systemCode(error) ?? "") ? "PROXY_TLS" : "PROXY_UNREACHABLE";
  return new ProxyFault(code, "the proxy cannot be reached", { cause: error });
}

function authorizationOf(proxy: URL): string | null {
  const login = loginOf(proxy);
  return login === null ? null : `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
}

/** `fetch` and `request` hand headers on in different forms. */
function headersOf(headers: Dispatcher.RequestOptions["headers"]): Record<string, string | string[] | undefined> {
  if (headers === null || headers === undefined) return {};
  if (Array.isArray(headers)) {
    const names = headers.filter((_, index) => index % 2 === 0);
    return Object.fromEntries(names.map((name, index) => [String(name).toLowerCase(), headers[index * 2 + 1]]));
  }
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}
