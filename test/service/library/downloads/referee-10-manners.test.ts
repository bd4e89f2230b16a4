import { afterEach, describe, expect, test } from "@jest/globals";
import type { RecordedRequest } from "../../../fakes/fake-hub/index.ts";
import { startCountingProxy } from "../../../tools/counting-proxy.ts";
import { isThere, listing, mebibyte, partsFolder, repositoryFolder } from "./download-bench.ts";
import { faultsOf, openReferee, rangedRepo, storageRequests, waysBack } from "./referee-rig.ts";
import type { Referee } from "./referee-rig.ts";

/** Referee case 10: manners. Speed is for the benchmarks. */
const model = "mlx-community/manners";
const other = "mlx-community/other";
const weights = "model.safetensors";
const size = 80 * mebibyte;
const slow = { kind: "bandwidth", bytesPerSecond: 6 * mebibyte, server: "cdn", repo: model } as const;
const small = rangedRepo(other, 2, 4 * mebibyte);
let referee: Referee;
afterEach(() => referee.close());

const sent = (requests: readonly RecordedRequest[]): number =>
  requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
const running = (): RecordedRequest[] => referee.hub.requests.filter(({ outcome }) => outcome === "running");

/** Every connection that was at work is gone, and while a whole other download comes and goes not a byte more is sent. */
async function standsStill(): Promise<void> {
  for (const request of running())
    await referee.hub.waitForRequest((one) => one === request && one.outcome !== "running");
  const own = (): RecordedRequest[] => referee.hub.requests.filter(({ repo }) => repo === model);
  const before = { requests: own().length, bytes: sent(own()) };
  expect(await referee.fetch(other)).toMatchObject({ state: "completed" });
  expect({ requests: own().length, bytes: sent(own()) }).toEqual(before);
}

describe("referee case 10: pause and cancel", () => {
  test("a pause closes every connection at once and nothing is asked for after it; resume fetches nothing again", async () => {
    referee = await openReferee({ hub: { repos: [rangedRepo(model, 1, size), small] } });
    const off = referee.hub.faults.add(slow);
    const { id } = await referee.create(model);
    await referee.seen(id, ({ bytesDone }) => bytesDone > 12 * mebibyte);
    expect(running().length).toBeGreaterThan(0);
    const paused = await referee.command(id, "pause");
    expect(paused).toMatchObject({ state: "paused", pauseReason: "user", connections: 0, bytesPerSecond: null });
    await standsStill();
    off();
    await referee.command(id, "resume");
    const done = await referee.reaches(id, "completed");
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(waysBack(referee.told, id)).toEqual([]);
    // Twice comes only what was on its way when connections were closed, not the file.
    expect(sent(storageRequests(referee.hub, weights))).toBeLessThan(1.5 * size);
  });

  test("a cancel in the middle of many connections leaves no byte and no folder", async () => {
    referee = await openReferee({ hub: { repos: [rangedRepo(model, 1, size), small] } });
    referee.hub.faults.add(slow);
    const { id } = await referee.create(model);
    await referee.seen(id, ({ bytesDone }) => bytesDone > 12 * mebibyte);
    expect(await isThere(partsFolder(referee.cache, model))).toBe(true);
    expect(await referee.cancel(id)).toMatchObject({ state: "cancelled", connections: 0 });
    expect(await listing(referee.cache)).toEqual([]);
    await standsStill();
    expect(await isThere(repositoryFolder(referee.cache, model))).toBe(false);
  });

  test("pausing and resuming in quick succession loses nothing", async () => {
    referee = await openReferee({ hub: { repos: [rangedRepo(model, 1, size)] } });
    referee.hub.faults.add({ ...slow, bytesPerSecond: mebibyte });
    const { id } = await referee.create(model);
    for (let turn = 0; turn < 5; turn += 1) {
      await referee.seen(id, ({ state }) => state === "downloading");
      await referee.command(id, "pause");
      if (turn === 4) referee.hub.faults.clear();
      await referee.command(id, "resume");
    }
    const done = await referee.reaches(id, "completed");
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(waysBack(referee.told, id)).toEqual([]);
  });
});

