import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Alias } from "../../service/src/contract/aliases.ts";
import type { ApiKeyCreated } from "../../service/src/contract/keys.ts";
import type { RequestEntry, RequestStats } from "../../service/src/contract/requests.ts";
import type { RoutingTest } from "../../service/src/contract/routing.ts";
import { cuts, ok, refuses, startFakeRemote } from "../fakes/fake-remote.ts";
import type { FakeRemote } from "../fakes/fake-remote.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { gif } from "./gateway/images/pictures.ts";

const mine = "own/mine";
const other = "own/other";
const picture = `data:image/gif;base64,${gif(1, 1).toString("base64")}`;
let home: string;
let service: TestService;
let fake: FakeRemote;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-names-"));
  for (const model of [mine, other]) await writeCachedModel(join(home, "hub"), model, { text: model });
  [service, fake] = await Promise.all([startTestService({ home }), startFakeRemote()]);
  const remote = { baseUrl: fake.url, model: "their-name" };
  await service.call("POST", "/api/profiles", { slug: "cloud", kind: "remote", remote });
  await service.call("POST", "/api/profiles", { slug: "coder", model: mine });
}, 60_000);
afterEach(async () => {
  fake.answer = ok;
  await service.call("PATCH", "/api/settings", { aliases: null, routingRules: null, defaultModel: mine });
});
afterAll(async () => {
  await service.close();
  await fake.close();
  rmSync(home, { recursive: true, force: true });
});

const run = (...words: string[]) => runCommandLine(words, { environment: { MLX_MANAGER_HOME: home } });
const settings = (body: object) => service.call("PATCH", "/api/settings", body);
const explain = async (body: object): Promise<RoutingTest> =>
  (await service.call("POST", "/api/routing/test", body)).body;

interface Asked {
  readonly status: number;
  readonly model: string | null;
  readonly route: string | null;
  readonly body: { choices?: { message: { content: string } }[]; error?: { code: string; message: string } };
  row(): Promise<RequestEntry>;
}

