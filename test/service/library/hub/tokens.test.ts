import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createSecrets } from "../../../../service/src/core/secrets/index.ts";
import { createHub, createHubTokens, createTokenSource } from "../../../../service/src/library/hub/index.ts";
import type { HubDependencies, HubTokens, TokenSource } from "../../../../service/src/library/hub/index.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { catalog, tinyRepo } from "../../../fixtures/hub-repos.ts";
import { failureOf, handClock, recordedLog } from "../parts.ts";

const { signal } = new AbortController();
const popular = { search: "qwen", author: "", sort: "downloads", limit: 4 } as const;
let fake: FakeHub;
let folder: string;
let log: ReturnType<typeof recordedLog>;
let clock: ReturnType<typeof handClock>;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const tokens = { hf_ann: { name: "ann" }, hf_bob: { name: "bob" }, "mirror-key": { name: "member" } };
  fake = await startFakeHub({ repos: [...catalog(20), tinyRepo("org/tiny")], tokens });
});
afterAll(() => fake.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-token-"));
  log = recordedLog();
  clock = handClock();
});
afterEach(async () => {
  fake.reset();
  await Promise.all(open.splice(0).map((one) => one.close()));
  rmSync(folder, { recursive: true });
});

const filePath = () => join(folder, "token");
const sourceOf = (hubToken: string | null = null): TokenSource =>
  createTokenSource({
    ...{ hubToken, hubTokenPath: filePath(), log: log.log },
    secrets: createSecrets({ secretsPath: join(folder, "secrets.json"), platform: "linux", log: log.log }),
  });

function start(source: TokenSource, change: Partial<HubDependencies> = {}) {
  const hub = createHub({
    ...{ endpoint: fake.url, token: source.current, offline: false, proxy: null, caFile: null },
    ...{ deadlineMs: () => 15_000, clock, log: log.log, random: () => 0.5, ...change },
  });
  open.push(hub);
  return { hub, tokens: createHubTokens({ source, hub, clock }) };
}

const asked = () => fake.requests.filter(({ path }) => path === "/api/whoami-v2").length;

describe("which token is used", () => {
  test("the variable wins, then the stored one, then the file; blanks and line ends do not count", async () => {
    const source = sourceOf();
    await source.load();
    expect(source.find()).toBeNull();
    writeFileSync(filePath(), " hf_file \r\n");
    expect(source.find()).toMatchObject({ source: "file", value: "hf_file" });
    await source.store("hf_stored");
    expect(source.find()).toMatchObject({ source: "stored", value: "hf_stored" });
    const fixed = sourceOf(" hf_variable\n");
    await fixed.load();
    expect(fixed.find()).toMatchObject({ source: "environment", value: "hf_variable" });
    const again = sourceOf("  ");
    await again.load();
    expect(again.current()).toBe("hf_stored");
    await again.remove();
    expect(again.current()).toBe("hf_file");
    writeFileSync(filePath(), "\n");
    expect(again.current()).toBeNull();
  });

  test("a token file that cannot be read, and one that is no token, are told and nothing is sent", async () => {
    mkdirSync(filePath());
    const source = sourceOf();
    expect(source.find()).toMatchObject({ source: "file", value: null, problem: { code: "token_invalid" } });
    const odd = sourceOf("hf_with space");
    expect(odd.find()).toMatchObject({ source: "environment", value: null, problem: { code: "token_invalid" } });
    const { hub, tokens } = start(odd);
    expect((await hub.listModels(popular, signal)).entries).toHaveLength(4);
    expect(await tokens.status(signal)).toMatchObject({ source: "environment", problem: { code: "token_invalid" } });
    expect(log.text()).not.toContain("hf_with");
  });

  test("a store that cannot be read does not keep the service from working", async () => {
    writeFileSync(join(folder, "secrets.json"), "{", { mode: 0o600 });
    const source = sourceOf();
    await source.load();
    const { hub, tokens } = start(source);
    expect((await hub.listModels(popular, signal)).entries).toHaveLength(4);
    expect(await tokens.status(signal)).toMatchObject({ source: "stored", problem: { code: "internal" } });
  });
});

describe("the token's state", () => {
  test("without a token there is nothing to ask", async () => {
    expect(await start(sourceOf()).tokens.status(signal)).toEqual({ source: null, name: null, problem: null });
    expect(asked()).toBe(0);
  });

  test("its account is asked for once", async () => {
    const { tokens } = start(sourceOf("hf_ann"));
    for (let count = 0; count < 3; count += 1)
      expect(await tokens.status(signal)).toEqual({ source: "environment", name: "ann", problem: null });
    expect(asked()).toBe(1);
  });

  test("one that the Hub refuses is told, and tried again after a while", async () => {
    const { tokens } = start(sourceOf("hf_stale"));
    const told = { source: "environment", name: null, problem: { code: "token_invalid" } };
    expect(await tokens.status(signal)).toMatchObject(told);
    expect(await tokens.status(signal)).toMatchObject(told);
    expect(asked()).toBe(1);
    clock.set(clock.now() + 6 * 60_000);
    fake.tokens.set("hf_stale", { name: "late" });
    expect(await tokens.status(signal)).toEqual({ source: "environment", name: "late", problem: null });
    fake.tokens.delete("hf_stale");
  });

  test("a Hub that cannot be asked is a problem of now, not of the token", async () => {
    const { tokens } = start(sourceOf("hf_ann"), { offline: true });
    expect(await tokens.status(signal)).toMatchObject({ source: "environment", problem: { code: "offline" } });
    fake.faults.add({ kind: "html-page", path: "whoami" });
    const portal = start(sourceOf("hf_ann")).tokens;
    expect(await portal.status(signal)).toMatchObject({ problem: { code: "endpoint_not_a_hub" } });
    fake.faults.clear();
    expect(await portal.status(signal)).toEqual({ source: "environment", name: "ann", problem: null });
  });
});

