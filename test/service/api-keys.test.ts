import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ApiKey, ApiKeyCreate, ApiKeyCreated } from "../../service/src/contract/keys.ts";
import type { RequestEntry } from "../../service/src/contract/requests.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";

const mine = "own/mine";
const other = "own/other";
let home: string;
let service: TestService;
let owner: Record<string, string>;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-keys-"));
  for (const model of [mine, other]) await writeCachedModel(join(home, "hub"), model);
  service = await startTestService({ home });
  owner = { authorization: `Bearer ${readFileSync(join(home, "run/admin.key"), "utf8").trim()}` };
}, 60_000);
afterAll(async () => {
  await service.close();
  rmSync(home, { recursive: true, force: true });
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const run = (...words: string[]) => runCommandLine(words, { environment: { MLX_MANAGER_HOME: home } });
async function create(wish: Partial<ApiKeyCreate> & { name: string }): Promise<ApiKeyCreated> {
  const { status, body } = await service.call("POST", "/api/keys", wish, owner);
  expect(status).toBe(201);
  return body;
}
const revoke = ({ id }: ApiKey) => service.call("DELETE", `/api/keys/${id}`, undefined, owner);
const bodies: Record<string, (model: string) => object> = {
  "/v1/chat/completions": (model) => ({ model, messages: [{ role: "user", content: "Hi" }] }),
  "/v1/messages": (model) => ({ model, max_tokens: 50, messages: [{ role: "user", content: "Hi" }] }),
  "/v1/responses": (model) => ({ model, input: "Hi" }),
  "/api/chat": (model) => ({ model, stream: false, messages: [{ role: "user", content: "Hi" }] }),
};
const ask = (path: string, model: string, headers: Record<string, string>) =>
  service.call("POST", path, bodies[path]?.(model), headers);

test("the first named key locks the service, the last one gone opens it again", async () => {
  expect((await service.call("GET", "/api/models")).status).toBe(200);
  const key = await create({ name: "first" });
  expect((await service.call("GET", "/api/models")).status).toBe(401);
  expect((await service.call("GET", "/api/models", undefined, owner)).status).toBe(200);
  expect((await service.call("GET", "/v1/models", undefined, bearer(key.key))).status).toBe(200);
  await revoke(key);
  expect((await service.call("GET", "/api/models")).status).toBe(200);
});

describe("a key for inference", () => {
  let key: ApiKeyCreated;
  beforeAll(async () => void (key = await create({ name: "app", models: [mine] })));
  afterAll(() => revoke(key));

  test("asks models, in every protocol and by x-api-key too, and manages nothing", async () => {
    for (const path of Object.keys(bodies)) {
      expect((await ask(path, mine, bearer(key.key))).status).toBe(200);
      expect((await ask(path, mine, { "x-api-key": key.key })).status).toBe(200);
    }
    for (const [method, path] of [
      ...[
        ["GET", "/api/models"],
        ["GET", "/api/settings"],
        ["GET", "/api/requests"],
        ["GET", "/api/keys"],
      ],
      ...[
        ["POST", "/api/keys"],
        ["GET", "/api/events"],
        ["GET", "/openapi.json"],
        ["DELETE", "/api/delete"],
      ],
      ...[
        ["POST", "/api/pull"],
        ["GET", "/api/chats"],
        ["POST", `/api/models/${mine}/load`],
      ],
    ] as const) {
      const { status, body } = await service.call(method, path, undefined, bearer(key.key));
      expect([method, path, status, JSON.stringify(body)]).toEqual([
        ...[method, path, 403, expect.stringContaining("This API key is for asking models alone.")],
      ]);
    }
    expect((await service.call("GET", "/api/tags", undefined, bearer(key.key))).status).toBe(200);
  });

  test("is refused other models in its protocol's own form, and sees no others", async () => {
    const answers = await Promise.all(Object.keys(bodies).map((path) => ask(path, other, bearer(key.key))));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(answers.map(({ body }) => body)).toEqual([
      { error: expect.objectContaining({ type: "permission_error", code: "forbidden" }) },
      expect.objectContaining({ type: "error", error: expect.objectContaining({ type: "permission_error" }) }),
      { error: expect.objectContaining({ type: "permission_error", code: "forbidden" }) },
      { error: expect.stringContaining("may not ask own/other") },
    ]);
    const list = (await service.call("GET", "/v1/models", undefined, bearer(key.key))).body as {
      data: { id: string }[];
    };
    expect(list.data.map(({ id }) => id)).toEqual([mine]);
    const tags = (await service.call("GET", "/api/tags", undefined, bearer(key.key))).body as {
      models: { name: string }[];
    };
    expect(tags.models.map(({ name }) => name)).toEqual([mine]);
    expect((await service.call("GET", `/v1/models/${other}`, undefined, bearer(key.key))).status).toBe(403);
    const log = (await service.call("GET", `/api/requests?key=${key.id}&status=403`, undefined, owner)).body as {
      items: RequestEntry[];
    };
    expect(log.items.map(({ protocol, errorCode }) => `${protocol} ${errorCode}`).sort()).toEqual([
      ...["anthropic forbidden", "ollama forbidden", "openai forbidden", "openai forbidden"],
    ]);
  });
});

test("a key for a profile asks that, not the model behind it", async () => {
  await service.call("POST", "/api/profiles", { slug: "coder", model: other }, owner);
  const key = await create({ name: "coder only", models: ["coder"] });
  expect((await ask("/v1/chat/completions", "coder", bearer(key.key))).status).toBe(200);
  expect((await ask("/v1/chat/completions", other, bearer(key.key))).status).toBe(403);
  const list = (await service.call("GET", "/v1/models", undefined, bearer(key.key))).body as { data: { id: string }[] };
  expect(list.data.map(({ id }) => id)).toEqual(["coder"]);
  // Both models are loaded by now: the key sees neither's own name, nor the other at work.
  await ask("/v1/chat/completions", mine, owner);
  const names = async (path: string, headers: Record<string, string>) => {
    const { body } = await service.call("GET", path, undefined, headers);
    return (body as { models: { name: string }[] }).models.map(({ name }) => name).sort();
  };
  expect(await names("/api/tags", bearer(key.key))).toEqual(["coder"]);
  expect(await names("/api/ps", bearer(key.key))).toEqual(["coder"]);
  expect(await names("/api/ps", owner)).toEqual(expect.arrayContaining(["coder", mine]));
  await revoke(key);
});

test("over its limit a key is told when to come back, in the protocol's own form, and the log has it", async () => {
  const key = await create({ name: "slow", requestsPerMinute: 1 });
  // Counting asks no engine, and agents count by the dozen.
  for (const [path, body] of [
    ["/v1/messages/count_tokens", { model: mine, messages: [{ role: "user", content: "Hi" }] }],
    ["/v1/responses/input_tokens", { model: mine, input: "Hi" }],
  ] as const)
    expect((await service.call("POST", path, body, bearer(key.key))).status).toBe(200);
  expect((await ask("/v1/chat/completions", mine, bearer(key.key))).status).toBe(200);
  const response = await fetch(`${service.address}/v1/messages`, {
    method: "POST",
    headers: { ...bearer(key.key), "content-type": "application/json" },
    body: JSON.stringify(bodies["/v1/messages"]?.(mine)),
  });
  expect([response.status, Number(response.headers.get("retry-after")) > 50]).toEqual([429, true]);
  expect(await response.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
  const { body } = await service.call("GET", `/api/requests?key=${key.id}&errors=true`, undefined, owner);
  expect(body).toMatchObject({ items: [{ errorCode: "rate_limited", status: 429, protocol: "anthropic" }] });
  await revoke(key);
});

test("wrong wishes are refused", async () => {
  for (const wish of [
    {},
    { name: "" },
    { name: "a", scope: "root" },
    { name: "a", models: [] },
    { name: "a", scope: "admin", models: [mine] },
  ])
    expect((await service.call("POST", "/api/keys", wish, owner)).status).toBe(400);
  expect((await service.call("DELETE", "/api/keys/key_none", undefined, owner)).status).toBe(404);
});

test("mlx-manager keys makes, lists and revokes", async () => {
  const made = await run("keys", "create", "laptop", "--model", mine, "--per-minute", "30");
  expect([made.code, made.output]).toEqual([0, expect.stringMatching(/^mlxm_[\w-]{43}\n$/)]);
  expect((await ask("/v1/chat/completions", mine, bearer(made.output.trim()))).status).toBe(200);
  const listed = await run("keys");
  expect(listed.output).toMatch(/^laptop +inference +own\/mine +30 +\d{4}-\d\d-\d\d +\d{4}-/m);
  expect(listed.output).not.toContain(made.output.trim());
  expect((await run("keys", "revoke", "laptop")).output).toBe("Revoked laptop.\n");
  expect((await run("keys", "revoke", "laptop")).code).toBe(5);
  expect((await run("keys", "--all")).output).toContain("laptop");
  expect(JSON.stringify(service.logged)).not.toContain(made.output.trim());
});
