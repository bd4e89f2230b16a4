import { join } from "node:path";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Profile } from "../../service/src/contract/profiles.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { callsTool, cuts, hangs, ok, refuses, startFakeRemote } from "../fakes/fake-remote.ts";
import type { FakeRemote, RemoteAnswer } from "../fakes/fake-remote.ts";
import { makeCertificates } from "../tools/certificates.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { secretsBelow } from "../tools/secret-search.ts";

const key = "sk-remote-0123456789-secret";
const question = { messages: [{ role: "user", content: "Hi" }] };
let service: TestService;
let fake: FakeRemote;
let count = 0;
beforeAll(async () => {
  service = await startTestService();
  fake = await startFakeRemote();
});
afterEach(() => {
  fake.answer = ok;
});
afterAll(async () => {
  await service.close();
  await fake.close();
});

const create = async (request: object) => {
  const body = { slug: `remote-${(count += 1)}`, kind: "remote", ...request };
  return (await service.call("POST", "/api/profiles", body)).body as Profile;
};
type Refusal = { error?: { code: string } };
const ask = (model: string, changes: object = {}) =>
  service.call("POST", "/v1/chat/completions", { model, ...question, ...changes });
const serverOf = async (profileId: string) => {
  const { items } = (await service.call("GET", "/api/servers")).body as { items: Server[] };
  return items.find((server) => server.profileId === profileId)!;
};
const untilServer = (fits: (server: Server) => boolean): Promise<Server> =>
  new Promise((resolve) => {
    const stop = service.service.events.listen((event) => {
      if (event.type !== "server.changed" || !fits(event.data)) return;
      stop();
      resolve(event.data);
    });
  });

