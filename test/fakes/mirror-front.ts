import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

export interface MirrorFront {
  /** `http://127.0.0.1:port/hub` */
  readonly url: string;
  /** What it was asked for, with the token that came along. */
  readonly asked: { readonly path: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

/**
 * A mirror below a path that passes everything on to `hub` and its answers back as they are: links and redirects name
 * the original's paths and host, as simple mirrors do. Other paths of the same server are somebody else's: 404.
 */
export async function startMirrorFront(hub: string, prefix = "/hub"): Promise<MirrorFront> {
  const asked: { path: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push({ path, authorization: request.headers.authorization });
    if (!path.startsWith(`${prefix}/`)) return void response.writeHead(404, { "content-type": "text/html" }).end();
    const headers = { ...request.headers, "x-by-mirror": "1" };
    const onward = httpRequest(`${hub}${path.slice(prefix.length)}`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
