import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { startStranger } from "../../../tools/stranger.ts";
import type { Stranger } from "../../../tools/stranger.ts";
import { mebibyte } from "./download-bench.ts";
import { faultsOf, openReferee, rangedRepo, resolves, storageRequests } from "./referee-rig.ts";
import type { Referee } from "./referee-rig.ts";

/** Referee case 4: from the Hub to its storage and back. */
const model = "mlx-community/stored";
const token = "hf_ofTheHubAlone";
const weights = "model.safetensors";
const size = 96 * mebibyte;
const segments = size / (8 * mebibyte);
let referee: Referee;
let stranger: Stranger;

beforeEach(async () => {
  stranger = await startStranger();
  referee = await openReferee({
    hub: { repos: [rangedRepo(model, 4, size)], tokens: { [token]: { name: "ann" } } },
    environment: { HF_TOKEN: token },
  });
});
afterEach(async () => {
  await referee.close();
  await stranger.close();
});

const authorized = () => referee.hub.requests.filter(({ headers }) => headers.authorization !== undefined);

describe("referee case 4: storage", () => {
  test("a relative 307 and a 302 to another host are followed; only the Hub sees the token", async () => {
    const done = await referee.fetch(model);
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    const cached = referee.hub.requests.filter(({ path }) => path.startsWith("/api/resolve-cache/"));
    expect(cached.map(({ file }) => file).sort()).toEqual(["config.json", "notes.txt"]);
    expect(new Set(authorized().map(({ server }) => server))).toEqual(new Set(["hub"]));
    expect(storageRequests(referee.hub, weights).every(({ status }) => status === 200 || status === 206)).toBe(true);
    // Resolved once, whatever the number of segments.
    expect(resolves(referee.hub, weights)).toHaveLength(1);
  });

  test("signed addresses that turn 403 after two seconds are asked for again, once each time", async () => {
    referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 3 * mebibyte, file: weights, server: "cdn" });
    referee.hub.faults.add({ kind: "expire-url", seconds: 2, file: weights });
    const began = Date.now();
    const done = await referee.fetch(model);
    const seconds = (Date.now() - began) / 1000;
    expect(done).toMatchObject({ state: "completed", error: null });
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    // One for each two seconds that it took, one to begin with, one for luck; never one per segment and try.
    expect(resolves(referee.hub, weights).length).toBeLessThanOrEqual(Math.ceil(seconds / 2) + 2);
    const refused = storageRequests(referee.hub, weights).filter(({ status }) => status === 403);
    // At most one refusal for each connection and address.
    expect(refused.length).toBeLessThanOrEqual(8 * resolves(referee.hub, weights).length);
  });

  test.each([1, 3])("signed addresses that are good for %i requests cause no storm", async (uses) => {
    referee.hub.faults.add({ kind: "expire-url", uses, file: weights });
    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", error: null });
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(resolves(referee.hub, weights).length).toBeLessThanOrEqual(Math.ceil(segments / uses) + 4);
  });

  test("all addresses ending at once in the middle is no more than a pause", async () => {
    referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 8 * mebibyte, file: weights, server: "cdn" });
    const { id } = await referee.create(model);
    await referee.seen(id, ({ bytesDone }) => bytesDone > size / 4);
    referee.hub.expireSignedUrls();
    const done = await referee.reaches(id, "completed");
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(resolves(referee.hub, weights).length).toBeLessThanOrEqual(3);
  });

  test("a storage that answers with a redirect to a stranger gives the stranger no token", async () => {
    referee.hub.faults.add({ kind: "redirect", origin: stranger.url, status: 302, path: "/resolve/", file: weights });
    expect(await referee.fetch(model)).toMatchObject({ state: "failed" });
    expect(stranger.asked.length).toBeGreaterThan(0);
    expect(stranger.asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(JSON.stringify(stranger.asked)).not.toContain(token);
  });

  test("a file list that goes on at a stranger is read from the Hub itself, without the token elsewhere", async () => {
    await referee.close();
    referee = await openReferee({
      hub: { repos: [rangedRepo(model, 4)], tokens: { [token]: { name: "ann" } }, pageSizes: { tree: 2 } },
      environment: { HF_TOKEN: token },
    });
    referee.hub.faults.add({ kind: "foreign-link", origin: stranger.url, path: "/tree/" });
    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", filesDone: 3 });
    expect(stranger.asked).toEqual([]);
  });
});
