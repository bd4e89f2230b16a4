import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";

import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub, Fault } from "../fakes/fake-hub/index.ts";
import { tinyRepo } from "../fixtures/hub-repos.ts";
import { readBody } from "./read-body.ts";

const size = 2 * 1024 * 1024;
const weights = "/own/model/resolve/main/model.safetensors";
const config = "/own/model/resolve/main/config.json";
let hub: FakeHub;
let content: Buffer;

beforeAll(async () => {
  hub = await startFakeHub();
  await hub.addRepo(tinyRepo("own/model", { files: { "model.safetensors": { size, seed: 3 } } }));
  content = (await readBody(await get(weights))).bytes;
});
afterEach(() => hub.reset());
afterAll(() => hub.close());

const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(new URL(path, hub.url), { headers, ...init });
const onCdn = (fault: Fault): (() => void) => hub.faults.add({ server: "cdn", file: "model.safetensors", ...fault });

describe("broken connections", () => {
  test.each(["rst", "fin"] as const)("a connection is cut by %s after the stated bytes", async (how) => {
    onCdn({ kind: "drop", afterBytes: 100_000, how, times: 1 });
    const { bytes, error } = await readBody(await get(weights));
    expect(error).toBeDefined();
    expect(bytes.length).toBeLessThanOrEqual(100_000);
    expect(hub.requests.at(-1)).toMatchObject({ bytesSent: 100_000, outcome: "aborted", faults: ["drop"] });
    expect((await readBody(await get(weights))).bytes.equals(content)).toBe(true);
  });

  test("a refused connection answers nothing", async () => {
    hub.faults.add({ kind: "refuse", path: "/api/models/own" });
    await expect(get("/api/models/own/model")).rejects.toThrow();
    expect(hub.requests.at(-1)?.status).toBe(0);
  });

  test("cut-every counts the bytes of a connection over all its responses", async () => {
    onCdn({ kind: "cut-every", bytes: 1024 * 1024, how: "fin" });
    const first = await readBody(await get(weights));
    expect([first.bytes.length, Boolean(first.error)]).toEqual([1024 * 1024, true]);
    const second = await readBody(await get(weights, { range: `bytes=${1024 * 1024}-` }));
    expect(Buffer.concat([first.bytes, second.bytes]).equals(content)).toBe(true);
  });

  test("a stalled body goes on when it is released", async () => {
    onCdn({ kind: "stall", afterBytes: 50_000 });
    const reading = get(weights).then(readBody);
    await hub.waitForRequest((request) => request.bytesSent === 50_000);
    hub.faults.release();
    expect((await reading).bytes.equals(content)).toBe(true);
  });

  test("a client that leaves a stalled body is seen to go", async () => {
    onCdn({ kind: "stall", afterBytes: 10 });
    const leaving = new AbortController();
    const response = await get(weights, {}, { signal: leaving.signal });
    leaving.abort();
    await hub.waitForRequest((request) => request.outcome === "aborted");
    expect((await readBody(response)).error?.name).toBe("AbortError");
  });
});

describe("wrong content", () => {
  test("one byte is flipped, also when it comes in a range", async () => {
    onCdn({ kind: "flip-byte", at: 5000 });
    const { bytes } = await readBody(await get(weights));
    expect(bytes[5000]).toBe(content[5000]! ^ 0xff);
    bytes[5000]! ^= 0xff;
    expect(bytes.equals(content)).toBe(true);
    const part = await readBody(await get(weights, { range: "bytes=4999-5001" }));
    expect(part.bytes[1]).toBe(content[5000]! ^ 0xff);
  });

  test("short and long bodies end in order with the wrong number of bytes", async () => {
    onCdn({ kind: "short-body", times: 1 });
    expect((await readBody(await get(weights))).bytes.length).toBe(size / 2);
    onCdn({ kind: "long-body", extraBytes: 7, times: 1 });
    expect((await readBody(await get(weights))).bytes.length).toBe(size + 7);
  });

  test("a web page comes in place of a file", async () => {
    hub.faults.add({ kind: "html-page", file: /config\.json$/, times: 1 });
    const response = await get(config);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect((await readBody(response)).bytes.toString()).toContain("<!DOCTYPE html>");
  });

  test("a compressed git file has no length and ignores ranges", async () => {
    hub.faults.add({ kind: "gzip", path: "/resolve-cache/" });
    const response = await get(config, { range: "bytes=0-9", "accept-encoding": "gzip" });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, null]);
    expect(JSON.parse((await readBody(response)).bytes.toString()).model_type).toBe("llama");
  });
});