describe("storing a token", () => {
  const stored = async (tokens: HubTokens, token: string) => tokens.store(token, signal);

  test("asks the Hub whose it is, keeps it over a restart, and forgets it", async () => {
    const { tokens } = start(sourceOf());
    expect(await stored(tokens, "hf_ann")).toEqual({ source: "stored", name: "ann", problem: null });
    expect(fake.requests[0]?.headers.authorization).toBe("Bearer hf_ann");
    expect(asked()).toBe(1);
    expect(await stored(tokens, "hf_bob")).toEqual({ source: "stored", name: "bob", problem: null });
    const later = sourceOf();
    await later.load();
    expect(later.current()).toBe("hf_bob");
    expect(await tokens.remove(signal)).toEqual({ source: null, name: null, problem: null });
    expect(await tokens.remove(signal)).toEqual({ source: null, name: null, problem: null });
  });

  test("a wrong one is refused, and the one before stays", async () => {
    const source = sourceOf();
    const { tokens } = start(source);
    await stored(tokens, "hf_ann");
    expect((await failureOf(stored(tokens, "hf_wrong"))).code).toBe("token_invalid");
    expect(source.current()).toBe("hf_ann");
    expect(await tokens.status(signal)).toEqual({ source: "stored", name: "ann", problem: null });
  });

  test.each<[string, Partial<HubDependencies>, () => void, string]>([
    ["offline", { offline: true }, () => undefined, "offline"],
    ["no Hub at all", {}, () => void fake.faults.add({ kind: "html-page" }), "endpoint_not_a_hub"],
    ["a limit", {}, () => void fake.faults.add({ kind: "rate-limit", seconds: 100 }), "rate_limited"],
  ])("nothing is stored while it cannot be checked: %s", async (_title, change, spoil, code) => {
    spoil();
    const source = sourceOf();
    expect((await failureOf(stored(start(source, change).tokens, "hf_ann"))).code).toBe(code);
    expect(source.current()).toBeNull();
  });

  test("a mirror that knows no accounts: it is stored and said to be unchecked", async () => {
    fake.faults.add({ kind: "status", status: 404, path: "whoami" });
    const { tokens } = start(sourceOf());
    const state = { source: "stored", name: null, problem: { code: "unsupported" } };
    expect(await stored(tokens, "mirror-key")).toMatchObject(state);
    expect(await tokens.status(signal)).toMatchObject(state);
    expect(asked()).toBe(1);
  });

  test("while the variable is set, it is the one that counts", async () => {
    const { tokens } = start(sourceOf("hf_ann"));
    const refused = await failureOf(stored(tokens, "hf_bob"));
    expect(refused).toMatchObject({ code: "conflict", details: { variable: "HF_TOKEN" } });
    expect(asked()).toBe(0);
  });

  test("a disk that does not take it leaves everything as it was", async () => {
    const source = sourceOf();
    const { tokens } = start(source);
    await stored(tokens, "hf_ann");
    // A folder in the file's place: root, who runs tests in containers, is stopped by no file mode.
    chmodSync(join(folder, "secrets.json"), 0o600);
    rmSync(join(folder, "secrets.json"));
    mkdirSync(join(folder, "secrets.json"));
    const refused = await failureOf(stored(tokens, "hf_bob"));
    expect(refused.code).toBe("internal");
    expect(source.current()).toBe("hf_ann");
  });
});

describe("a token that the Hub refuses", () => {
  test("does not hide public models: lists and details are asked for without it, and it is said once", async () => {
    const { hub, tokens } = start(sourceOf("hf_stale"));
    expect((await hub.listModels(popular, signal)).entries).toHaveLength(4);
    expect(fake.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer hf_stale", undefined]);
    expect((await hub.listModels(popular, signal)).entries).toHaveLength(4);
    expect((await hub.details("org/tiny", null, signal)).id).toBe("org/tiny");
    expect(fake.requests.slice(2).map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(await tokens.status(signal)).toMatchObject({ name: null, problem: { code: "token_invalid" } });
    expect(log.text().split("the Hub refuses").length - 1).toBe(1);
    expect(log.text()).not.toContain("hf_stale");
  });

  test("is told by what a download begins with, and is still tried there", async () => {
    const { hub } = start(sourceOf("hf_stale"));
    await hub.listModels(popular, signal);
    expect((await failureOf(hub.repository("org/tiny", "main", signal))).code).toBe("token_invalid");
    expect((await failureOf(hub.tree("org/tiny", "a".repeat(40), signal))).code).toBe("token_invalid");
  });

  test("counts again as soon as the Hub takes it", async () => {
    const { hub } = start(sourceOf("hf_late"));
    await hub.listModels(popular, signal);
    expect(hub.isRefused("hf_late")).toBe(true);
    fake.tokens.set("hf_late", { name: "late" });
    await hub.repository("org/tiny", "main", signal);
    expect(hub.isRefused("hf_late")).toBe(false);
    fake.tokens.delete("hf_late");
  });

  test("where strangers are refused too, the token is what has to be mended", async () => {
    const closed = (async () =>
      new Response("{}", { status: 401, headers: { "content-type": "application/json" } })) as never;
    const { hub } = start(sourceOf("mirror-stale"), { fetch: closed });
    expect((await failureOf(hub.listModels(popular, signal))).code).toBe("token_invalid");
  });
});
