import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { catalog, tinyRepo } from "../../../fixtures/hub-repos.ts";
import { startSearchRig } from "./search-rig.ts";
import type { SearchRig } from "./search-rig.ts";

const tiny = "org/tiny";
let rig: SearchRig;
beforeAll(async () => {
  const gated = tinyRepo("org/gated", { gated: "auto" });
  const plain = tinyRepo("org/not-mlx", { tags: [], libraryName: "transformers" });
  rig = await startSearchRig({ repos: [...catalog(120), tinyRepo(tiny), gated, plain] });
}, 120_000);
afterEach(() => rig.hub.reset());
afterAll(() => rig.close());

describe("a page of results", () => {
  test("is one request to the Hub, carries sizes and fits, and leads to the next", async () => {
    const first = await rig.search("query=qwen3&limit=5");
    expect(rig.lists()).toBe(1);
    expect(first).toMatchObject({ source: "hub", stale: false, problem: null, nextCursor: expect.any(String) });
    const second = await rig.search(`query=qwen3&limit=5&cursor=${first.nextCursor}`);
    expect(rig.lists()).toBe(2);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(10);
    expect(first.items[0]).toMatchObject({
      ...{ id: "mlx-community/Qwen3-4B-Instruct-4bit", author: "mlx-community", architecture: "qwen3", here: false },
      ...{ quantization: { bits: 4, label: "4-bit" }, downloads: expect.any(Number), likes: expect.any(Number) },
      ...{ gated: "no", private: false, downloadId: null, supported: true, engines: ["mlx-lm"], fit: { fits: true } },
    });
  });

  test("has the parameters of the name, whatever the Hub's counts mean", async () => {
    const { items } = await rig.search("query=qwen3&limit=40");
    for (const { id, parameters } of items) {
      const named = Number(/-(\d+(?:\.\d+)?)B/.exec(id)?.[1]) * 1e9;
      expect({ id, isRight: Math.abs(Math.log((parameters ?? 0) / named)) < 0.15 }).toEqual({ id, isRight: true });
    }
    expect(items.find(({ id }) => id.includes("32B-bf16"))?.fit.fits).toBe(false);
  });

  test("follows the default author; an empty one means everybody, and only MLX is shown", async () => {
    expect((await rig.search("query=tiny")).items).toEqual([]);
    expect((await rig.search("query=tiny&author=")).items.map(({ id }) => id)).toEqual([tiny]);
    expect((await rig.search("query=not-mlx&author=org")).items).toEqual([]);
  });

  test("says what is on its way, and what needs a license", async () => {
    rig.hub.faults.add({ kind: "stall", afterBytes: 0, server: "hub", path: "/tree/" });
    const { body }: { body: { id: string } } = await rig.service.call("POST", "/api/downloads", { model: tiny });
    const { items } = await rig.search("query=org/&author=org");
    expect(items.map(({ id, downloadId, gated }) => ({ id, downloadId, gated }))).toEqual([
      { id: "org/gated", downloadId: null, gated: "auto" },
      { id: tiny, downloadId: body.id, gated: "no" },
    ]);
    rig.hub.faults.release();
    await rig.service.call("DELETE", `/api/downloads/${body.id}`);
  });

  test.each([
    ["/api/hub/models/org/absent", 404, "repo_not_found_or_private"],
    ["/api/hub/models/org/tiny?revision=nope", 404, "revision_not_found"],
    ["/api/hub/models/org/tiny?revision=../x", 400, "invalid_request"],
    ["/api/hub/models/..%2F..%2Fetc/passwd", 400, "invalid_request"],
    ["/api/hub/models?limit=1000", 400, "invalid_request"],
    ["/api/hub/models?cursor=abc", 400, "invalid_request"],
    ["/api/hub/models?sort=taste", 400, "invalid_request"],
    ["/api/hub/models?author=a%26b", 400, "invalid_request"],
    ["/api/hub/models?bits=many", 400, "invalid_request"],
    ["/api/hub/models?capability=fly", 400, "invalid_request"],
  ])("%s answers %i %s", async (path, status, code) => {
    expect(await rig.refusal(path)).toEqual([status, code]);
  });
});