describe("ranges", () => {
  const range = { range: "bytes=100-199" };

  test("range answers go wrong in four ways", async () => {
    onCdn({ kind: "wrong-content-range", times: 1 });
    expect((await get(weights, range)).headers.get("content-range")).toBe(`bytes 101-200/${size}`);
    onCdn({ kind: "wrong-content-range", total: 5, times: 1 });
    expect((await get(weights, range)).headers.get("content-range")).toBe("bytes 100-199/5");
    onCdn({ kind: "ignore-range", times: 1 });
    const whole = await get(weights, range);
    expect([whole.status, (await readBody(whole)).bytes.length]).toEqual([200, size]);
    onCdn({ kind: "range-not-satisfiable", times: 1 });
    expect((await get(weights, range)).status).toBe(416);
    expect((await get(weights, range)).status).toBe(206);
  });

  test("the ETag of the second half differs", async () => {
    const before = (await get(weights, range)).headers.get("etag");
    onCdn({ kind: "change-etag" });
    expect((await get(weights, range)).headers.get("etag")).not.toBe(before);
    expect((await get(weights, { ...range, "if-range": before! })).status).toBe(200);
  });
});

describe("refusals and addresses", () => {
  test("429 and 503 come as often as asked, after the requests that were to pass", async () => {
    hub.faults.add({ kind: "rate-limit", seconds: 2, path: "/tree/", skip: 1, times: 1 });
    const tree = (): Promise<Response> => get("/api/models/own/model/tree/main");
    expect((await tree()).status).toBe(200);
    const limited = await tree();
    expect([limited.status, limited.headers.get("ratelimit")]).toEqual([429, '"api";r=0;t=2']);
    hub.faults.add({ kind: "status", status: 503, times: 2 });
    expect([(await tree()).status, (await tree()).status, (await tree()).status]).toEqual([503, 503, 200]);
  });

  test("a signed address stops working after its uses, or when all are expired", async () => {
    hub.faults.add({ kind: "expire-url", uses: 1, times: 1 });
    const sign = async (): Promise<string> => (await get(weights, {}, { redirect: "manual" })).headers.get("location")!;
    const once = await sign();
    expect([(await fetch(once)).status, (await fetch(once)).status]).toEqual([200, 403]);
    const longer = await sign();
    hub.expireSignedUrls();
    expect((await fetch(longer)).status).toBe(403);
  });

  test("Link and Location name a foreign host", async () => {
    hub.faults.add({ kind: "foreign-link", origin: "http://elsewhere.invalid" });
    await hub.addRepo(tinyRepo("own/second"));
    expect((await get("/api/models?limit=1")).headers.get("link")).toMatch(
      /^<http:\/\/elsewhere\.invalid\/api\/models/,
    );
    const location = (await get(config, {}, { redirect: "manual" })).headers.get("location");
    expect(location).toMatch(/^http:\/\/elsewhere\.invalid\/api\/resolve-cache\//);
  });

  test("slow connections still deliver every byte", async () => {
    onCdn({ kind: "bandwidth", bytesPerSecond: 40 * 1024 * 1024 });
    hub.faults.add({ kind: "latency", milliseconds: 1 });
    expect((await readBody(await get(weights))).bytes.equals(content)).toBe(true);
  });
});