async function ask(body: object, headers: Record<string, string> = {}): Promise<Asked> {
  const response = await fetch(`${service.address}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ messages: [{ role: "user", content: "Hi" }], ...body }),
  });
  const id = response.headers.get("x-request-id");
  return {
    ...{ status: response.status, body: (await response.json()) as Asked["body"] },
    ...{ model: response.headers.get("x-mlx-manager-model"), route: response.headers.get("x-mlx-manager-route") },
    row: async () => (await service.call("GET", `/api/requests/${id}`, undefined, owner())).body,
  };
}
const owner = () => ({ authorization: `Bearer ${readFileSync(join(home, "run/admin.key"), "utf8").trim()}` });
const said = ({ body }: Asked) => body.choices?.[0]?.message.content;
const long = [{ role: "user", content: "word ".repeat(6000) }];
const seen = [{ role: "user", content: [{ type: "image_url", image_url: { url: picture } }] }];

describe("aliases and patterns", () => {
  test("are set one by one, the most specific answers, and the answer names who did", async () => {
    await service.call("PUT", "/api/aliases/claude-*", { target: "coder" });
    await service.call("PUT", "/api/aliases/claude-*haiku*", { target: other });
    await service.call("PUT", "/api/aliases/team%2Fbest", { target: "not/here" });
    const { items } = (await service.call("GET", "/api/aliases")).body as { items: Alias[] };
    expect(items.map(({ name, model, isPattern }) => [name, model, isPattern])).toEqual([
      ["team/best", null, false],
      ["claude-*haiku*", other, true],
      ["claude-*", mine, true],
    ]);
    const sonnet = await ask({ model: "claude-sonnet-4-5" });
    expect([said(sonnet), sonnet.model, sonnet.route]).toEqual([mine, "coder", null]);
    expect(await sonnet.row()).toMatchObject({ requestedModel: "claude-sonnet-4-5", model: mine, route: null });
    expect(said(await ask({ model: "anthropic/claude-haiku-4-5" }))).toBe(other);
    const dead = await ask({ model: "team/best" });
    expect([dead.status, dead.body.error?.message]).toEqual([
      404,
      '"team/best" stands for not/here, which is not here. Download it, or change the alias.',
    ]);
    expect((await service.call("DELETE", "/api/aliases/claude-*")).status).toBe(200);
    expect((await service.call("DELETE", "/api/aliases/claude-*")).status).toBe(404);
    expect((await ask({ model: "claude-sonnet-4-5" })).status).toBe(404);
    expect((await service.call("PUT", "/api/aliases/coder", { target: other })).status).toBe(409);
    expect((await service.call("PUT", `/api/aliases/${"x/".repeat(150)}x`, { target: other })).status).toBe(400);
  });

  test("exact ones are listed in every protocol as what they stand for, patterns are not", async () => {
    await settings({ aliases: { "gpt-4o": "coder", "claude-best": other, "gpt-*": other, gone: "not/here" } });
    const { data } = (await service.call("GET", "/v1/models")).body as { data: { id: string; alias_of?: string }[] };
    const marked = data.filter((entry) => entry.alias_of !== undefined);
    expect(marked.map((entry) => [entry.id, entry.alias_of])).toEqual([
      ["gpt-4o", "coder"],
      ["claude-best", other],
    ]);
    expect(new Set(data.map(({ id }) => id)).size).toBe(data.length);
    const one = await service.call("GET", "/v1/models/gpt-5");
    expect(one.body).toMatchObject({ id: "gpt-5", alias_of: other });
    const version = { "anthropic-version": "2023-06-01" };
    const listed = await service.call("GET", "/v1/models?limit=1000", undefined, version);
    const { data: named } = listed.body as { data: { id: string; display_name: string }[] };
    expect(named.map(({ id, display_name: name }) => `${id}: ${name}`)).toEqual(
      expect.arrayContaining(["claude-best: claude-best (own/other)", "anthropic/gpt-4o: gpt-4o (coder)"]),
    );
    const { models } = (await service.call("GET", "/api/tags")).body as { models: { name: string; digest: string }[] };
    const digestOf = (name: string) => models.find((model) => model.name === name)?.digest;
    expect(digestOf("gpt-4o")).toBe(digestOf("coder"));
    expect(digestOf("gpt-*")).toBeUndefined();
  });

  test("mlx-manager aliases sets, lists and unsets, and the other commands know them", async () => {
    expect((await run("aliases", "set", "gpt-*", mine)).output).toBe(`gpt-* means ${mine}.\n`);
    expect(await run("aliases", "set", "claude-*", "not/here")).toMatchObject({
      ...{ output: "claude-* means not/here.\n" },
      errorOutput: "not/here is not here: until it is, claude-* is refused.\n",
    });
    expect((await run("aliases")).output).toMatch(/^claude-\* +not\/here +-\ngpt-\* +own\/mine +own\/mine$/m);
    expect((await run("start", "gpt-5")).code).toBe(0);
    expect((await run("start", "claude-x")).code).not.toBe(0);
    expect((await run("aliases", "unset", "gpt-*")).output).toBe("gpt-* means nothing any more.\n");
    expect((await run("aliases", "unset", "gpt-*")).code).toBe(5);
  });
});

describe("routing rules", () => {
  const rules = [
    { when: "image-without-vision", models: ["own/*"], to: "cloud" },
    { when: "prompt-too-long", to: "cloud" },
    { when: "model-not-here", models: ["claude-*"], to: "cloud" },
  ];

  test("routingRules let another service answer what the model here cannot, and the answer says so", async () => {
    const refused = [await ask({ messages: long }), await ask({ messages: seen }), await ask({ model: "claude-x" })];
    expect(refused.map(({ status, body }) => [status, body.error?.code])).toEqual([
      [400, "context_length_exceeded"],
      [400, "unsupported"],
      [404, "model_not_found"],
    ]);
    await settings({ routingRules: rules });
    const before = fake.requests.length;
    const moved = [await ask({ messages: long }), await ask({ messages: seen }), await ask({ model: "claude-x" })];
    expect(moved.map((each) => [said(each), each.model, each.route])).toEqual([
      ["Hello.", "cloud", "prompt-too-long"],
      ["Hello.", "cloud", "image-without-vision"],
      ["Hello.", "cloud", "model-not-here"],
    ]);
    expect(await moved[0]!.row()).toMatchObject({ route: "prompt-too-long", engine: "remote", requestedModel: null });
    const stays = await ask({ model: "coder" });
    expect([said(stays), stays.model, stays.route]).toEqual([mine, null, null]);
    expect((await ask({ model: "gpt-x" })).status).toBe(404);
    const count = fake.requests.slice(before).filter(({ body }) => body["stream"] === true).length;
    // The profile's start asks for one token; each request that was moved is one more.
    expect([3, 4]).toContain(count);
    const { groups } = (await service.call("GET", "/api/requests/stats?by=route&route=model-not-here"))
      .body as RequestStats;
    expect(groups).toMatchObject([{ route: "model-not-here", requests: 1 }]);
  });

  test("count for a count of tokens as well", async () => {
    const body = { model: "claude-x", messages: [{ role: "user", content: "Hi" }] };
    const count = () => service.call("POST", "/v1/messages/count_tokens", body);
    expect((await count()).status).toBe(404);
    await settings({ routingRules: rules });
    expect(await count()).toMatchObject({ status: 200, body: { input_tokens: expect.any(Number) } });
  });

  test("a request that has begun somewhere is never asked again elsewhere", async () => {
    await settings({ routingRules: [...rules, { when: "prompt-too-long", to: "cloud" }] });
    for (const answer of [refuses(500), cuts]) {
      fake.answer = answer;
      const count = fake.requests.length;
      const failed = await ask({ messages: long });
      expect([failed.status, failed.model, failed.route]).toEqual([502, "cloud", "prompt-too-long"]);
      expect(await failed.row()).toMatchObject({ engine: "remote", errorSource: "engine" });
      expect(fake.requests.length).toBe(count + 1);
    }
  });

  test("are refused for a profile that is not there or serves here", async () => {
    for (const to of ["nobody", "coder"]) {
      const { status, body } = await settings({ routingRules: [{ when: "prompt-too-long", to }] });
      expect([status, (body as Asked["body"]).error?.code]).toEqual([400, "invalid_request"]);
    }
  });

  test("are explained without running anything", async () => {
    await settings({ aliases: { "claude-*": "coder" }, routingRules: rules });
    const requests = fake.requests.length;
    const fits = await explain({ model: "claude-x", promptTokens: 100 });
    expect(fits).toMatchObject({ answer: { name: "coder", kind: "process", route: null }, error: null });
    expect(fits.headers).toEqual({ "x-mlx-manager-model": "coder" });
    const moved = await explain({ model: "claude-x", promptTokens: 5000 });
    expect(moved.steps.map(({ step, result }) => `${step}: ${result}`)).toEqual([
      ...["name: a profile of that name: no", "name: a model of that name: no", "name: a model at a revision: no"],
      ...["name: an alias: no", "name: without anthropic/: no", "name: without :latest: no", "name: a pattern: yes"],
      ...["can coder answer: no", "rule 1: image-without-vision to cloud: no"],
      ...["rule 2: prompt-too-long to cloud: yes", "can cloud answer: yes"],
    ]);
    expect(moved.headers).toEqual({ "x-mlx-manager-model": "cloud", "x-mlx-manager-route": "prompt-too-long" });
    expect((await explain({ prompt: "word ".repeat(6000) })).answer).toMatchObject({ route: "prompt-too-long" });
    expect((await explain({ model: mine, images: 1 })).answer).toMatchObject({ route: "image-without-vision" });
    expect(await explain({ model: "gpt-x" })).toMatchObject({ answer: null, error: { code: "model_not_found" } });
    expect(fake.requests.length).toBe(requests);
  });

  test("mlx-manager routing adds, lists, explains and removes", async () => {
    const added = await run("routing", "add", "--when", "model-not-here", "--to", "cloud", "--model", "gpt-*");
    expect(added.output).toMatch(/^ +1 +model-not-here +gpt-\* +cloud$/m);
    const tested = await run("routing", "test", "gpt-5");
    expect(tested.output).toContain("cloud (remote) answers, because of model-not-here.\n");
    expect(tested.output).toContain("x-mlx-manager-route: model-not-here\n");
    const refused = await run("routing", "test", "claude-5");
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining("Refused: There is no model")]);
    expect((await run("routing", "remove", "2")).code).toBe(5);
    expect((await run("routing", "remove", "1")).errorOutput).toContain("There is no rule");
  });
});

describe("sessions", () => {
  test("stay with what they began with while that can answer, each with each name on its own", async () => {
    await settings({ routingRules: [{ when: "model-not-here", models: ["later"], to: "cloud" }] });
    const session = { "x-claude-code-session-id": "session-1" };
    expect((await ask({ model: "later" }, session)).route).toBe("model-not-here");
    const { id } = (await service.call("POST", "/api/profiles", { slug: "later", model: mine })).body as { id: string };
    const again = await ask({ model: "later" }, session);
    expect([said(again), again.model, again.route]).toEqual(["Hello.", "cloud", "session"]);
    expect((await explain({ model: "later", session: "session-1" })).answer).toMatchObject({ route: "session" });
    expect((await explain({ model: "later", session: "session-2" })).answer).toMatchObject({ name: "later" });
    expect(said(await ask({ model: "later" }))).toBe(mine);
    expect(said(await ask({ model: "later" }, { "x-claude-code-session-id": "session-2" }))).toBe(mine);
    expect(said(await ask({ model: "coder" }, session))).toBe(mine);
    await settings({ routingRules: null });
    expect(said(await ask({ model: "later" }, session))).toBe(mine);
    await service.call("POST", `/api/profiles/${id}/stop`);
    await service.call("DELETE", `/api/profiles/${id}`);
  });

  test("a session that began here is moved for what does not fit, and comes back", async () => {
    await settings({ routingRules: [{ when: "prompt-too-long", to: "cloud" }] });
    const session = { session_id: "session-3", "user-agent": "codex_exec/0.169.0" };
    const routes = [];
    for (const messages of [undefined, long, undefined]) {
      routes.push((await ask({ model: "coder", ...(messages ? { messages } : {}) }, session)).route);
    }
    expect(routes).toEqual([null, "prompt-too-long", null]);
  });

  test("are in the log, with agent and helper: filtered, counted and listed", async () => {
    const child = { "session-id": "session-4", originator: "codex_exec", "x-openai-subagent": "review" };
    for (const _turn of [1, 2]) {
      expect((await ask({ model: "mlx-manager/demo", user: "session-5" })).status).toBe(200);
    }
    await ask({ model: "coder" }, { "session-id": "session-4", originator: "codex_exec" });
    const { subagent, agent, session } = await (await ask({ model: "coder" }, child)).row();
    expect({ subagent, agent, session }).toEqual({ subagent: true, agent: "codex", session: "session-4" });
    const count = async (query: string) => {
      return ((await service.call("GET", `/api/requests?${query}`)).body as { items: unknown[] }).items.length;
    };
    expect(await count("session=session-4")).toBe(2);
    expect(await count("session=session-4&subagent=true")).toBe(1);
    expect(await count("session=session-4&subagent=false")).toBe(1);
    expect(await count("agent=codex&session=session-1")).toBe(0);
    const stats = await service.call("GET", "/api/requests/stats?by=session,agent,subagent&session=session-4");
    const { groups } = stats.body as RequestStats;
    expect(groups).toMatchObject([
      { session: "session-4", agent: "codex", subagent: false, requests: 1 },
      { session: "session-4", agent: "codex", subagent: true, requests: 1 },
    ]);
    expect(groups[0]!.firstAt).toBe(groups[0]!.lastAt);
    const shown = await run("requests", "--stats", "--by", "session,agent", "--session", "session-4");
    expect(shown.output).toMatch(/^session-4 +codex +\d{4}-\d\d-\d\d [\d:]+ +2 /m);
    expect((await run("requests", "--session", "session-4", "--subagent", "--json")).json()).toMatchObject({
      items: [{ subagent: true }],
    });
  });
});

test("a key for some models is held to what answers in the end, by an alias or by a rule", async () => {
  await settings({
    ...{ aliases: { "gpt-4o": "coder", "claude-*": other } },
    routingRules: [{ when: "prompt-too-long", to: "cloud" }],
  });
  const key = async (name: string, models: string[]) => {
    const { body } = await service.call("POST", "/api/keys", { name, models }, owner());
    return body as ApiKeyCreated;
  };
  const narrow = await key("narrow", [mine]);
  const wide = await key("wide", [mine, "cloud"]);
  const as = ({ key: secret }: ApiKeyCreated) => ({ authorization: `Bearer ${secret}` });
  try {
    expect(said(await ask({ model: "gpt-4o" }, as(narrow)))).toBe(mine);
    expect((await ask({ model: "claude-x" }, as(narrow))).status).toBe(403);
    expect((await ask({ model: "gpt-4o", messages: long }, as(narrow))).body.error?.code).toBe(
      "context_length_exceeded",
    );
    expect((await ask({ model: "gpt-4o", messages: long }, as(wide))).model).toBe("cloud");
    const { body } = await service.call("GET", "/v1/models", undefined, as(narrow));
    const ids = (body as { data: { id: string }[] }).data.map(({ id }) => id);
    expect([ids.includes("gpt-4o"), ids.includes("cloud")]).toEqual([true, false]);
  } finally {
    for (const { id } of [narrow, wide]) await service.call("DELETE", `/api/keys/${id}`, undefined, owner());
  }
});
