import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";

export interface ForwardProxy {
  readonly url: string;
  /** Authorities that tunnels were opened to, and whole addresses that were asked for in the open. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A company's web proxy on a free port: tunnels by CONNECT and plain requests with whole addresses. */
export async function startForwardProxy(): Promise<ForwardProxy> {
  const asked: string[] = [];
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const onward = httpRequest(request.url ?? "", { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });
  server.on("connect", (request, client, head) => {
    asked.push(request.url ?? "");
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.write(head);
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      // Either end may hang up first; the other follows.
      socket.on("error", () => [client, target].forEach((end) => end.destroy()));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
