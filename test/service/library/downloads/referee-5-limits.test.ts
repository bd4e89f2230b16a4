import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Fault, RecordedRequest } from "../../../fakes/fake-hub/index.ts";
import { isFull, trials } from "../../../tools/counts.ts";
import { mebibyte } from "./download-bench.ts";
import { faultsOf, openReferee, rangedRepo, resolves, storageRequests, waysBack } from "./referee-rig.ts";
import type { Referee } from "./referee-rig.ts";

/** Referee case 5: a Hub that is busy, breaks off and falls silent. */
const model = "mlx-community/busy";
const weights = "model.safetensors";
const size = trials(40, 64) * mebibyte;
let referee: Referee;

beforeEach(async () => {
  referee = await openReferee({ hub: { repos: [rangedRepo(model, 5, size)] }, settings: { segmentStallSeconds: 1 } });
});
afterEach(() => referee.close());

async function completes(): Promise<void> {
  const done = await referee.fetch(model);
  expect(done).toMatchObject({ state: "completed", error: null, bytesDone: done.bytesTotal });
  expect(await faultsOf(referee.cache, model, done)).toEqual([]);
  expect(waysBack(referee.told, done.id)).toEqual([]);
}

/** Milliseconds from the first refusal until somebody asked again. */
function waited(asked: readonly RecordedRequest[]): number {
  const refused = asked.find(({ status }) => status === 429)!;
  const next = asked.slice(asked.indexOf(refused) + 1).filter(({ at }) => at > refused.at + 100);
  return Math.min(...next.map(({ at }) => at)) - refused.at;
}

describe("referee case 5: rate limits", () => {
  const places: [string, Partial<Fault>, () => RecordedRequest[]][] = [
    ["the file list", { path: "/tree/" }, () => referee.hub.requests.filter(({ path }) => path.includes("/tree/"))],
    ["a file's address", { path: "/resolve/", file: weights }, () => resolves(referee.hub, weights)],
    ["a small file's address", { path: "/resolve/", file: "notes.txt" }, () => resolves(referee.hub, "notes.txt")],
  ];
  const styles: [string, Partial<Fault>][] = [
    ["RateLimit with t=2", { style: "ratelimit" }],
    ["Retry-After: 2", { style: "retry-after" }],
  ];
  const all = places.flatMap(([place, target, asked]) =>
    styles.map(
      ([style, form]) =>
        [place, style, { kind: "rate-limit", seconds: 2, times: trials(1, 2), ...target, ...form }, asked] as const,
    ),
  );
  // The small run takes each place once, and both forms.
  const cases = all.filter((_, index) => isFull || [0, 3, 4].includes(index));
  test.each(cases)("429 for %s with %s is waited out, and nobody asks in between", async (_, __, fault, asked) => {
    referee.hub.faults.add(fault as Fault);
    await completes();
    expect(waited(asked())).toBeGreaterThanOrEqual(2000);
    expect(asked().length).toBeLessThanOrEqual(4);
  });

  test("429 from storage shrinks the crowd: it completes without a storm", async () => {
    referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 10 * mebibyte, file: weights, server: "cdn" });
    referee.hub.faults.add({ kind: "rate-limit", seconds: 1, skip: 2, times: 4, file: weights, server: "cdn" });
    await completes();
    expect(storageRequests(referee.hub, weights).length).toBeLessThanOrEqual(8 + 4 + 8);
  });
});

describe("referee case 5: trouble", () => {
  const troubles: [string, Fault[]][] = [
    ["a burst of 503 from storage", [{ kind: "status", status: 503, skip: 1, times: 6, file: weights, server: "cdn" }]],
    ["a burst of 503 from the Hub", [{ kind: "status", status: 503, times: 3, server: "hub" }]],
    [
      "resets in every segment",
      [{ kind: "drop", afterBytes: 3 * mebibyte, how: "rst", times: 12, file: weights, server: "cdn" }],
    ],
    ["refused connections", [{ kind: "refuse", how: "rst", skip: 1, times: 4, file: weights, server: "cdn" }]],
    ["cuts every 5 MiB by FIN", [{ kind: "cut-every", bytes: 5 * mebibyte, how: "fin", file: weights, server: "cdn" }]],
    [
      "three segments that fall silent for a minute",
      [{ kind: "stall", afterBytes: mebibyte, milliseconds: 60_000, times: 3, file: weights, server: "cdn" }],
    ],
    [
      "an address that falls silent for a minute",
      [{ kind: "latency", milliseconds: 60_000, times: 1, path: "/resolve/", file: weights }],
    ],
  ];
  test.each(troubles)("%s: it completes, progress never falls, and nobody storms", async (_, faults) => {
    referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 16 * mebibyte, file: weights, server: "cdn" });
    for (const fault of faults) referee.hub.faults.add(fault);
    await completes();
    const met = new Set(referee.hub.requests.flatMap((request) => request.faults));
    expect(faults.filter(({ kind }) => !met.has(kind))).toEqual([]);
    expect(referee.hub.requests.length).toBeLessThan(80);
  });

  test("one silent segment costs that segment alone", async () => {
    referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 10 * mebibyte, file: weights, server: "cdn" });
    referee.hub.faults.add({ kind: "stall", afterBytes: mebibyte, skip: 3, times: 1, file: weights, server: "cdn" });
    await completes();
    const sent = storageRequests(referee.hub, weights).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    // Not the file again: the segment, and what was in sockets when connections were closed.
    expect(sent).toBeLessThanOrEqual(size + 32 * mebibyte);
  });
});
