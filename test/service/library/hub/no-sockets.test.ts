import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { startWebProxy } from "../../../fakes/web-proxy.ts";
import type { WebProxy } from "../../../fakes/web-proxy.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import { startServiceProcess } from "../../../tools/service-process.ts";
import type { ServiceProcess } from "../../../tools/service-process.ts";

/** Writes every connection and every question for a name that the process and its threads make. */
const witness = (path: string) => `
import { appendFileSync } from "node:fs";
import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
const note = (what) => appendFileSync(${JSON.stringify(path)}, what + "\\n");
note("watching");
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...words) {
  note("connect");
  return connect.apply(this, words);
};
const lookup = dns.lookup;
dns.lookup = (name, ...words) => {
  if (name !== "127.0.0.1") note("lookup " + name);
  return lookup(name, ...words);
};
const createSocket = dgram.createSocket;
dgram.createSocket = (...words) => {
  note("datagrams");
  return createSocket(...words);
};
`;

let folder: string;
let hub: FakeHub;
let proxy: WebProxy;
let seen: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-offline-"));
  seen = join(folder, "seen");
  writeFileSync(join(folder, "witness.mjs"), witness(seen));
  hub = await startFakeHub({ repos: [tinyRepo("org/tiny")], tokens: { hf_ann: { name: "ann" } } });
  proxy = await startWebProxy();
});
afterAll(async () => {
  await hub.close();
  await proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

async function everything(service: ServiceProcess): Promise<(string | undefined)[]> {
  const api = serviceApi(service.address);
  const codeOf = async (method: string, path: string, body?: unknown) => {
    try {
      await api.send(method, path, body);
      return undefined;
    } catch (error) {
      return (error as { body?: { error?: { code: string } } }).body?.error?.code;
    }
  };
  return [
    await codeOf("GET", "/api/hub/models?query=tiny"),
    await codeOf("GET", "/api/hub/models/org/tiny"),
    await codeOf("POST", "/api/downloads", { model: "org/tiny" }),
    await codeOf("PUT", "/api/hub/token", { token: "hf_ann" }),
    await codeOf("GET", "/api/hub/token"),
    await codeOf("POST", "/api/engines/mlx-lm/install"),
    await codeOf("GET", "/api/system"),
    await codeOf("GET", "/api/models"),
  ];
}

const start = async (environment: Readonly<Record<string, string>>) => {
  writeFileSync(seen, "");
  const home = mkdtempSync(join(folder, "home-"));
  return startServiceProcess({
    home,
    environment: {
      ...{ HF_ENDPOINT: hub.url, HF_TOKEN: "hf_ann", NODE_OPTIONS: `--import=${join(folder, "witness.mjs")}` },
      ...environment,
    },
  });
};

describe("offline", () => {
  test.each([{ HF_HUB_OFFLINE: "1" }, { TRANSFORMERS_OFFLINE: "yes" }, { MLX_MANAGER_OFFLINE_MODE: "true" }] as Record<
    string,
    string
  >[])(
    "%j: no socket is opened, not even to the proxy, whatever is asked for",
    async (mode) => {
      const service = await start({ ...mode, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
      const [search, detail, download, store, state] = await everything(service);
      expect({ search, detail, download, store, state }).toEqual({
        ...{ search: undefined, detail: "offline", download: "offline", store: "conflict", state: undefined },
      });
      await service.kill("SIGTERM");
      expect(new Set(readFileSync(seen, "utf8").trim().split("\n"))).toEqual(new Set(["watching"]));
      expect([hub.requests, proxy.forwarded, proxy.tunnels]).toEqual([[], [], []]);
    },
    60_000,
  );

  test("the same questions open sockets otherwise: the witness sees them", async () => {
    const service = await start({});
    await serviceApi(service.address).get("/api/hub/models?query=tiny");
    await service.kill("SIGTERM");
    expect(readFileSync(seen, "utf8")).toContain("connect");
  }, 120_000);
});
