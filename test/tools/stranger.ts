import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Stranger {
  /** `http://localhost:port`: another host than the fake Hub's. */
  readonly url: string;
  /** The headers of everything that was asked of it. */
  readonly asked: { path: string; headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** A server that nobody has any business with: it answers 404 and remembers who came, and with what. */
export async function startStranger(): Promise<Stranger> {
  const asked: Stranger["asked"] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? "", headers: request.headers });
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
