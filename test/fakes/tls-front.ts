import { once } from "node:events";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";

export interface TlsFront {
  /** `https://localhost:port` */
  readonly url: string;
  /** Connections whose handshake was done. */
  connections: number;
  close(): Promise<void>;
}

/** Speaks TLS before a plain server: what comes in is passed on to `address` as it is. */
export async function startTlsFront(
  address: string,
  { key, cert }: { readonly key: string; readonly cert: string },
): Promise<TlsFront> {
  const { hostname, port } = new URL(address);
  const sockets = new Set<Socket>();
  const front = { connections: 0 };
  const server = createServer({ key, cert }, (client) => {
    front.connections += 1;
    const target = connect(Number(port), hostname);
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => [client, target].forEach((end) => end.destroy()));
    }
    client.pipe(target).pipe(client);
  });
  // A client that does not trust us hangs up in the middle of the handshake: that is what is tested.
  server.on("tlsClientError", () => undefined);
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(front, {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
}
