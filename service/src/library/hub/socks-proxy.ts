import { isIP } from "node:net";
import type { Socket } from "node:net";
import type { Agent, buildConnector, Dispatcher } from "undici";
import { ProxyFault, loginOf } from "./proxy-fault.ts";
import { undici } from "../../platform/undici.ts";

export interface SocksProxyOptions {
  /** `socks5:` or `socks5h:`, maybe with user and password. */
  readonly proxy: URL;
  readonly tls: buildConnector.BuildOptions;
  readonly client: Agent.Options;
}

const handshakeMs = 30_000;

/**
 * Connections through a SOCKS5 proxy (RFC 1928, 1929). Names are resolved by the proxy in both schemes, as in httpx: a
 * network behind one often knows names that ours does not. undici's own agent is experimental and says so on standard
 * error, ends any body after 300 silent seconds, and gives up a slow proxy after five.
 */
export function connectBySocks({ proxy, tls, client }: SocksProxyOptions): Dispatcher {
  const toProxy = undici.buildConnector({});
  const toTarget = undici.buildConnector(tls);
  const proxyPort = proxy.port || "1080";
  return new undici.Agent({
    ...client,
    connect(options, callback) {
      const { hostname, protocol } = options;
      const target = { host: hostname, port: Number(options.port || (protocol === "https:" ? 443 : 80)) };
      const place = { hostname: proxy.hostname, host: `${proxy.hostname}:${proxyPort}`, port: proxyPort };
      toProxy({ ...place, protocol: "http:" }, (...[error, socket]: Parameters<buildConnector.Callback>) => {
        if (error !== null) return callback(fault("UNREACHABLE", "cannot be reached", error), null);
        shakeHands(socket, target, loginOf(proxy)).then(
          () =>
            protocol === "https:" ? toTarget({ ...options, httpSocket: socket }, callback) : callback(null, socket),
          (reason: unknown) => {
            socket.on("error", () => undefined).destroy();
            callback(reason as Error, null);
          },
        );
      });
    },
  });
}

interface Target {
  readonly host: string;
  readonly port: number;
}

async function shakeHands(socket: Socket, target: Target, login: Login | null): Promise<void> {
  const onTimeout = () => socket.destroy(fault("UNREACHABLE", "does not answer"));
  socket.setTimeout(handshakeMs, onTimeout);
  const { take, giveBack } = createTake(socket);
  try {
    socket.write(Buffer.from(login === null ? [5, 1, 0] : [5, 2, 0, 2]));
    const [version, method] = await take(2);
    if (version !== 5) throw fault("PROTOCOL", "is no SOCKS5 proxy");
    if (method === 2 && login !== null) await logIn(socket, take, login);
    else if (method !== 0) throw fault("LOGIN", "wants a login");
    socket.write(Buffer.concat([Buffer.from([5, 1, 0]), addressOf(target), portOf(target)]));
    await readReply(take);
    giveBack();
  } finally {
    socket.setTimeout(0);
    socket.off("timeout", onTimeout);
  }
}

type Login = NonNullable<ReturnType<typeof loginOf>>;

async function logIn(socket: Socket, take: Take, { user, password }: Login): Promise<void> {
  const [name, word] = [Buffer.from(user), Buffer.from(password)];
  if (name.length > 255 || word.length > 255) throw fault("LOGIN", "takes no login of this length");
  socket.write(Buffer.concat([Buffer.from([1, name.length]), name, Buffer.from([word.length]), word]));
  const [, status] = await take(2);
  if (status !== 0) throw fault("LOGIN", "refuses the login");
}

function addressOf({ host }: Target): Buffer {
  const plain = host.replace(/^\[|\]$/g, "");
  if (isIP(plain) === 4) return Buffer.from([1, ...plain.split(".").map(Number)]);
  if (isIP(plain) === 6) return Buffer.concat([Buffer.from([4]), ipv6Bytes(plain)]);
  const name = Buffer.from(plain);
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser has written any embedded IPv4 part in groups already.
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const all = [...first, ...Array<string>(tail === undefined ? 0 : 8 - first.length - last.length).fill("0"), ...last];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function portOf({ port }: Target): Buffer {
  return Buffer.from([port >> 8, port & 0xff]);
}

async function readReply(take: Take): Promise<void> {
  const [version, reply, , kind] = await take(4);
  if (version !== 5) throw fault("PROTOCOL", "is no SOCKS5 proxy");
  // Not allowed by its rules; network, host or port not reachable, or too far; anything else is its own trouble.
  if (reply === 2) throw fault("REFUSED", "does not allow this connection");
  if (reply !== undefined && reply >= 3 && reply <= 6) throw fault("TARGET", "cannot reach the host");
  if (reply !== 0) throw fault("REFUSED", `refuses the connection (${reply})`);
  // The address it bound, of no use to us, still stands before the first byte of the other side.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await take(1))[0] ?? 0);
  await take(length + 2);
}

type Take = (size: number) => Promise<Buffer>;

/** Takes exactly so many bytes. All that has come is read: what is left inside a stream wakes its reader for ever. */
function createTake(socket: Socket): { readonly take: Take; readonly giveBack: () => void } {
  let held: Buffer = Buffer.alloc(0);
  return {
    async take(size) {
      while (held.length < size) {
        const bytes = socket.read() as Buffer | null;
        if (bytes !== null) held = Buffer.concat([held, bytes]);
        else if (socket.readableEnded || socket.destroyed) throw fault("UNREACHABLE", "ended the connection");
        else await readable(socket);
      }
      const taken = held.subarray(0, size);
      held = held.subarray(size);
      return taken;
    },
    giveBack() {
      if (held.length > 0) socket.unshift(held);
    },
  };
}

function readable(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off("readable", settle).off("end", settle).off("close", settle).off("error", fail);
      resolve();
    };
    const fail = (error: Error) => {
      settle();
      reject(error instanceof ProxyFault ? error : fault("UNREACHABLE", "ended the connection", error));
    };
    socket.on("readable", settle).on("end", settle).on("close", settle).on("error", fail);
  });
}

function fault(code: "UNREACHABLE" | "PROTOCOL" | "LOGIN" | "REFUSED" | "TARGET", what: string, cause?: unknown) {
  return new ProxyFault(`PROXY_${code}`, `the SOCKS proxy ${what}`, { cause });
}