describe("a remote service behind a profile", () => {
  test("is another MLX Manager with its own key: the same answer, tool calls and usage", async () => {
    const second = await startTestService({ environment: { MLX_MANAGER_API_KEY: key } });
    try {
      const remote = { baseUrl: `${second.address}/v1`, model: "mlx-manager/demo" };
      const { slug, id } = await create({ remote, remoteKey: key });
      const direct = await second.call(
        ...(["POST", "/v1/chat/completions"] as const),
        { model: "mlx-manager/demo", ...question },
        { authorization: `Bearer ${key}` },
      );
      const through = (await ask(slug!)).body as { model: string; choices: unknown };
      expect(through.choices).toEqual((direct.body as { choices: unknown }).choices);
      expect(through.model).toBe(slug);
      expect(await serverOf(id)).toMatchObject({
        ...{ kind: "remote", engine: "remote", state: "ready", healthStatus: "healthy" },
        ...{ pid: null, port: null, memory: null, reservedBytes: 0 },
      });
    } finally {
      await second.close();
    }
  }, 120_000);

  test("offline, is refused at once unless it is on this machine", async () => {
    const offline = await startTestService({ environment: { MLX_MANAGER_OFFLINE_MODE: "true" } });
    try {
      for (const [slug, baseUrl] of Object.entries({ near: fake.url, far: "http://192.0.2.1/v1" })) {
        const body = { slug, kind: "remote", remote: { baseUrl, model: "their-name" } };
        await offline.call("POST", "/api/profiles", body);
      }
      const answers = ["near", "far"].map((model) =>
        offline.call("POST", "/v1/chat/completions", { model, ...question }),
      );
      expect((await Promise.all(answers)).map(({ status, body }) => [status, (body as Refusal).error?.code])).toEqual([
        [200, undefined],
        [503, "offline"],
      ]);
    } finally {
      await offline.close();
    }
  });

  test("gets its own name for the model, its headers and its key, and no more than the client said", async () => {
    const remote = { baseUrl: fake.url, model: "their-name", headers: { "X-Team": "blue" } };
    const { slug } = await create({ remote, remoteKey: key });
    const { body } = (await ask(slug!, { temperature: 0 })) as { body: { model: string } };
    expect(body.model).toBe(slug);
    const last = fake.requests.at(-1)!;
    expect(last).toMatchObject({ path: "/v1/chat/completions", authorization: `Bearer ${key}` });
    expect(last.headers["x-team"]).toBe("blue");
    expect(last.body).toMatchObject({ model: "their-name", temperature: 0, stream: true });
    expect(last.body).not.toHaveProperty("max_tokens");
    const list = (await service.call("GET", "/v1/models")).body as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toContain(slug);
    expect(((await service.call("GET", `/v1/models/${slug}`)).body as { id: string }).id).toBe(slug);
  });

  test.each([false, true])("its tool calls survive, in pieces as they come (stream: %s)", async (isStreamed) => {
    fake.answer = callsTool;
    const { slug } = await create({ remote: { baseUrl: fake.url, model: "m" } });
    const tools = [{ type: "function", function: { name: "get_weather", parameters: { type: "object" } } }];
    const response = await fetch(`${service.address}/v1/chat/completions`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ model: slug, stream: isStreamed, tools, ...question }),
    });
    const text = await response.text();
    const calls = isStreamed ? streamedCalls(text) : wholeCalls(text);
    expect(calls).toEqual([
      ["call_1", "get_weather", '{"city": "Paris"}'],
      ["call_2", "get_time", "{}"],
    ]);
    expect(fake.requests.at(-1)!.body["tools"]).toHaveLength(1);
  });

  test("its key is used decrypted and stored apart: no row, file, log, event or answer holds it", async () => {
    const events: unknown[] = [];
    const stop = service.service.events.listen((event) => void events.push(event));
    const { slug, id } = await create({ remote: { baseUrl: fake.url, model: "m" }, remoteKey: key });
    await ask(slug!);
    fake.answer = refuses(401);
    const refused = await ask(slug!);
    expect(refused).toMatchObject({
      status: 502,
      body: { error: { message: expect.stringMatching(/refused the key/) } },
    });
    fake.answer = refuses(400);
    const wrong = await ask(slug!);
    expect(wrong).toMatchObject({ status: 400, body: { error: { message: expect.stringMatching(/\[key\]/) } } });
    const shown = [
      ...[await service.call("GET", `/api/profiles/${id}`), await service.call("GET", `/api/profiles/${id}/export`)],
      ...[await serverOf(id), refused, wrong, events, service.logged],
    ];
    stop();
    expect(JSON.stringify(shown)).not.toContain(key);
    expect(JSON.stringify(shown)).toContain('"hasKey":true');
    expect(readFileSync(join(service.home, "secrets.json"), "utf8")).toContain(key);
    expect(secretsBelow(service.home, [{ name: "the key", text: key }]).found).toEqual(["secrets.json: the key"]);
  });

  test("a new key acts at the next request, without a restart", async () => {
    const { slug, id } = await create({ remote: { baseUrl: fake.url, model: "m" }, remoteKey: key });
    await ask(slug!);
    const changed = (await service.call("PATCH", `/api/profiles/${id}`, { remoteKey: "other-key" })).body;
    expect(changed).toMatchObject({ needsRestart: false, remote: { hasKey: true } });
    await ask(slug!);
    expect(fake.requests.at(-1)!.authorization).toBe("Bearer other-key");
  });
});

