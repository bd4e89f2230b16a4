import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { sharedUv } from "../../../tools/engine-environment.ts";
import { engineBench } from "./bench.ts";
import { programs, pythonPath } from "./engine-world.ts";
import { startForwardProxy } from "./forward-proxy.ts";
import { tinyWheel } from "./tiny-wheel.ts";

const bench = engineBench();
const onlyPython = () => programs(path.join(bench.folder, "only-python"), { python3: pythonPath() });

/** The index gets a uv in a wheel as uv's own are built, and the product pins it. */
async function offerUv(): Promise<void> {
  const script = `#!/bin/sh\nexec ${JSON.stringify(await sharedUv())} "$@"\n`;
  const uv = tinyWheel("uv", "0.99.0", { "uv-0.99.0.data/scripts/uv": script });
  bench.index.add(uv);
  bench.product.pinUv(uv);
}

describe("the way to the package index", () => {
  test("leads through the user's proxy, for fetching uv and for uv itself", async () => {
    await offerUv();
    const proxy = await startForwardProxy();
    const environment = bench.environment({ PATH: onlyPython(), HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
    const world = bench.open({ environment });
    const job = await world.install();
    expect(job).toMatchObject({ state: "succeeded" });
    expect(await world.jobLog(job.id)).toContain("uv: the pinned one from the package index");
    const authority = new URL(bench.index.origin).host;
    const byProxy = proxy.asked.filter((address) => address.includes(authority));
    expect(byProxy.length).toBeGreaterThanOrEqual(2);
    await proxy.close();
  }, 120_000);

  test("a proxy that cannot be reached is not gone around", async () => {
    const proxy = await startForwardProxy();
    await proxy.close();
    const world = bench.open({ environment: bench.environment({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url }) });
    expect(await world.install()).toMatchObject({ state: "failed" });
    expect(bench.index.asked).toEqual([]);
  }, 120_000);

  test("an index that sends on elsewhere: links of its pages count from there", async () => {
    await offerUv();
    const pages = createServer((request, response) => {
      const project = /^\/deep\/down\/simple\/([^/]+)\/$/.exec(request.url ?? "")?.[1];
      if (project === undefined) return void response.writeHead(404).end();
      response.writeHead(302, { location: `${bench.index.origin}/simple/${project}/` }).end();
    }).listen(0, "127.0.0.1");
    await once(pages, "listening");
    const url = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/deep/down/simple`;
    const world = bench.open({ environment: bench.environment({ PATH: onlyPython(), UV_DEFAULT_INDEX: url }) });
    const job = await world.install();
    expect(await world.jobLog(job.id)).toContain("uv: the pinned one from the package index");
    expect(job).toMatchObject({ state: "succeeded" });
    pages.closeAllConnections();
    pages.close();
    await once(pages, "close");
  }, 120_000);
});