describe("referee case 10: limits", () => {
  test("a bandwidth limit holds for all downloads together, and lifting it counts at once", async () => {
    const limit = mebibyte;
    referee = await openReferee({
      hub: { repos: [rangedRepo(model, 1, size), rangedRepo(other, 2, size)] },
      settings: { downloadBytesPerSecond: limit },
    });
    const ids = [(await referee.create(model)).id, (await referee.create(other)).id];
    const first = await referee.hub.waitForRequest(({ server, bytesSent }) => server === "cdn" && bytesSent > 0);
    await Promise.race(ids.map((id) => referee.seen(id, ({ bytesDone }) => bytesDone > 4 * mebibyte)));
    const seconds = (Date.now() - first.at) / 1000;
    const taken = ids.map((id) => referee.told.findLast((download) => download.id === id)?.bytesDone ?? 0);
    // A slow machine only makes it less. One second's worth may come at the start.
    expect((taken[0]! + taken[1]!) / (seconds + 1)).toBeLessThanOrEqual(limit * 1.1);
    await referee.api.send("PATCH", "/api/settings", { downloadBytesPerSecond: null });
    // At the old limit the rest would take two and a half minutes, longer than this test may.
    for (const id of ids) await referee.reaches(id, "completed");
  });

  test("never more connections than the setting says, over all downloads, also when it is lowered", async () => {
    referee = await openReferee({
      hub: { repos: [rangedRepo(model, 1, size), rangedRepo(other, 2, size)] },
      settings: { downloadConnections: 4 },
    });
    referee.hub.faults.add({ ...slow, repo: undefined });
    const ids = [(await referee.create(model)).id, (await referee.create(other)).id];
    await Promise.all(ids.map((id) => referee.seen(id, ({ bytesDone }) => bytesDone > 16 * mebibyte)));
    expect(mostAtOnce()).toBeLessThanOrEqual(4);
    await referee.api.send("PATCH", "/api/settings", { downloadConnections: 1 });
    // Those that are over finish their segment; from then on there is one.
    await referee.hub.waitForRequest(() => running().length <= 1);
    const from = referee.told.length;
    for (const id of ids) await referee.seen(id, ({ bytesDone }) => bytesDone > 30 * mebibyte);
    expect(Math.max(0, ...referee.told.slice(from).map(({ connections }) => connections))).toBeLessThanOrEqual(1);
    referee.hub.faults.clear();
    for (const id of ids) await referee.cancel(id);
  });

  test("a high priority goes first, a low one last", async () => {
    const ids = ["a", "b", "c"].map((name) => `mlx-community/${name}`);
    referee = await openReferee({
      hub: { repos: [rangedRepo(model, 1, size), ...ids.map((id, seed) => rangedRepo(id, seed, mebibyte))] },
      settings: { downloadConcurrency: 1 },
    });
    referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 20 * mebibyte, server: "cdn", repo: model });
    const first = await referee.create(model, { priority: "high" });
    await referee.seen(first.id, ({ state }) => state === "downloading");
    const low = await referee.create(ids[0]!, { priority: "low" });
    const normal = await referee.create(ids[1]!);
    const raised = await referee.create(ids[2]!, { priority: "low" });
    expect(await referee.api.send("PATCH", `/api/downloads/${raised.id}`, { priority: "high" })).toMatchObject({
      priority: "high",
    });
    await referee.reaches(low.id, "completed");
    const order = [first, raised, normal, low].map(({ id }) =>
      referee.told.findIndex((download) => download.id === id && download.state === "completed"),
    );
    expect(order).toEqual([...order].sort((one, next) => one - next));
    expect(order[0]).toBeGreaterThanOrEqual(0);
  });

  /** As the events told, and as the storage sees it now. */
  function mostAtOnce(): number {
    return Math.max(...referee.told.map(({ connections }) => connections), running().length);
  }
});

describe("referee case 10: networks", () => {
  test("everything goes through the proxy, metadata and bytes, except what NO_PROXY names", async () => {
    const proxy = await startCountingProxy();
    try {
      referee = await openReferee({
        hub: { repos: [rangedRepo(model, 1)] },
        environment: { HTTP_PROXY: proxy.url, NO_PROXY: "localhost" },
      });
      const done = await referee.fetch(model);
      expect(done).toMatchObject({ state: "completed" });
      const hubHost = new URL(referee.hub.url).host;
      const storageHost = new URL(referee.hub.cdnUrl).host;
      expect(proxy.asked.some((line) => line.includes(hubHost))).toBe(true);
      // The storage is named in NO_PROXY, as `localhost`: its bytes go straight.
      expect(proxy.asked.filter((line) => line.includes(storageHost))).toEqual([]);
      expect(storageRequests(referee.hub, weights).length).toBeGreaterThan(0);
      expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    } finally {
      await proxy.close();
    }
  });

  test("without an exception the bytes too go through the proxy", async () => {
    const proxy = await startCountingProxy();
    try {
      referee = await openReferee({ hub: { repos: [rangedRepo(model, 1)] }, environment: { HTTP_PROXY: proxy.url } });
      expect(await referee.fetch(model)).toMatchObject({ state: "completed" });
      const storageHost = new URL(referee.hub.cdnUrl).host;
      expect(proxy.asked.filter((line) => line.includes(storageHost)).length).toBeGreaterThan(0);
    } finally {
      await proxy.close();
    }
  });

  test.each([["HF_HUB_OFFLINE"], ["MLX_MANAGER_OFFLINE_MODE"]])("%s: no socket is opened", async (variable) => {
    const value = variable === "HF_HUB_OFFLINE" ? "1" : "true";
    referee = await openReferee({ hub: { repos: [rangedRepo(model, 1)] }, environment: { [variable]: value } });
    await expect(referee.create(model)).rejects.toMatchObject({ body: { error: { code: "offline" } } });
    await expect(referee.api.get("/api/hub/models/mlx-community/manners")).rejects.toMatchObject({
      body: { error: { code: "offline" } },
    });
    expect(referee.hub.requests).toEqual([]);
  });
});