describe("details behind a page", () => {
  test("come by themselves, one request a model, are told as events, and are exact from then on", async () => {
    const id = "org/later";
    await rig.hub.addRepo(tinyRepo(id));
    const coming = rig.detailed(id);
    const rough = (await rig.search("query=later&author=org")).items[0];
    expect([rough?.detailed, rough?.sizeIsEstimate]).toEqual([false, true]);
    const exact = await coming;
    expect([exact.detailed, exact.sizeIsEstimate, exact.weightBytes]).toEqual([true, false, 9728]);
    const asked = rig.details();
    expect((await rig.search("query=later&author=org")).items[0]).toEqual(exact);
    expect(rig.details()).toBe(asked);
  });

  test("are asked for a few at a time, and each once", async () => {
    const [page] = await Promise.all([rig.search("query=gemma&limit=20"), rig.search("query=gemma&limit=20")]);
    const missing = new Set(page.items.filter(({ detailed }) => !detailed).map(({ id }) => id));
    expect(missing.size).toBeGreaterThan(3);
    await new Promise<void>((resolve) => {
      const stop = rig.service.service.events.listen((event) => {
        if (event.type !== "hub-model.changed") return;
        missing.delete(event.data.id);
        if (missing.size > 0) return;
        stop();
        resolve();
      });
    });
    const asked = rig.hub.requests.filter(({ query }) => query.has("blobs")).map(({ path }) => path);
    expect(new Set(asked).size).toBe(asked.length);
  });

  test("the exact size is what a download puts on the disk", async () => {
    const { sizeBytes, totalBytes } = await rig.page(tiny);
    const { body }: { body: { id: string } } = await rig.service.call("POST", "/api/downloads", { model: tiny });
    await new Promise<void>((resolve) => {
      const stop = rig.service.service.events.listen((event) => {
        if (event.type !== "download.changed" || event.data.id !== body.id || event.data.state !== "completed") return;
        stop();
        resolve();
      });
    });
    const { body: done }: { body: { bytesTotal: number } } = await rig.service.call("GET", `/api/downloads/${body.id}`);
    expect([sizeBytes, totalBytes >= (sizeBytes ?? 0)]).toEqual([done.bytesTotal, true]);
    const page = await rig.page(tiny);
    expect([page.here, page.localRevisions, page.files.every(({ here, needed }) => here || !needed)]).toEqual([
      true,
      [expect.objectContaining({ revision: page.revision, complete: true, refs: ["main"] })],
      true,
    ]);
  });
});

describe("a model's page", () => {
  test("has exact sizes, files with checksums, the facts of its config and the memory at each context", async () => {
    const body = await rig.page(tiny);
    expect(body).toMatchObject({
      ...{ id: tiny, weightBytes: 9728, sizeIsEstimate: false, contextLength: 2048, license: "apache-2.0" },
      ...{ quantization: { bits: 4, groupSize: 64 }, url: `${rig.hub.url}/${tiny}` },
      tags: expect.arrayContaining(["mlx"]),
    });
    expect(body.revision).toMatch(/^[0-9a-f]{40}$/);
    expect(body.files.map(({ path }) => path)).toContain("extra/notes.txt");
    expect(body.totalBytes).toBe(body.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(body.fitTable.map(({ contextTokens, verdict }) => [contextTokens, verdict])).toEqual([[2048, "easy"]]);
    expect(body.card).toContain("A model for tests.");
    expect(body.card).not.toContain("library_name");
  });

  test("of a gated model is shown without what only those may read who accepted", async () => {
    const body = await rig.page("org/gated");
    expect([body.gated, body.quantization?.bits, body.weightBytes]).toEqual(["auto", 4, 9728]);
    expect(body.licenseUrl).toContain("org/gated");
  });

  test("predicts for the context that is asked for", async () => {
    const [short, long] = [await rig.page(tiny, "?context=256"), await rig.page(tiny, "?context=2048")];
    expect([short.fit.contextTokens, long.fit.contextTokens]).toEqual([256, 2048]);
    expect(long.fit.kvBytes ?? 0).toBeGreaterThan(short.fit.kvBytes ?? 0);
  });
});

test("what was found out is kept over a restart, and serves when there is no Hub", async () => {
  const first = await startSearchRig({ repos: [], hub: rig.hub });
  const coming = first.detailed("mlx-community/Qwen3-8B-4bit");
  await first.search("query=Qwen3-8B-4bit");
  await coming;
  // The data of the first go on under another service, whose Hub is nowhere.
  const home = await first.service.service.close({ hurry: Promise.resolve() }).then(() => first.service.home);
  const second = await startSearchRig({
    ...{ repos: [], hub: rig.hub, home },
    environment: { HF_ENDPOINT: "http://127.0.0.1:9", MLX_MANAGER_HF_CACHE_PATH: join(home, "hub") },
  });
  const page = await second.search("query=Qwen3-8B-4bit&limit=1");
  expect(page).toMatchObject({ stale: expect.any(Boolean), items: [{ id: "mlx-community/Qwen3-8B-4bit" }] });
  expect(page.items[0]?.detailed).toBe(true);
  await second.close();
  await first.close();
});
