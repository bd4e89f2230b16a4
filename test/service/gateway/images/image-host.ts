import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isPublicAddress } from "../../../../service/src/gateway/images/public-address.ts";
import type { ImageNetwork } from "../../../../service/src/gateway/index.ts";

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** A host of images on a real socket, by the name `pictures.example`, as if it were on the public internet. */
export interface ImageHost {
  readonly url: string;
  readonly port: number;
  readonly seen: IncomingMessage[];
  /** How each path is answered; others are 404. */
  readonly paths: Map<string, Serve>;
  /** Names that were asked for, and what they are answered; all others are this host. */
  readonly asked: string[];
  readonly names: Map<string, () => string[]>;
  readonly network: ImageNetwork;
  /** Resolves when the next connection has closed. */
  closed(): Promise<void>;
  close(): Promise<void>;
}

export async function startImageHost(): Promise<ImageHost> {
  const seen: IncomingMessage[] = [];
  const asked: string[] = [];
  const paths = new Map<string, Serve>();
  const names = new Map<string, () => string[]>();
  const server = createServer((request, response) => {
    seen.push(request);
    const serve = paths.get(new URL(request.url ?? "/", "http://any").pathname);
    if (serve) serve(request, response);
    else response.writeHead(404).end("no such picture");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://pictures.example:${port}`, port, seen, paths, asked, names },
    network: {
      resolve(name) {
        asked.push(name);
        const addresses = names.get(name)?.() ?? ["127.0.0.1"];
        return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
      },
      isPublic: (address, name) => isPublicAddress(address) || (address === "127.0.0.1" && name.endsWith(".example")),
    },
    closed: () =>
      new Promise((resolve) => server.once("connection", (socket) => socket.once("close", () => resolve()))),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Serves bytes under a type. */
export function file(bytes: Buffer, type = "image/png"): Serve {
  return (_request, response) => void response.writeHead(200, { "content-type": type }).end(bytes);
}
