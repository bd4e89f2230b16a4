import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Fault } from "../../../fakes/fake-hub/index.ts";
import { isFull } from "../../../tools/counts.ts";
import { mebibyte } from "./download-bench.ts";
import { faultsOf, openReferee, rangedRepo, startOf, tracesOf, waysBack } from "./referee-rig.ts";
import type { Referee } from "./referee-rig.ts";

/** Referee case 2: what a broken server or a proxy in between sends never becomes part of a model. */
const size = 40 * mebibyte;
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
  model = `mlx-community/poison-${count}`;
  referee.hub.reset();
  // One connection alone would bring it all before a range is asked for: with this limit each, more are worth it.
  referee.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 10 * mebibyte, file: weights, server: "cdn" });
  await referee.hub.addRepo(rangedRepo(model, count, size));
});

const places: [string, Partial<Fault>][] = [
  ["the first request for the weights", { file: weights, server: "cdn", when: (request) => startOf(request) === 0 }],
  [
    "a segment in the middle of the weights",
    { file: weights, server: "cdn", when: (request) => startOf(request) > 10 * mebibyte },
  ],
  ["a small file", { file: "notes.txt", path: "/resolve-cache/" }],
];
const poisons: [string, Fault][] = [
  ["a flipped byte", { kind: "flip-byte", at: 20 * mebibyte }],
  ["a chunked body that ends early", { kind: "short-body" }],
  ["a body that is too long", { kind: "long-body", extraBytes: 5000 }],
  ["a web page with status 200", { kind: "html-page" }],
  ["another range than asked for", { kind: "wrong-content-range", shift: 4096 }],
  ["another total size", { kind: "wrong-content-range", total: size + 1 }],
];
/** Faults of ranges do not exist where no range is asked for. The small run takes every second case. */
const all = places.flatMap(([place, target]) =>
  poisons
    .filter(([, fault]) => place.startsWith("a segment") || fault.kind !== "wrong-content-range")
    .map(([poison, fault]): [string, string, Fault] => {
      const at = place === "a small file" ? 3 : place.startsWith("the first") ? 5 : 20 * mebibyte;
      const aimed = { ...fault, ...target, ...(fault.kind === "flip-byte" ? { at, when: undefined } : {}) };
      return [poison, place, aimed as Fault];
    }),
);

const once = all.filter((_, index) => isFull || index % 2 === 0);
const withoutEnd = all.filter((_, index) => isFull || index % 2 === 1);

describe("referee case 2: poison, once", () => {
  test.each(once)("%s in %s costs a second request, and the model is right", async (_, __, fault) => {
    referee.hub.faults.add({ ...fault, times: 1 });
    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", error: null, bytesDone: done.bytesTotal });
    expect(referee.hub.requests.some(({ faults }) => faults.includes(fault.kind))).toBe(true);
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(waysBack(referee.told, done.id)).toEqual([]);
  });
});

/** What a person is told. A body that is merely cut or too long may still bring every byte in the end. */
const codes: Partial<Record<Fault["kind"], readonly string[]>> = {
  "flip-byte": ["checksum_mismatch"],
  "html-page": ["endpoint_not_a_hub"],
  "wrong-content-range": ["hub_unreachable", "endpoint_not_a_hub"],
  "short-body": ["hub_unreachable"],
  "long-body": ["hub_unreachable", "checksum_mismatch"],
};

describe("referee case 2: poison without end", () => {
  test.each(withoutEnd)(
    "%s in %s: nothing of it lands in the cache, and the error has a code",
    async (_, __, fault) => {
      referee.hub.faults.add(fault);
      const ended = await referee.fetch(model);
      if (ended.state === "completed") {
        expect(await faultsOf(referee.cache, model, ended)).toEqual([]);
        // Whoever completes must have got the bytes by asking otherwise; a wrong byte cannot be asked away.
        expect(fault.kind).not.toBe("flip-byte");
      } else {
        expect(ended.state).toBe("failed");
        expect(codes[fault.kind]).toContain(ended.error?.code);
        expect(ended.error?.message).not.toContain(referee.cache);
        expect(await tracesOf(referee.cache, model)).toEqual([]);
      }
      expect(waysBack(referee.told, ended.id)).toEqual([]);
      // No storm: a handful of attempts for each segment is enough to know.
      expect(referee.hub.requests.length).toBeLessThan(120);
      // The same download goes on when the trouble is over.
      if (ended.state === "completed") return;
      referee.hub.faults.clear();
      const { id } = await referee.command(ended.id, "retry");
      const done = await referee.reaches(id, "completed");
      expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    },
  );
});
