import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { fetch, request } from "undici";
import { connectionFailure, createDispatchers } from "../../../../service/src/library/hub/index.ts";
import type { Dispatchers, DispatcherSettings } from "../../../../service/src/library/hub/index.ts";
import { startSocksProxy } from "../../../fakes/socks-proxy.ts";
import type { SocksProxyOptions } from "../../../fakes/socks-proxy.ts";
import { startTlsFront } from "../../../fakes/tls-front.ts";
import type { TlsFront } from "../../../fakes/tls-front.ts";
import { startWebProxy } from "../../../fakes/web-proxy.ts";
import type { WebProxyOptions } from "../../../fakes/web-proxy.ts";
import { makeCertificates } from "../../../tools/certificates.ts";
import type { Certificates } from "../../../tools/certificates.ts";

const body = Buffer.alloc(300_000, "0123456789abcdef");
let certificates: Certificates;
let server: Server;
let secure: TlsFront;
let plain: string;
const seen: { url: string; host: string; authorization: string | undefined; login: string | undefined }[] = [];
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  certificates = makeCertificates();
  server = createServer((incoming, response) => {
    const { host = "", authorization, "proxy-authorization": login } = incoming.headers;
    seen.push({ url: incoming.url ?? "", host, authorization, login });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  plain = `http://localhost:${(server.address() as AddressInfo).port}`;
  secure = await startTlsFront(plain, certificates);
});
afterAll(async () => {
  await secure.close();
  server.closeAllConnections();
  server.close();
  certificates.remove();
});
afterEach(async () => {
  seen.splice(0);
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function through(address: string, more: Partial<DispatcherSettings> & { noProxy?: string } = {}): Dispatchers {
  const { noProxy = null, ...settings } = more;
  const proxy = { https: address, http: address, noProxy };
  const dispatchers = createDispatchers({ proxy, caFile: certificates.authorityPath, ...settings });
  open.push(dispatchers);
  return dispatchers;
}

const web = async (options?: WebProxyOptions) => {
  const proxy = await startWebProxy(options);
  open.push(proxy);
  return proxy;
};
const socks = async (options?: SocksProxyOptions) => {
  const proxy = await startSocksProxy(options);
  open.push(proxy);
  return proxy;
};

/** As metadata is asked for, and as bytes are. */
async function both(dispatchers: Dispatchers, address: string): Promise<void> {
  const headers = { authorization: "Bearer hf_x" };
  const metadata = await fetch(`${address}/list?a=1`, { dispatcher: dispatchers.forUrl(address), headers });
  expect(Buffer.from(await metadata.arrayBuffer()).equals(body)).toBe(true);
  const bytes = await request(`${address}/file`, { dispatcher: dispatchers.forUrl(address), headers });
  expect(Buffer.from(await bytes.body.arrayBuffer()).equals(body)).toBe(true);
}

/** The error that the person is told. */
async function failure(dispatchers: Dispatchers, address: string) {
  try {
    await both(dispatchers, address);
  } catch (error) {
    return connectionFailure(error, address, dispatchers.isProxied(address));
  }
  throw new Error("It was expected to fail and did not.");
}

describe("a web proxy", () => {
  test("tunnels to https addresses, and sees nothing of them", async () => {
    const proxy = await web();
    await both(through(proxy.url), secure.url);
    expect(proxy.tunnels.length).toBeGreaterThan(0);
    expect(new Set(proxy.tunnels)).toEqual(new Set([new URL(secure.url).host]));
    expect(proxy.bytesBack).toBeGreaterThan(2 * body.length);
    expect(seen.map(({ url }) => url)).toEqual(["/list?a=1", "/file"]);
  });

  test("is asked for http addresses as a whole, without a tunnel", async () => {
    const proxy = await web();
    await both(through(proxy.url), plain);
    expect(proxy.tunnels).toEqual([]);
    expect(proxy.forwarded).toEqual([`${plain}/list?a=1`, `${plain}/file`]);
    expect(seen.map(({ host, authorization }) => [host, authorization])).toEqual(
      Array(2).fill([new URL(plain).host, "Bearer hf_x"]),
    );
  });

  test("may itself speak TLS", async () => {
    const proxy = await web({ tls: certificates });
    const dispatchers = through(proxy.url);
    await both(dispatchers, secure.url);
    await both(dispatchers, plain);
    expect([proxy.tunnels.length > 0, proxy.forwarded.length]).toEqual([true, 2]);
    const untrusted = await failure(through(proxy.url, { caFile: null }), secure.url);
    expect(untrusted).toMatchObject({
      code: "tls_failed",
      message: expect.stringContaining("The proxy's certificate"),
    });
  });

  test("gets its login, with special characters, and the Hub does not", async () => {
    const proxy = await web({ login: "ada:p@ss:w%rd" });
    const dispatchers = through(proxy.url.replace("//", "//ada:p%40ss%3Aw%25rd@"));
    await both(dispatchers, secure.url);
    await both(dispatchers, plain);
    expect(seen.map(({ login }) => login)).toEqual(Array(4).fill(undefined));
  });

  test("a login that it does not want, or no login, is the proxy's trouble", async () => {
    const proxy = await web({ login: "ada:right" });
    for (const login of ["", "ada:wrong@", "ada:@"]) {
      const told = await failure(through(proxy.url.replace("//", `//${login}`)), secure.url);
      expect(told).toMatchObject({ code: "proxy_failed", details: { reason: "PROXY_LOGIN" } });
      expect(told.message).toContain("http://user:password@host:port");
      expect(JSON.stringify([told, String(told.cause)])).not.toContain("wrong");
    }
    for (const address of [secure.url, plain])
      expect(await failure(through(proxy.url), address)).toMatchObject({ details: { reason: "PROXY_LOGIN" } });
    const bytes = request(plain, { dispatcher: through(proxy.url).forUrl(plain) });
    await expect(bytes).rejects.toMatchObject({ code: "PROXY_LOGIN" });
  });

  test.each([
    [403, "proxy_failed", "NO_PROXY"],
    [503, "hub_unreachable", "The proxy cannot reach localhost"],
  ])("a tunnel answered with %i is %s", async (tunnelStatus, code, text) => {
    const proxy = await web({ tunnelStatus });
    expect(await failure(through(proxy.url), secure.url)).toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  test("one that is not there is told with what to set, for both schemes, and not gone around", async () => {
    const proxy = await startWebProxy();
    await proxy.close();
    for (const address of [secure.url, plain]) {
      const told = await failure(through(proxy.url), address);
      expect(told).toMatchObject({ code: "proxy_failed", message: expect.stringContaining("HTTPS_PROXY") });
    }
    const nowhere = await failure(through("http://no-such-proxy.invalid:3128"), secure.url);
    expect(nowhere.code).toBe("proxy_failed");
    expect(seen).toEqual([]);
  });

  test("what is named in NO_PROXY is asked directly, with bytes and all", async () => {
    const proxy = await web();
    const dispatchers = through(proxy.url, { noProxy: `localhost:${new URL(plain).port}` });
    await both(dispatchers, plain);
    expect([proxy.forwarded, proxy.tunnels, seen.length]).toEqual([[], [], 2]);
    await both(dispatchers, secure.url);
    expect(proxy.tunnels.length).toBeGreaterThan(0);
  });

  test("a certificate behind the tunnel that nobody knows is not the proxy's fault", async () => {
    const proxy = await web();
    const told = await failure(through(proxy.url, { caFile: null }), secure.url);
    expect(told).toMatchObject({ code: "tls_failed", message: expect.stringContaining("SSL_CERT_FILE") });
  });
});

describe("a SOCKS proxy", () => {
  test.each(["socks5", "socks5h"])("%s: names are resolved behind it, for metadata and bytes", async (scheme) => {
    const proxy = await socks({ names: { "hub.internal": "127.0.0.1" } });
    const dispatchers = through(`${scheme}://localhost:${proxy.port}`);
    await both(dispatchers, plain.replace("localhost", "hub.internal"));
    await both(dispatchers, secure.url);
    expect(new Set(proxy.asked)).toEqual(
      new Set([`name hub.internal:${new URL(plain).port}`, `name ${new URL(secure.url).host}`]),
    );
    expect(proxy.bytesBack).toBeGreaterThan(4 * body.length);
  });

  test("addresses go as addresses", async () => {
    const proxy = await socks();
    const dispatchers = through(`socks5://localhost:${proxy.port}`);
    await both(dispatchers, plain.replace("localhost", "127.0.0.1"));
    const port = new URL(plain).port;
    expect(new Set(proxy.asked)).toEqual(new Set([`ipv4 127.0.0.1:${port}`]));
    const refusing = await socks({ reply: 4 });
    await failure(through(`socks5://localhost:${refusing.port}`), "http://[2001:db8::a:1]:81");
    expect(refusing.asked[0]).toBe("ipv6 2001:db8:0:0:0:0:a:1:81");
  });

  test("a slow one, with a login of special characters", async () => {
    const proxy = await socks({ manner: "slow", login: { user: "ada", password: "p@ss:w%rd" } });
    await both(through(`socks5://ada:p%40ss%3Aw%25rd@localhost:${proxy.port}`), secure.url);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });

  test.each<[string, SocksProxyOptions, string, string, string]>([
    ["no login", { login: { user: "ada", password: "right" } }, "", "proxy_failed", "PROXY_LOGIN"],
    ["a wrong login", { login: { user: "ada", password: "right" } }, "ada:wrong@", "proxy_failed", "PROXY_LOGIN"],
    ["a rule against it", { reply: 2 }, "", "proxy_failed", "PROXY_REFUSED"],
    ["nobody at the address", { reply: 5 }, "", "hub_unreachable", "PROXY_TARGET"],
    ["another kind of server", { manner: "http" }, "", "proxy_failed", "PROXY_PROTOCOL"],
    ["an end at once", { manner: "hang-up" }, "", "proxy_failed", "PROXY_UNREACHABLE"],
  ])("%s is told", async (_title, options, login, code, reason) => {
    const proxy = await socks(options);
    const told = await failure(through(`socks5://${login}localhost:${proxy.port}`), secure.url);
    expect(told).toMatchObject({ code, details: { reason } });
    expect(JSON.stringify([told, String(told.cause)])).not.toContain("wrong");
  });

  test("one that is not there is told too", async () => {
    const proxy = await startSocksProxy();
    await proxy.close();
    const told = await failure(through(`socks5://localhost:${proxy.port}`), plain);
    expect(told).toMatchObject({ code: "proxy_failed", details: { reason: "PROXY_UNREACHABLE" } });
  });

  test("a certificate behind it that nobody knows is a question of trust", async () => {
    const proxy = await socks();
    const told = await failure(through(`socks5://localhost:${proxy.port}`, { caFile: null }), secure.url);
    expect(told.code).toBe("tls_failed");
  });

  test("a request that is given up closes its connection", async () => {
    const proxy = await socks();
    const dispatchers = through(`socks5://localhost:${proxy.port}`);
    const { body: bytes } = await request(plain, { dispatcher: dispatchers.forUrl(plain) });
    bytes.on("error", () => undefined).destroy();
    await dispatchers.close();
    expect(proxy.asked).toHaveLength(1);
  });
});
