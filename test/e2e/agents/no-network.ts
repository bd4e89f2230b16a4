import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** The way out for a program that has none: a proxy that refuses everything, and remembers what it was asked for. */
export interface NoNetwork {
  /** Variables that send every request to another machine here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function startNoNetwork(): Promise<NoNetwork> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(502).end();
  });
  server.on("connect", (request, socket: Duplex) => {
    asked.push(request.url ?? "");
    socket.on("error", () => socket.destroy());
    socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const here = "127.0.0.1,localhost";
  return {
    environment: {
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: here },
      ...{ http_proxy: url, https_proxy: url, all_proxy: url, no_proxy: here },
    },
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
