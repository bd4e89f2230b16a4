import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Fault } from "../../../fakes/fake-hub/index.ts";
import { mebibyte } from "./download-bench.ts";
import { faultsOf, openReferee, rangedRepo, startOf, storageRequests, tracesOf, waysBack } from "./referee-rig.ts";
import type { Referee } from "./referee-rig.ts";

/** Referee case 3: what a server may answer to a range. */
const size = 48 * mebibyte;
const weights = "model.safetensors";
let referee: Referee;
let model: string;
let count = 0;

beforeAll(async () => {
  referee = await openReferee();
});
afterAll(() => referee.close());
beforeEach(async () => {
  count += 1;
  model = `mlx-community/resume-${count}`;
  referee.hub.reset();
  await referee.hub.addRepo(rangedRepo(model, 100 + count, size));
});

const late = {
  file: weights,
  server: "cdn" as const,
  when: (request: Parameters<typeof startOf>[0]) => startOf(request) > size / 3,
};
const all = { file: weights, server: "cdn" as const };
const cut: Fault = { kind: "cut-every", bytes: 6 * mebibyte, how: "fin", ...all };

const passing: [string, Fault[]][] = [
  ["a 200 with everything to one range", [{ kind: "ignore-range", times: 1, ...late }]],
  ["a 200 with everything to every range", [{ kind: "ignore-range", ...all }]],
  [
    "a 200 to every range, and a cut in each third",
    [
      { kind: "ignore-range", ...all },
      { kind: "drop", afterBytes: 16 * mebibyte, times: 2, ...all },
    ],
  ],
  ["a 416 to one range", [{ kind: "range-not-satisfiable", times: 1, ...late }]],
  ["a 416 to every range", [{ kind: "range-not-satisfiable", ...all }]],
  ["a 416 after every cut", [cut, { kind: "range-not-satisfiable", skip: 2, times: 3, ...all }]],
  ["another ETag on one range of the second half", [{ kind: "change-etag", times: 1, ...late }]],
  ["a signed address that is refused once in the middle", [{ kind: "status", status: 403, times: 1, ...late }]],
];

describe("referee case 3: resume edges", () => {
  test.each(passing)("%s: the model is right in the end", async (_, faults) => {
    // With a limit on each connection more of them are worth it, so that ranges are asked for.
    referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 12 * mebibyte, ...all });
    for (const fault of faults) referee.hub.faults.add(fault);
    const done = await referee.fetch(model);
    const met = new Set(referee.hub.requests.flatMap((request) => request.faults));
    expect(faults.filter(({ kind }) => !met.has(kind))).toEqual([]);
    expect(done).toMatchObject({ state: "completed", error: null, bytesDone: done.bytesTotal });
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(waysBack(referee.told, done.id)).toEqual([]);
    expect(storageRequests(referee.hub, weights).length).toBeLessThan(60);
  });

  test("other bytes under another ETag from the middle on, for good: never half and half", async () => {
    const changed = { size, seed: 999 };
    const [request] = await Promise.all([
      referee.hub.waitForRequest((one) => one.file === weights && one.bytesSent > 4 * mebibyte),
      referee.create(model),
    ]);
    expect(request.repo).toBe(model);
    // The branch moves on while the download runs. It stays with the commit that it began with.
    await referee.hub.updateRepo(model, { files: { [weights]: changed } });
    const id = referee.told.findLast((download) => download.model === model)!.id;
    const done = await referee.reaches(id, "completed");
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    const again = await referee.fetch(model);
    expect(again).toMatchObject({ state: "completed" });
    expect(again.commit).not.toBe(done.commit);
    expect(await faultsOf(referee.cache, model, again)).toEqual([]);
  });

  test("another ETag and a flipped byte on the whole second half, for good: nothing lands in the cache", async () => {
    referee.hub.faults.add({ kind: "change-etag", ...late });
    referee.hub.faults.add({ kind: "flip-byte", at: size - 5, ...all });
    const failed = await referee.fetch(model);
    expect(failed.state).toBe("failed");
    expect(["checksum_mismatch", "hub_unreachable"]).toContain(failed.error?.code);
    expect(await tracesOf(referee.cache, model)).toEqual([]);
  });
});
