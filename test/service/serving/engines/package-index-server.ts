import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TinyWheel } from "./tiny-wheel.ts";

export interface IndexServer {
  /** Address of the simple index; with `userinfo` before the host when given. */
  url(userinfo?: string): string;
  readonly origin: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** What is sent in place of a file's bytes. */
  readonly tampered: Map<string, Buffer>;
  /** Files whose answer never ends. */
  readonly stalled: Set<string>;
  /** Resolves when a stalled file is asked for. */
  stalling(): Promise<void>;
  /** Resolves when the client of a stalled file has left. */
  left(): Promise<void>;
  add(...wheels: TinyWheel[]): void;
  remove(file: string): void;
  close(): Promise<void>;
}

/** A package index on a free port: HTML pages (PEP 503) or JSON (PEP 691), open or with user name and password. */
export async function startIndex(
  options: { readonly userinfo?: string; readonly json?: boolean } = {},
): Promise<IndexServer> {
  const files = new Map<string, TinyWheel>();
  const asked: string[] = [];
  const tampered = new Map<string, Buffer>();
  const stalled = new Set<string>();
  const begun = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const wanted = options.userinfo === undefined ? null : `Basic ${Buffer.from(options.userinfo).toString("base64")}`;

  const sendPage = (response: ServerResponse, project: string): void => {
    const found = [...files.values()].filter((wheel) => wheel.project === project);
    if (found.length === 0) return void response.writeHead(404).end();
    if (options.json === true) {
      const listed = found.map(({ file, sha256 }) => ({
        filename: file,
        url: `/files/${file}`,
        hashes: { sha256 },
      }));
      const body = { meta: { "api-version": "1.0" }, name: project, files: listed };
      return void response
        .writeHead(200, { "content-type": "application/vnd.pypi.simple.v1+json" })
        .end(JSON.stringify(body));
    }
    const links = found.map(({ file, sha256 }) => `<a href="../../files/${file}#sha256=${sha256}">${file}</a>`);
    response.writeHead(200, { "content-type": "text/html" }).end(`<!DOCTYPE html><body>${links.join("\n")}</body>`);
  };

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    asked.push(path);
    if (wanted !== null && request.headers.authorization !== wanted) {
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="index"' }).end();
    }
    const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
    if (project !== undefined) return sendPage(response, project);
    const file = path.split("/").at(-1) ?? "";
    const wheel = files.get(file);
    if (!wheel) return void response.writeHead(404).end();
    if (stalled.has(file)) {
      response.writeHead(200, { "content-length": wheel.bytes.length }).flushHeaders();
      response.once("close", () => gone.resolve());
      return begun.resolve();
    }
    response.writeHead(200).end(tampered.get(file) ?? wheel.bytes);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: (userinfo) => `http://${userinfo === undefined ? "" : `${userinfo}@`}127.0.0.1:${port}/simple`,
    origin: `http://127.0.0.1:${port}`,
    ...{ asked, tampered, stalled },
    stalling: () => begun.promise,
    left: () => gone.promise,
    add: (...wheels) => wheels.forEach((wheel) => files.set(wheel.file, wheel)),
    remove: (file) => void files.delete(file),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
