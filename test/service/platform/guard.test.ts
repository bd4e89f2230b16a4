import { connect } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { hostName, isHostAllowed, isOriginAllowed } from "../../../service/src/platform/http/guard.ts";
import { startHttpWorld } from "./http-world.ts";
import type { HttpWorld } from "./http-world.ts";

let world: HttpWorld;
afterEach(() => world?.close());

const none = { hosts: [], origins: [] };

describe("the Host header", () => {
  test.each([
    ["localhost", "localhost"],
    ["LOCALHOST:10242", "localhost"],
    ["127.0.0.1:80", "127.0.0.1"],
    ["[::1]:10242", "::1"],
    ["[::1]", "::1"],
    ["", null],
    [undefined, null],
    ["a/b", null],
    ["localhost:port", null],
    ["localhost:1:2", null],
    ["localhost:123456", null],
  ])("%s names the host %s", (header, name) => expect(hostName(header)).toBe(name));

  test.each(["localhost", "127.0.0.1:1", "127.8.9.10", "[::1]:10242", "app.localhost:10242"])(
    "%s is loopback",
    (host) => expect(isHostAllowed(host, none)).toBe(true),
  );

  test.each([
    "evil.example",
    "localhost.evil.example:10242",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "127.1",
    "2130706433",
    "0.0.0.0",
    "user@localhost",
    "[::]",
    "192.168.1.5",
    "notlocalhost",
  ])("%s is foreign, whatever it resolves to", (host) => expect(isHostAllowed(host, none)).toBe(false));

  test("a listed name is allowed on any port", () => {
    expect(isHostAllowed("mac.local:10242", { ...none, hosts: ["mac.local"] })).toBe(true);
    expect(isHostAllowed("other.mac.local", { ...none, hosts: ["mac.local"] })).toBe(false);
  });

  test("a foreign one is answered 403 with the next step, and nothing is done", async () => {
    world = await startHttpWorld();
    const answer = await world.ask({ path: "/api/health", headers: { host: "evil.example" } });
    expect(answer).toMatchObject({ status: 403, json: { error: { code: "forbidden_host" } } });
    expect(answer.text).toContain("MLX_MANAGER_ALLOWED_HOSTS");
    expect(answer.headers["x-request-id"]).toBe((answer.json as { error: { requestId: string } }).error.requestId);
  });

  test("an absent one is refused, as HTTP/1.0 allows it", async () => {
    world = await startHttpWorld();
    const { port } = new URL(world.address);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET /api/health HTTP/1.0\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text).toContain("forbidden_host");
  });

  test("names of MLX_MANAGER_ALLOWED_HOSTS reach the guard", async () => {
    world = await startHttpWorld({ environment: { MLX_MANAGER_ALLOWED_HOSTS: "models.example" } });
    expect((await world.ask({ path: "/api/health", headers: { host: "Models.Example:443" } })).status).toBe(200);
  });
});

describe("the Origin header", () => {
  test.each([
    [undefined, true],
    ["http://localhost:10242", true],
    ["http://listed.example", true],
    ["https://localhost:10242", false],
    ["http://localhost:3000", false],
    ["http://localhost", false],
    ["null", false],
    ["", false],
    ["http://listed.example.evil", false],
  ])("%s is allowed: %s", (origin, allowed) =>
    expect(isOriginAllowed(origin, "localhost:10242", { hosts: [], origins: ["http://listed.example"] })).toBe(allowed),
  );

  test("a foreign page gets 403 and no CORS headers", async () => {
    world = await startHttpWorld();
    const answer = await world.ask({ path: "/api/health", headers: { origin: "https://evil.example" } });
    expect(answer).toMatchObject({ status: 403, json: { error: { code: "forbidden_origin" } } });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    const sandboxed = await world.ask({ path: "/api/health", headers: { origin: "null" } });
    expect(sandboxed.status).toBe(403);
  });

  test("a foreign page's preflight is refused", async () => {
    world = await startHttpWorld();
    const answer = await world.ask({
      method: "OPTIONS",
      path: "/api/settings",
      headers: { origin: "https://evil.example" },
    });
    expect(answer.status).toBe(403);
  });

  test("own and listed ones get CORS headers that caches keep apart", async () => {
    world = await startHttpWorld({ environment: { MLX_MANAGER_ALLOWED_ORIGINS: "http://localhost:3000" } });
    for (const origin of ["http://localhost:3000", `http://${world.host}`]) {
      const answer = await world.ask({ path: "/api/health", headers: { origin } });
      expect(answer).toMatchObject({
        status: 200,
        headers: {
          "access-control-allow-origin": origin,
          vary: "Origin",
          "access-control-expose-headers": expect.stringMatching(/x-request-id.*x-mlx-manager-route/),
        },
      });
    }
  });

  test("a listed page's preflight is answered without a key, before any route", async () => {
    world = await startHttpWorld({
      environment: {
        MLX_MANAGER_ALLOWED_ORIGINS: "http://localhost:3000",
        MLX_MANAGER_API_KEY: "master-key-of-the-test",
      },
    });
    const answer = await world.ask({
      method: "OPTIONS",
      path: "/v1/models",
      headers: { origin: "http://localhost:3000" },
    });
    expect(answer).toMatchObject({ status: 204, text: "" });
    expect(answer.headers["access-control-allow-headers"]).toContain("authorization");
    expect(answer.headers["x-request-id"]).toBeDefined();
  });
});
