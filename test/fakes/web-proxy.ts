import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";

export interface WebProxyOptions {
  /** `user:password` that it asks for. */
  readonly login?: string;
  /** Answers every tunnel with this status. */
  readonly tunnelStatus?: number;
  /** Takes connections and never says anything. */
  readonly isSilent?: boolean;
  /** Speaks TLS itself: an `https://` proxy. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface WebProxy {
  /** Without user and password. */
  readonly url: string;
  readonly port: number;
  /** Authorities that tunnels were opened to. */
  readonly tunnels: string[];
  /** Whole addresses of requests that it passed on. */
  readonly forwarded: string[];
  /** `proxy-authorization` of every request, in order. */
  readonly logins: (string | undefined)[];
  /** Bytes that came back through tunnels. */
  bytesBack: number;
  close(): Promise<void>;
}

/** A company's web proxy on a free port: tunnels by CONNECT, and plain requests by whole addresses. */
export async function startWebProxy(options: WebProxyOptions = {}): Promise<WebProxy> {
  const sockets = new Set<Socket>();
  const expected = options.login === undefined ? undefined : `Basic ${Buffer.from(options.login).toString("base64")}`;
  const proxy = {
    tunnels: [] as string[],
    forwarded: [] as string[],
    logins: [] as (string | undefined)[],
    bytesBack: 0,
  };
  const server = options.tls ? createSecureServer(options.tls) : createServer();

  server.on("request", (request, response) => {
    proxy.logins.push(request.headers["proxy-authorization"]);
    if (options.isSilent) return;
    if (expected !== undefined && request.headers["proxy-authorization"] !== expected) {
      response.writeHead(407, { "proxy-authenticate": 'Basic realm="proxy"' }).end("Proxy Authentication Required");
      return;
    }
    proxy.forwarded.push(request.url ?? "");
    const { "proxy-authorization": _login, ...headers } = request.headers;
    const onward = httpRequest(request.url ?? "", { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });

  server.on("connect", (request, client: Socket, head: Buffer) => {
    proxy.logins.push(request.headers["proxy-authorization"]);
    sockets.add(client);
    if (options.isSilent) return;
    const isKnown = expected === undefined || request.headers["proxy-authorization"] === expected;
    const refusal = isKnown ? options.tunnelStatus : 407;
    if (refusal !== undefined) return void client.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
    proxy.tunnels.push(request.url ?? "");
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.write(head);
      target.pipe(client).pipe(target);
    });
    target.on("data", (chunk: Buffer) => (proxy.bytesBack += chunk.length));
    sockets.add(target);
    for (const socket of [client, target]) socket.on("error", () => [client, target].forEach((end) => end.destroy()));
  });

  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    port,
    url: `${options.tls ? "https" : "http"}://localhost:${port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
}