describe("a remote service that fails", () => {
  test.each<[string, RemoteAnswer, number, RegExp]>([
    ["refuses the key", refuses(401), 502, /refused the key \(401\)/],
    ["has enough", refuses(429, { "retry-after": "7" }), 429, /no more requests/],
    ["breaks off", cuts, 502, /./],
    ["redirects", refuses(307, { location: "http://127.0.0.1:9/elsewhere" }), 502, /not followed/],
  ])("that %s: the client is told, after three times nobody is sent there", async (_what, answer, status, text) => {
    const { slug, id } = await create({ remote: { baseUrl: fake.url, model: "m" }, remoteKey: key });
    expect((await ask(slug!)).status).toBe(200);
    const opened = untilServer((server) => server.profileId === id && server.state === "unhealthy");
    fake.answer = answer;
    for (let time = 0; time < 3; time += 1) {
      const failed = (await ask(slug!)) as { status: number; body: { error: { message: string } } };
      expect([failed.status, failed.body.error.message]).toEqual([status, expect.stringMatching(text)]);
    }
    expect(await opened).toMatchObject({ healthStatus: "unhealthy", failureCount: 3 });
    const before = fake.requests.length;
    expect(await ask(slug!)).toMatchObject({
      status: 502,
      body: { error: { message: expect.stringMatching(/It is tried again in \d+ seconds/) } },
    });
    expect(fake.requests.length).toBe(before);
  });

  test("a client that leaves, and a request that is wrong, are no failure of it", async () => {
    const { slug, id } = await create({ remote: { baseUrl: fake.url, model: "m" } });
    await ask(slug!);
    fake.answer = refuses(400);
    for (let time = 0; time < 4; time += 1) expect((await ask(slug!)).status).toBe(400);
    fake.answer = hangs;
    for (let time = 0; time < 4; time += 1) {
      const left = new AbortController();
      const arrived = fake.next();
      const asked = fetch(`${service.address}/v1/chat/completions`, {
        ...{ method: "POST", headers: { "content-type": "application/json" }, signal: left.signal },
        body: JSON.stringify({ model: slug, stream: true, ...question }),
      }).catch(() => null);
      await arrived;
      left.abort();
      await asked;
    }
    expect(await serverOf(id)).toMatchObject({ state: "ready", failureCount: 0 });
  });

  test("that is not there or knows no such model: the start fails with the reason", async () => {
    const gone = await create({ remote: { baseUrl: "http://127.0.0.1:9/v1", model: "m" } });
    expect((await ask(gone.slug!)).body).toMatchObject({
      error: { message: expect.stringMatching(/^127\.0\.0\.1:9 is not ready: the connection failed/) },
    });
    expect(await serverOf(gone.id)).toMatchObject({ state: "failed", kind: "remote" });
    fake.answer = refuses(404);
    const unknown = await create({ remote: { baseUrl: fake.url, model: "m" } });
    expect((await ask(unknown.slug!)).body).toMatchObject({
      error: { message: expect.stringMatching(/no such address or model/) },
    });
  });

  test("whose certificate nobody vouches for gets neither request nor key", async () => {
    const certificates = makeCertificates();
    const tls = await startFakeRemote(certificates);
    try {
      const { slug } = await create({ remote: { baseUrl: tls.url, model: "m" }, remoteKey: key });
      expect((await ask(slug!)).body).toMatchObject({
        error: { message: expect.stringMatching(/certificate is not trusted/) },
      });
      expect(tls.requests).toEqual([]);
    } finally {
      await tls.close();
      certificates.remove();
    }
  });
});

function wholeCalls(text: string): unknown[] {
  interface Call {
    id: string;
    function: { name: string; arguments: string };
  }
  const answer = JSON.parse(text) as { choices: { message: { tool_calls: Call[] } }[] };
  return answer.choices[0]!.message.tool_calls.map((call) => [call.id, call.function.name, call.function.arguments]);
}

function streamedCalls(text: string): unknown[] {
  const calls: [string, string, string][] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("data: {")) continue;
    const chunk = JSON.parse(line.slice(6)) as {
      choices: {
        delta: { tool_calls?: { index: number; id?: string; function: { name?: string; arguments: string } }[] };
      }[];
    };
    for (const call of chunk.choices[0]?.delta.tool_calls ?? []) {
      calls[call.index] ??= [call.id ?? "", call.function.name ?? "", ""];
      calls[call.index]![2] += call.function.arguments;
    }
  }
  return calls;
}
