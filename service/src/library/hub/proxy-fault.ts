export type ProxyFaultCode =
  /** The proxy itself cannot be reached, or ended the connection. */
  | "PROXY_UNREACHABLE"
  /** Its own certificate (of an `https://` proxy) is not trusted. */
  | "PROXY_TLS"
  /** It wants a user and password, or other ones. */
  | "PROXY_LOGIN"
  /** It does not allow this connection. */
  | "PROXY_REFUSED"
  /** What answers there is no proxy of the named kind. */
  | "PROXY_PROTOCOL"
  /** It works, and cannot reach where we want to go. */
  | "PROXY_TARGET";

/** What went wrong between us and a proxy. The message is for logs and holds neither user nor password. */
export class ProxyFault extends Error {
  override readonly name = "ProxyFault";
  readonly code: ProxyFaultCode;

  constructor(code: ProxyFaultCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

/** User and password of a proxy's address, decoded; null without a user. */
export function loginOf({ username, password }: URL): { readonly user: string; readonly password: string } | null {
  if (username === "") return null;
  return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
}
