import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createHub, redirectTarget } from "../../../../service/src/library/hub/index.ts";
import type { Hub } from "../../../../service/src/library/hub/index.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { startMirrorFront } from "../../../fakes/mirror-front.ts";
import type { MirrorFront } from "../../../fakes/mirror-front.ts";
import { catalog, tinyRepo } from "../../../fixtures/hub-repos.ts";
import { handClock, recordedLog } from "../parts.ts";

const token = "company-mirror-key";
const { signal } = new AbortController();
const popular = { search: "qwen", author: "", sort: "downloads", limit: 4 } as const;
let fake: FakeHub;
let mirror: MirrorFront;
let hub: Hub;
let log: ReturnType<typeof recordedLog>;
/** A host that is neither: where the token must never arrive. */
let elsewhere: Server;
let foreign: (string | undefined)[];

beforeAll(async () => {
  const repos = [...catalog(20), tinyRepo("org/tiny"), tinyRepo("org/new", { renamedFrom: ["org/old"] })];
  fake = await startFakeHub({ repos, tokens: { [token]: { name: "member" } }, pageSizes: { tree: 3 } });
  mirror = await startMirrorFront(fake.url);
  elsewhere = createServer((request, response) => {
    foreign.push(request.headers.authorization);
    response.setHeader("content-type", "application/json").end("{}");
  });
  elsewhere.listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
});
afterAll(async () => {
  elsewhere.closeAllConnections();
  elsewhere.close();
  await mirror.close();
  await fake.close();
});
beforeEach(() => {
  foreign = [];
  mirror.asked.splice(0);
  log = recordedLog();
  hub = createHub({
    ...{ endpoint: mirror.url, token: () => token, offline: false, proxy: null, caFile: null },
    ...{ deadlineMs: () => 15_000, clock: handClock(), log: log.log, random: () => 0.5 },
  });
});
afterEach(async () => {
  fake.reset();
  await hub.close();
});
const elsewhereOrigin = () => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;

/** Everything the service asks a Hub for. */
async function askForEverything(): Promise<void> {
  const first = await hub.listModels(popular, signal);
  const second = await hub.listModels({ ...popular, cursor: first.nextCursor }, signal);
  expect(new Set([...first.entries, ...second.entries].map(({ id }) => id)).size).toBe(8);
  const { sha } = await hub.repository("org/old", "main", signal);
  expect(await hub.tree("org/new", sha, signal)).toHaveLength(7);
  expect((await hub.details("org/tiny", null, signal)).sizes).toHaveLength(7);
  expect(JSON.parse(await hub.text("org/new", sha, "config.json", signal))).toMatchObject({ model_type: "llama" });
  expect(await hub.whoAmI(token, signal)).toEqual({ name: "member" });
}

describe("a mirror below a path", () => {
  test("answers everything, also where the Hub's own links and redirects know nothing of it", async () => {
    await askForEverything();
    expect(mirror.asked.every(({ path }) => path.startsWith("/hub/"))).toBe(true);
    expect(fake.requests.every(({ headers }) => headers["x-by-mirror"] === "1")).toBe(true);
    expect(mirror.asked.every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
  });

  test("is not left where links and redirects name the original host", async () => {
    fake.faults.add({ kind: "foreign-link", origin: elsewhereOrigin() });
    await askForEverything();
    expect(foreign).toEqual([]);
    expect(log.text()).not.toContain(token);
  });

  test("large files come from storage, which never sees the token", async () => {
    const { sha } = await hub.repository("org/tiny", "main", signal);
    expect((await hub.text("org/tiny", sha, "tokenizer.json", signal)).length).toBeGreaterThan(0);
    const stored = fake.requests.filter(({ server }) => server === "cdn");
    expect(stored.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("that sends on to the very same page elsewhere is followed, without the token", async () => {
    fake.faults.add({ kind: "redirect", origin: `${elsewhereOrigin()}/hub`, path: "/org/tiny/resolve" });
    const { sha } = await hub.repository("org/tiny", "main", signal);
    expect(await hub.text("org/tiny", sha, "config.json", signal)).toBe("{}");
    expect(foreign).toEqual([undefined]);
  });
});

describe("where a redirect leads", () => {
  const plain = "https://mirror.example";
  const below = "https://mirror.example/hub";
  test.each([
    [
      "/api/resolve-cache/models/a/b/c/x.json?y",
      `${plain}/a/b/resolve/main/x.json`,
      plain,
      `${plain}/api/resolve-cache/models/a/b/c/x.json?y`,
    ],
    [
      "/api/resolve-cache/models/a/b/c/x.json",
      `${below}/a/b/resolve/main/x.json`,
      below,
      `${below}/api/resolve-cache/models/a/b/c/x.json`,
    ],
    ["/hub/api/models/a/b", `${below}/api/models/a/c`, below, `${below}/api/models/a/b`],
    ["https://huggingface.co/api/models/a/b", `${below}/api/models/a/c`, below, `${below}/api/models/a/b`],
    ["https://huggingface.co/a/b/resolve/main/x", `${below}/a/b/resolve/HEAD/x`, below, `${below}/a/b/resolve/main/x`],
    [
      "https://huggingface.co/gpt2/resolve/main/x",
      `${below}/gpt2/resolve/HEAD/x`,
      below,
      `${below}/gpt2/resolve/main/x`,
    ],
    // The very page: the mirror does not have it and says who does; from there on it is the other one's word that counts.
    [
      "https://huggingface.co/a/b/resolve/main/x",
      `${plain}/a/b/resolve/main/x`,
      plain,
      "https://huggingface.co/a/b/resolve/main/x",
    ],
    [
      "/api/resolve-cache/models/x",
      "https://huggingface.co/a/b/resolve/main/x",
      plain,
      "https://huggingface.co/api/resolve-cache/models/x",
    ],
    [
      "https://cdn.example/xet/abc?Signature=1",
      `${plain}/a/b/resolve/main/x`,
      plain,
      "https://cdn.example/xet/abc?Signature=1",
    ],
    ["/files/abc", `${below}/a/b/resolve/main/x`, below, `${plain}/files/abc`],
    ["ftp://cdn.example/x", `${plain}/a`, plain, null],
    ["http://[", `${plain}/a`, plain, null],
  ])("%s of %s", (location, current, endpoint, expected) => {
    expect(redirectTarget(location, current, endpoint)).toBe(expected);
  });
});
