import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface SocksProxyOptions {
  readonly login?: { readonly user: string; readonly password: string };
  /** Reply code in place of connecting: 2 = not allowed, 5 = refused there, … */
  readonly reply?: number;
  /** `http`: it is no SOCKS server. `hang-up`: ends the connection at once. `slow`: one byte at a time. */
  readonly manner?: "http" | "hang-up" | "slow";
  /** Where names lead, as the network behind the proxy knows them. */
  readonly names?: Readonly<Record<string, string>>;
}

export interface SocksProxy {
  readonly port: number;
  /** `kind host:port` of every connection it was asked for; kind is ipv4, name or ipv6. */
  readonly asked: string[];
  bytesBack: number;
  close(): Promise<void>;
}

/** A SOCKS5 server (RFC 1928, 1929) on a free port: CONNECT alone. */
export async function startSocksProxy(options: SocksProxyOptions = {}): Promise<SocksProxy> {
  const sockets = new Set<Socket>();
  const proxy = { asked: [] as string[], bytesBack: 0 };

  const send = async (socket: Socket, bytes: readonly number[]): Promise<void> => {
    if (options.manner !== "slow") return void socket.write(Buffer.from(bytes));
    for (const byte of bytes) await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
  };

  const serve = async (client: Socket): Promise<void> => {
    if (options.manner === "http") return void client.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    if (options.manner === "hang-up") return void client.end();
    const take = reader(client);
    const [, count = 0] = await take(2);
    const methods = [...(await take(count))];
    const method = options.login === undefined ? 0 : 2;
    if (!methods.includes(method)) return void client.end(Buffer.from([5, 0xff]));
    await send(client, [5, method]);
    if (options.login !== undefined && !(await isKnown(take, options.login))) {
      await send(client, [1, 1]);
      return void client.end();
    }
    if (options.login !== undefined) await send(client, [1, 0]);
    const { kind, host, port } = await readAddress(take);
    proxy.asked.push(`${kind} ${host}:${port}`);
    if (options.reply !== undefined) {
      await send(client, [5, options.reply, 0, 1, 0, 0, 0, 0, 0, 0]);
      return void client.end();
    }
    const target = connect(port, options.names?.[host] ?? host);
    sockets.add(target);
    for (const socket of [client, target]) socket.on("error", () => [client, target].forEach((end) => end.destroy()));
    await once(target, "connect");
    // An address by name, as a proxy may answer: its length is not that of an IPv4 address.
    await send(client, [5, 0, 0, 3, 4, ...Buffer.from("here"), 4, 56]);
    target.on("data", (chunk: Buffer) => (proxy.bytesBack += chunk.length));
    target.pipe(client);
    client.pipe(target);
  };

  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => client.destroy());
    serve(client).catch(() => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(proxy, {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
}

type Take = (size: number) => Promise<Buffer>;

function reader(socket: Socket): Take {
  let held: Buffer = Buffer.alloc(0);
  return async (size) => {
    while (held.length < size) {
      const bytes = socket.read() as Buffer | null;
      if (bytes !== null) held = Buffer.concat([held, bytes]);
      else await Promise.race([once(socket, "readable"), hangUp(socket)]);
    }
    const taken = held.subarray(0, size);
    held = held.subarray(size);
    return taken;
  };
}

async function hangUp(socket: Socket): Promise<never> {
  await once(socket, "close");
  throw new Error("The client hung up.");
}

async function isKnown(take: Take, { user, password }: { user: string; password: string }): Promise<boolean> {
  const [, userLength = 0] = await take(2);
  const name = (await take(userLength)).toString();
  const [passwordLength = 0] = await take(1);
  return name === user && (await take(passwordLength)).toString() === password;
}

async function readAddress(take: Take): Promise<{ kind: string; host: string; port: number }> {
  const [, , , type] = await take(4);
  const size = type === 1 ? 4 : type === 4 ? 16 : ((await take(1))[0] ?? 0);
  const bytes = await take(size);
  const port = (await take(2)).readUInt16BE();
  if (type === 1) return { kind: "ipv4", host: [...bytes].join("."), port };
  if (type === 3) return { kind: "name", host: bytes.toString(), port };
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return { kind: "ipv6", host: groups.join(":"), port };
}
