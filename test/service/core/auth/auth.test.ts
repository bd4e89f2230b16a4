import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createAuth, loadAdminKey } from "../../../../service/src/core/auth/index.ts";
import { adminKey, masterKey, startHttpWorld } from "../../platform/http-world.ts";
import type { HttpWorld } from "../../platform/http-world.ts";

describe("a locked API", () => {
  let world: HttpWorld;
  beforeEach(async () => void (world = await startHttpWorld({ environment: { MLX_MANAGER_API_KEY: masterKey } })));
  afterEach(() => world.close());
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

  test.each(["/api/settings", "/api/jobs", "/openapi.json", "/v1/models", "/api/events", "/nowhere", "/API/HEALTH"])(
    "GET %s needs the key",
    async (target) => {
      const answer = await world.ask({ path: target });
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
      expect(answer.headers["x-request-id"]).toBeDefined();
    },
  );

  test("takes the master key and the account's own", async () => {
    for (const key of [masterKey, adminKey]) {
      expect((await world.ask({ path: "/api/jobs", headers: bearer(key) })).status).toBe(200);
    }
  });

  test.each([
    { authorization: "Bearer wrong" },
    { authorization: `Bearer ${masterKey}x` },
    { authorization: masterKey },
    { authorization: `Basic ${masterKey}` },
    { authorization: "Bearer " },
    { "x-api-key": masterKey },
  ])("refuses %j under /api", async (headers) => {
    const answer = await world.ask({ path: "/api/jobs", headers: headers as unknown as Record<string, string> });
    expect(answer).toMatchObject({ status: 401, json: { error: { code: "unauthorized" } } });
  });

  test("takes x-api-key under /v1, and answers a missing one in OpenAI's shape", async () => {
    const post = { method: "POST", path: "/v1/chat/completions", body: "{}" };
    const headers = { "content-type": "application/json" };
    const allowed = await world.ask({ ...post, headers: { ...headers, "x-api-key": masterKey } });
    expect(allowed).toMatchObject({ status: 200, json: { got: {} } });
    const refused = await world.ask({ ...post, headers });
    expect(refused.status).toBe(401);
    expect(refused.json).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
  });

  test("never takes a key from the query string", async () => {
    for (const name of ["key", "api_key", "token", "access_token", "authorization"]) {
      expect((await world.ask({ path: `/api/jobs?${name}=${masterKey}` })).status).toBe(401);
    }
  });

  test("leaves health free and tells it whether the caller proved a key", async () => {
    expect((await world.ask({ path: "/api/health" })).json).toEqual({ trusted: false });
    expect((await world.ask({ path: "/api/health", headers: bearer(masterKey) })).json).toEqual({ trusted: true });
    expect((await world.ask({ path: "/api/health", headers: bearer("wrong") })).json).toEqual({ trusted: false });
    expect((await world.ask({ method: "POST", path: "/api/health" })).status).toBe(401);
  });

  test.each(["/", "/api/jobs", "/v1/models", "/nowhere"])(
    "answers HEAD %s with an empty 200 that tells nothing",
    async (target) => {
      const answer = await world.ask({ method: "HEAD", path: target });
      expect(answer).toMatchObject({ status: 200, text: "" });
      expect(answer.headers["content-type"]).toBeUndefined();
      expect(answer.headers["x-request-id"]).toBeDefined();
    },
  );

  test("never logs or shows the key", async () => {
    await world.ask({ path: "/api/jobs/some", headers: bearer(masterKey) });
    await world.ask({ path: "/api/jobs", headers: bearer(`${masterKey}-wrong`) });
    expect(world.logged.length).toBeGreaterThan(0);
    expect(JSON.stringify(world.logged)).not.toContain(masterKey);
  });
});

test("an open API asks nobody, and a wrong key does no harm", async () => {
  const world = await startHttpWorld();
  try {
    expect((await world.ask({ path: "/api/jobs" })).status).toBe(200);
    expect((await world.ask({ path: "/api/jobs", headers: { authorization: "Bearer wrong" } })).status).toBe(200);
    expect((await world.ask({ path: "/api/health" })).json).toEqual({ trusted: true });
  } finally {
    await world.close();
  }
});

test("the scope of a key is admin for master and account key, and none for others", () => {
  const keys = { exist: () => false, find: () => null };
  const locked = createAuth({ masterKey, adminKey, keys });
  const scopeOf = (key: string) => locked.recognize(key)?.scope ?? null;
  expect([locked.isLocked(), scopeOf(masterKey), scopeOf(adminKey), scopeOf("")]).toEqual([
    ...[true, "admin", "admin", null],
  ]);
  const open = createAuth({ masterKey: null, adminKey, keys });
  expect([open.isLocked(), open.recognize(masterKey), open.recognize(adminKey)?.scope]).toEqual([false, null, "admin"]);
});

describe("run/admin.key", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), "mlx-manager-auth-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = () => path.join(folder, "admin.key");

  test("is made once, random and readable by its owner alone, and kept across starts", () => {
    const key = loadAdminKey(file());
    expect(key).toMatch(/^mlxm_[\w-]{43}$/);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(loadAdminKey(file())).toBe(key);
    rmSync(file());
    expect(loadAdminKey(file())).not.toBe(key);
  });

  test("that others could read is closed to them again", () => {
    const key = loadAdminKey(file());
    chmodSync(file(), 0o644);
    expect(loadAdminKey(file())).toBe(key);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test("that is damaged stops the start, without being replaced", () => {
    writeFileSync(file(), "short\n");
    expect(() => loadAdminKey(file())).toThrow("The file run/admin.key is damaged. Delete it and start again.");
    expect(readFileSync(file(), "utf8")).toBe("short\n");
  });
});
