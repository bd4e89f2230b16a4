import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export interface FakePackage {
  name: string;
  version: string;
  /** Content of `bin/node`, the only file. */
  program: string;
}

export interface FakeRegistry {
  url: string;
  /** The published packages with the integrity of their bytes, as a pin would name it. */
  pins: { name: string; version: string; integrity: string }[];
  requests: string[];
  close: () => Promise<void>;
}

/** An npm registry on a free port that serves packages of one file each. */
export async function startFakeRegistry(packages: readonly FakePackage[]): Promise<FakeRegistry> {
  const published = packages.map((each) => {
    const archive = gzipSync(tarOf("package/bin/node", each.program));
    return { ...each, archive, integrity: `sha512-${createHash("sha512").update(archive).digest("base64")}` };
  });
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    const found = published.find(({ name }) => request.url?.split("/")[1] === name);
    if (found === undefined) return void response.writeHead(404).end();
    if (request.url?.endsWith(".tgz")) return void response.end(found.archive);
    const { name, version, integrity } = found;
    const dist = { integrity, tarball: `${url}/${name}/-/${name}-${version}.tgz` };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { name, version, dist } } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    pins: published.map(({ name, version, integrity }) => ({ name, version, integrity })),
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A ustar archive of a manifest and one program. */
function tarOf(path: string, content: string): Buffer {
  const manifest = tarEntry("package/package.json", "{}");
  return Buffer.concat([manifest, tarEntry(path, content), Buffer.alloc(1024)]);
}

function tarEntry(path: string, content: string): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000755\0", 100);
  header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write("0ustar\0", 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
