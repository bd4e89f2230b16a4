import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createHub } from "../../../../service/src/library/hub/index.ts";
import type { Hub, HubDependencies } from "../../../../service/src/library/hub/index.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { catalog, tinyRepo } from "../../../fixtures/hub-repos.ts";
import { failureOf, handClock, recordedLog } from "../parts.ts";
import type { HandClock } from "../parts.ts";

const deadline = 15_000;
const byPopularity = { search: "qwen", author: "", sort: "downloads", limit: 4 } as const;

let fake: FakeHub;
let clock: HandClock;
let hub: Hub;
let log: ReturnType<typeof recordedLog>;
const open: Hub[] = [];
const { signal } = new AbortController();

function start(change: Partial<HubDependencies> = {}): Hub {
  const created = createHub({
    ...{ endpoint: fake.url, token: () => null, offline: false, proxy: null, caFile: null },
    ...{ deadlineMs: () => deadline, clock, log: log.log, random: () => 0.5, ...change },
  });
  open.push(created);
  return created;
}

beforeAll(async () => {
  const gated = tinyRepo("org/gated", { gated: "manual" });
  const hidden = tinyRepo("org/private", { private: true });
  const renamed = tinyRepo("org/new-name", { renamedFrom: ["org/old-name"] });
  const repos = [...catalog(60), tinyRepo("org/tiny"), gated, hidden, renamed, tinyRepo("bare")];
  const tokens = { hf_reader: { name: "reader" }, "mirror-token": { name: "member", reads: ["org/private"] } };
  fake = await startFakeHub({ repos, tokens, pageSizes: { tree: 3 } });
});
afterAll(() => fake.close());
beforeEach(() => {
  clock = handClock();
  log = recordedLog();
  hub = start();
});
afterEach(async () => {
  fake.reset();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** Lets every wait between attempts pass, until the call has ended. */
async function withWaits<Result>(call: Promise<Result>): Promise<{ result: Result; waits: number[] }> {
  const waits: number[] = [];
  let ended = false;
  const end = call.finally(() => (ended = true)).catch(() => undefined);
  while (!ended) {
    const passed = await Promise.race([clock.pass((milliseconds) => milliseconds !== deadline), end]);
    if (typeof passed === "number") waits.push(passed);
  }
  return { result: await call, waits };
}

describe("lists", () => {
  test("a page is one request, and pages follow each other without gaps or repeats", async () => {
    const first = await hub.listModels(byPopularity, signal);
    expect(fake.requests).toHaveLength(1);
    expect(fake.requests[0]?.query.getAll("filter")).toEqual(["mlx"]);
    const second = await hub.listModels({ ...byPopularity, cursor: first.nextCursor ?? "" }, signal);
    expect(fake.requests).toHaveLength(2);
    const whole = await hub.listModels({ ...byPopularity, limit: 8 }, signal);
    expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual(whole.entries.map(({ id }) => id));
    expect(whole.entries).toHaveLength(8);
  });

  test("the last page has no cursor", async () => {
    const page = await hub.listModels({ search: "tiny", author: "org", sort: "updated", limit: 50 }, signal);
    expect(page).toEqual({ entries: [expect.objectContaining({ id: "org/tiny", gated: "no" })], nextCursor: null });
  });

  test("an ownerless repository is shown under the owner _", async () => {
    const page = await hub.listModels({ search: "bare", author: "", sort: "likes", limit: 5 }, signal);
    expect(page.entries.map(({ id }) => id)).toEqual(["_/bare"]);
    expect((await hub.repository("_/bare", "main", signal)).id).toBe("_/bare");
  });
});

describe("repositories", () => {
  test("a repository is pinned to its commit, and its tree is whole over several pages", async () => {
    const repository = await hub.repository("org/tiny", "main", signal);
    expect(repository).toMatchObject({ id: "org/tiny", license: "apache-2.0", private: false, gated: "no" });
    const files = await hub.tree("org/tiny", repository.sha, signal);
    expect(files.map(({ path }) => path)).toEqual([
      ...[".gitattributes", "README.md", "config.json", "extra/notes.txt"],
      ...["model.safetensors", "tokenizer.json", "tokenizer_config.json"],
    ]);
    expect(files[4]).toMatchObject({
      algorithm: "sha256",
      blobId: expect.stringMatching(/^[0-9a-f]{64}$/),
      sizeBytes: 9728,
    });
    expect(files[2]).toMatchObject({ algorithm: "git-sha1", blobId: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(JSON.parse(await hub.text("org/tiny", repository.sha, "config.json", signal))).toMatchObject({
      model_type: "llama",
    });
  });

  test("a renamed repository answers with its present name", async () => {
    expect((await hub.repository("org/old-name", "main", signal)).id).toBe("org/new-name");
  });

  test.each([
    ["org/absent", "main", "repo_not_found_or_private"],
    ["org/private", "main", "repo_not_found_or_private"],
    ["org/tiny", "no-such-branch", "revision_not_found"],
    ["mlx-manager/demo", "main", "repo_not_found_or_private"],
    ["../../secret", "main", "repo_not_found_or_private"],
  ])("%s at %s: %s", async (model, revision, code) => {
    expect((await failureOf(hub.repository(model, revision, signal))).code).toBe(code);
  });

  test("a tree with a path that climbs is refused", async () => {
    const evil = async () =>
      new Response(JSON.stringify([{ type: "file", oid: "a".repeat(40), size: 1, path: "../x" }]));
    const failure = failureOf(start({ fetch: evil as never }).tree("org/tiny", "b".repeat(40), signal));
    expect(await failure).toMatchObject({ code: "unsupported", details: { path: "../x" } });
  });
});

describe("who may see what", () => {
  const config = async (one: Hub) =>
    one.text("org/gated", (await one.repository("org/gated", "main", signal)).sha, "config.json", signal);

  test("five refusals are told apart, each with its next step", async () => {
    const [anonymous, stranger, bad, secret] = await Promise.all([
      failureOf(config(hub)),
      failureOf(config(start({ token: () => "hf_reader" }))),
      failureOf(start({ token: () => "hf_stale" }).repository("org/tiny", "main", signal)),
      failureOf(hub.repository("org/private", "main", signal)),
    ]);
    expect(anonymous).toMatchObject({ code: "gated_no_token", details: { url: `${fake.url}/org/gated` } });
    expect(anonymous.message).toContain(`${fake.url}/org/gated`);
    expect(stranger).toMatchObject({ code: "gated_not_accepted", details: { url: `${fake.url}/org/gated` } });
    expect(bad.code).toBe("token_invalid");
    expect(secret.code).toBe("repo_not_found_or_private");
    expect(new Set([anonymous, stranger, bad, secret].map(({ message }) => message)).size).toBe(4);
  });

  test("a mirror's token that does not start with hf_ works", async () => {
    expect((await start({ token: () => "mirror-token" }).repository("org/private", "main", signal)).private).toBe(true);
  });

  test("links and redirects to another host stay on the endpoint, and the token never leaves it", async () => {
    const foreign: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      foreign.push(request.headers.authorization);
      response.setHeader("content-type", "application/json").end("{}");
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    try {
      fake.faults.add({ kind: "foreign-link", origin });
      const member = start({ token: () => "mirror-token" });
      const { sha } = await member.repository("org/old-name", "main", signal);
      expect(await member.tree("org/new-name", sha, signal)).toHaveLength(7);
      const first = await member.listModels(byPopularity, signal);
      await member.listModels({ ...byPopularity, cursor: first.nextCursor ?? "" }, signal);
      expect(foreign).toEqual([]);
      fake.faults.clear();
      fake.faults.add({ kind: "redirect", origin });
      await failureOf(member.repository("org/tiny", "main", signal));
      expect(foreign.filter((header) => header !== undefined)).toEqual([]);
      expect(log.text()).not.toContain("mirror-token");
    } finally {
      await stopServer(elsewhere);
    }
  });
});

describe("trouble on the way", () => {
  test("a busy Hub is asked again after growing waits, then the answer counts", async () => {
    fake.faults.add({ kind: "status", status: 503, times: 2 });
    const { result, waits } = await withWaits(hub.listModels(byPopularity, signal));
    expect(result.entries).toHaveLength(4);
    expect(waits).toEqual([300, 600]);
  });

  test("a Hub that stays busy is given up after four attempts", async () => {
    fake.faults.add({ kind: "status", status: 500 });
    const { result } = await withWaits(failureOf(hub.listModels(byPopularity, signal)));
    expect(result.code).toBe("hub_unreachable");
    expect(fake.requests).toHaveLength(4);
  });

  test("a short limit is waited for, a long one is told with its seconds", async () => {
    fake.faults.add({ kind: "rate-limit", seconds: 2, times: 1 });
    expect((await withWaits(hub.listModels(byPopularity, signal))).waits).toEqual([2500]);
    fake.faults.add({ kind: "rate-limit", seconds: 200, style: "retry-after" });
    const before = fake.requests.length;
    const refused = await failureOf(hub.listModels(byPopularity, signal));
    expect(refused).toMatchObject({
      code: "rate_limited",
      details: { retryAfterSeconds: 200, until: "2026-11-21T12:03:22.500Z" },
    });
    expect(fake.requests.length - before).toBe(1);
  });

  test("a cut body is asked for again", async () => {
    fake.faults.add({ kind: "drop", afterBytes: 20, times: 1 });
    expect((await withWaits(hub.listModels(byPopularity, signal))).result.entries).toHaveLength(4);
  });

  test("a silent Hub is left at the deadline, without another attempt", async () => {
    fake.faults.add({ kind: "stall", afterBytes: 0 });
    const answer = failureOf(hub.listModels(byPopularity, signal));
    await fake.waitForRequest(() => true);
    await clock.pass((milliseconds) => milliseconds === deadline);
    expect((await answer).code).toBe("hub_unreachable");
    expect(fake.requests).toHaveLength(1);
  });

  test("the caller's own abort ends it at once and is no failure of the Hub", async () => {
    fake.faults.add({ kind: "stall", afterBytes: 0 });
    const leaving = new AbortController();
    const answer = hub.listModels(byPopularity, leaving.signal);
    await fake.waitForRequest(() => true);
    leaving.abort();
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    expect(clock.waiting()).toEqual([]);
  });

  test("a captive portal's page is not taken for the Hub", async () => {
    fake.faults.add({ kind: "html-page" });
    expect((await failureOf(hub.listModels(byPopularity, signal))).code).toBe("endpoint_not_a_hub");
    expect((await failureOf(hub.repository("org/tiny", "main", signal))).code).toBe("endpoint_not_a_hub");
  });

  test.each([["{}"], ["[1,2"], ["[null]"], ['[{"id":5}]']])("a list that is %s is not the Hub's", async (text) => {
    const odd = start({ fetch: (async () => new Response(text)) as never });
    expect((await failureOf(odd.listModels(byPopularity, signal))).code).toBe("endpoint_not_a_hub");
  });

  test("nobody at the endpoint: unreachable; a proxy that is not there: the proxy's fault", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await stopServer(closed);
    const alone = await withWaits(failureOf(start({ endpoint: address }).listModels(byPopularity, signal)));
    expect(alone.result.code).toBe("hub_unreachable");
    const proxied = start({ proxy: { https: null, http: address, noProxy: null } });
    expect((await failureOf(proxied.listModels(byPopularity, signal))).code).toBe("proxy_failed");
    expect(fake.requests).toHaveLength(0);
    const exempt = start({ proxy: { https: null, http: address, noProxy: "127.0.0.1" } });
    expect((await exempt.listModels(byPopularity, signal)).entries).toHaveLength(4);
  });

  test("offline no socket is opened", async () => {
    const cut = start({ offline: true });
    expect((await failureOf(cut.listModels(byPopularity, signal))).code).toBe("offline");
    expect((await failureOf(cut.repository("org/tiny", "main", signal))).code).toBe("offline");
    expect(fake.requests).toHaveLength(0);
  });
});

test("the worker's settings are plain data", () => {
  const settings = start({ token: () => "hf_reader", userAgent: "mlx-manager/1" }).transport();
  expect(structuredClone(settings)).toEqual({
    ...{ endpoint: fake.url, token: "hf_reader", userAgent: "mlx-manager/1", offline: false },
    ...{ proxy: null, caFile: null, segmentStallMs: 25_000 },
  });
});

function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
