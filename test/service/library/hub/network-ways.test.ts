import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { startMirrorFront } from "../../../fakes/mirror-front.ts";
import { startSocksProxy } from "../../../fakes/socks-proxy.ts";
import { startTlsFront } from "../../../fakes/tls-front.ts";
import type { TlsFront } from "../../../fakes/tls-front.ts";
import { startWebProxy } from "../../../fakes/web-proxy.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { makeCertificates } from "../../../tools/certificates.ts";
import type { Certificates } from "../../../tools/certificates.ts";
import { startTestService } from "../../../tools/compose-test.ts";

const model = "org/tiny";
const token = "company-mirror-key";
const weightBytes = 3_000_000;
let certificates: Certificates;
let fake: FakeHub;
let hub: TlsFront;
let storage: TlsFront;
const open: { close(): Promise<unknown> }[] = [];
const keep = <One extends { close(): Promise<unknown> }>(one: One): One => {
  open.push(one);
  return one;
};

beforeAll(async () => {
  certificates = makeCertificates();
  const files = { "model.safetensors": { size: weightBytes, seed: 5 } };
  fake = await startFakeHub({ repos: [tinyRepo(model, { files })], tokens: { [token]: { name: "member" } } });
  hub = await startTlsFront(fake.url, certificates);
  storage = await startTlsFront(fake.cdnUrl, certificates);
});
afterAll(async () => {
  await hub.close();
  await storage.close();
  await fake.close();
  certificates.remove();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  fake.reset();
});

/** Storage behind TLS too, as the real one is. */
function sendToSecureStorage(): void {
  fake.faults.add({
    kind: "foreign-link",
    origin: storage.url,
    path: "/resolve/",
    file: /safetensors$|tokenizer\.json$/,
  });
}

/** Searches and downloads with the whole service. */
async function useWith(environment: Readonly<Record<string, string>>) {
  const service = keep(await startTestService({ environment: { MLX_MANAGER_HF_ORGANIZATION: "", ...environment } }));
  const changed = service.service.events;
  const found = (await service.call("GET", "/api/hub/models?query=tiny")).body as { items?: unknown[] };
  const { id } = (await service.call("POST", "/api/downloads", { model })).body as Download;
  const download = await new Promise<Download>((resolve) => {
    const look = () => {
      const seen = service.service.downloads.get(id);
      if (["completed", "failed", "paused"].includes(seen.state)) resolve(seen);
    };
    changed.listen(look);
    look();
  });
  return { found: found.items?.length, state: download.state, error: download.error, logged: service.logged };
}

const trusted = () => ({ HF_ENDPOINT: hub.url, SSL_CERT_FILE: certificates.authorityPath });
const done = { found: 1, state: "completed", error: null };
const port = (url: string) => new URL(url).port;

describe("metadata and bytes go the same way", () => {
  test("through a tunnel with a login, to a Hub and storage with a company's certificate", async () => {
    sendToSecureStorage();
    const proxy = keep(await startWebProxy({ login: "ada:s3cret" }));
    const HTTPS_PROXY = proxy.url.replace("//", "//ada:s3cret@");
    const result = await useWith({ ...trusted(), HTTPS_PROXY });
    expect(result).toMatchObject(done);
    expect(new Set(proxy.tunnels)).toEqual(new Set([`localhost:${port(hub.url)}`, `localhost:${port(storage.url)}`]));
    expect(proxy.bytesBack).toBeGreaterThan(weightBytes);
    expect(JSON.stringify(result.logged)).not.toContain("s3cret");
  }, 120_000);

  test("what is named in NO_PROXY goes directly: here the bytes", async () => {
    sendToSecureStorage();
    const proxy = keep(await startWebProxy());
    const NO_PROXY = `localhost:${port(storage.url)}`;
    expect(await useWith({ ...trusted(), HTTPS_PROXY: proxy.url, NO_PROXY })).toMatchObject(done);
    expect(new Set(proxy.tunnels)).toEqual(new Set([`localhost:${port(hub.url)}`]));
    expect(proxy.bytesBack).toBeLessThan(weightBytes);
  }, 120_000);

  test("through a proxy that passes plain requests on", async () => {
    const proxy = keep(await startWebProxy());
    expect(await useWith({ HF_ENDPOINT: fake.url, HTTP_PROXY: proxy.url })).toMatchObject(done);
    expect(proxy.tunnels).toEqual([]);
    expect(new Set(proxy.forwarded.map((address) => new URL(address).origin))).toEqual(
      new Set([fake.url, fake.cdnUrl]),
    );
    expect(proxy.forwarded.length).toBeGreaterThanOrEqual(fake.requests.length);
  }, 120_000);

  test("through a SOCKS proxy for everything", async () => {
    sendToSecureStorage();
    const proxy = keep(await startSocksProxy({ login: { user: "ada", password: "s3cret" } }));
    const ALL_PROXY = `socks5h://ada:s3cret@localhost:${proxy.port}`;
    expect(await useWith({ ...trusted(), ALL_PROXY })).toMatchObject(done);
    expect(new Set(proxy.asked)).toEqual(
      new Set([`name localhost:${port(hub.url)}`, `name localhost:${port(storage.url)}`]),
    );
    expect(proxy.bytesBack).toBeGreaterThan(weightBytes);
  }, 120_000);

  test.each([
    [{}, "tls_failed"],
    [{ HTTPS_PROXY: "http://localhost:9" }, "proxy_failed"],
    [{ ALL_PROXY: "socks5://localhost:9" }, "proxy_failed"],
  ])(
    "a way that is closed, with %j, is told as %s, and nothing is tried around it",
    async (environment, code) => {
      const { state, error } = await useWith({ HF_ENDPOINT: hub.url, ...(environment as object) });
      expect({ state, code: error?.code }).toEqual({ state: "failed", code });
      expect(fake.requests).toEqual([]);
    },
    30_000,
  );
});

describe("a mirror below a path", () => {
  test("gives a whole model, with its own kind of token, which storage never sees", async () => {
    const mirror = keep(await startMirrorFront(fake.url));
    expect(await useWith({ HF_ENDPOINT: `${mirror.url}/`, HF_TOKEN: token })).toMatchObject(done);
    expect(mirror.asked.filter(({ path }) => !path.startsWith("/hub/"))).toEqual([]);
    expect(new Set(mirror.asked.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${token}`]));
    const stored = fake.requests.filter(({ server }) => server === "cdn");
    expect(stored.length).toBeGreaterThan(0);
    expect(stored.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  }, 120_000);

  test("is not left for the original host that its redirects name", async () => {
    const mirror = keep(await startMirrorFront(fake.url));
    const original = keep(await startWebProxy());
    const git = /^(?!.*(safetensors|tokenizer\.json)$)/;
    fake.faults.add({ kind: "foreign-link", origin: original.url, file: git });
    expect(await useWith({ HF_ENDPOINT: mirror.url, HF_TOKEN: token })).toMatchObject(done);
    expect([original.forwarded, original.logins]).toEqual([[], []]);
  }, 120_000);
});
