import { describe, expect, test } from "@jest/globals";
import { AppError } from "../../../../service/src/platform/errors.ts";
import { defaultTuning } from "../../../../service/src/library/downloads/messages.ts";
import {
  adapt,
  adaptWindowMs,
  afterTrouble,
  startAdapting,
} from "../../../../service/src/library/downloads/worker/fetch/adapt.ts";
import type { AdaptState } from "../../../../service/src/library/downloads/worker/fetch/adapt.ts";
import { createAttempts } from "../../../../service/src/library/downloads/worker/fetch/attempts.ts";
import { createLeaseBook, runLength } from "../../../../service/src/library/downloads/worker/fetch/leases.ts";
import type { Lease } from "../../../../service/src/library/downloads/worker/fetch/leases.ts";
import {
  addRange,
  bytesIn,
  clipRanges,
  gapsIn,
  noRanges,
} from "../../../../service/src/library/downloads/worker/parts/ranges.ts";
import type { Ranges } from "../../../../service/src/library/downloads/worker/parts/ranges.ts";
import { redirectTarget } from "../../../../service/src/library/downloads/worker/fetch/redirect.ts";
import { TransferFault } from "../../../../service/src/library/downloads/worker/fetch/retry.ts";
import { isOver, nextClaim } from "../../../../service/src/library/downloads/worker/fetch/shares.ts";
import type { Claim, Held } from "../../../../service/src/library/downloads/worker/fetch/shares.ts";

const mebibyte = 1024 * 1024;

describe("the number of connections", () => {
  /** Lets windows pass; `rate` says what so many connections bring. Answers the targets. */
  function run(rate: (connections: number) => number, windows: number, from = startAdapting(0), facts = {}) {
    let state: AdaptState = from;
    const targets: number[] = [];
    for (let window = 1; window <= windows; window += 1) {
      const now = from.since + window * adaptWindowMs;
      const { target } = state;
      const sample = { now, bytesPerSecond: rate(target), receiving: target, open: target, limit: 8 };
      state = adapt(state, { ...sample, isHeldBack: false, ...facts });
      targets.push(state.target);
    }
    return { state, targets };
  }

  test("doubles every quarter of a second as long as more of them bring more, up to the limit", () => {
    const { targets, state } = run((connections) => connections * 20e6, 6);
    expect(targets).toEqual([2, 4, 8, 8, 8, 8]);
    expect(state.mode).toBe("steady");
  });

  test("goes back to one where one brings it all, after a second of patience, and asks again ever more rarely", () => {
    const { targets, state } = run(() => 400e6, 240);
    expect(targets.slice(0, 6)).toEqual([2, 2, 2, 2, 1, 1]);
    const probes = targets.filter((target, index) => target === 2 && targets[index - 1] === 1);
    // In a minute: after 5, 10, 20 seconds, not every second.
    expect(probes.length).toBeGreaterThanOrEqual(2);
    expect(probes.length).toBeLessThanOrEqual(4);
    expect(state.probeDelayMs).toBeGreaterThan(10_000);
  });

  test("stays where more stop helping", () => {
    const { state } = run((connections) => Math.min(connections, 4) * 20e6, 12);
    expect(state).toMatchObject({ target: 4, mode: "steady" });
  });

  test("does not judge connections that have not begun, nor ones there is no work for", () => {
    const waiting = run(() => 20e6, 4, startAdapting(0), { receiving: 0 });
    expect(waiting.targets).toEqual([1, 1, 1, 1]);
    const idle = run((connections) => connections * 1e6, 4, startAdapting(0), { open: 0 });
    expect(idle.targets).toEqual([1, 1, 1, 1]);
  });

  test("halves after trouble and grows no more for a while", () => {
    const grown = run((connections) => connections * 20e6, 4).state;
    const shrunk = afterTrouble(grown, 1000);
    expect(shrunk).toMatchObject({ target: 4, mode: "steady" });
    expect(run((connections) => connections * 20e6, 8, { ...shrunk, since: 1000 }).state.target).toBe(4);
    expect(afterTrouble(startAdapting(0), 0).target).toBe(1);
  });

  test("does not grow where we ourselves are the brake, and obeys a lower limit at once", () => {
    expect(run((connections) => connections * 20e6, 4, startAdapting(0), { isHeldBack: true }).targets).toEqual([
      1, 1, 1, 1,
    ]);
    const grown = run((connections) => connections * 20e6, 4).state;
    expect(run(() => 1, 1, grown, { limit: 3, open: 8 }).state.target).toBe(3);
  });
});

describe("leases", () => {
  const segmentBytes = 8 * mebibyte;
  const size = 100 * mebibyte;
  const bookOf = (present: readonly (readonly [number, number])[] = [], isShared = true) =>
    createLeaseBook({ sizeBytes: size, present, segmentBytes, isShared: () => isShared });
  const spanOf = (lease: Lease | null) => lease && [lease.start / mebibyte, lease.end / mebibyte];

  test("one connection alone gets everything up to the next bytes that are there", () => {
    const book = bookOf([[40 * mebibyte, 48 * mebibyte]]);
    expect(spanOf(book.take(Infinity))).toEqual([0, 40]);
    expect(spanOf(book.take(Infinity))).toEqual([48, 100]);
    expect(book.take(Infinity)).toBeNull();
  });

  test("runs end at borders of segments, counted from the start of the file", () => {
    const book = bookOf([[0, 3 * mebibyte]]);
    expect(spanOf(book.take(segmentBytes))).toEqual([3, 16]);
    expect(spanOf(book.take(segmentBytes))).toEqual([16, 24]);
  });

  test("who has nothing to do takes a share of what another still has before it, a little ahead of it", () => {
    const book = bookOf();
    const first = book.take(Infinity)!;
    first.position = 5 * mebibyte;
    first.bytesPerSecond = 20e6;
    const second = book.share(segmentBytes)!;
    expect(spanOf(second)).toEqual([16, 24]);
    expect(first.end).toBe(16 * mebibyte);
    expect(spanOf(book.take(Infinity))).toEqual([24, 100]);
  });

  test("near the end shares are halves, and what comes in soon anyway is not shared", () => {
    const book = bookOf([[0, 90 * mebibyte]]);
    const last = book.take(Infinity)!;
    last.bytesPerSecond = 1e6;
    expect(spanOf(book.share(Infinity))).toEqual([96, 100]);
    last.bytesPerSecond = 1e9;
    expect(book.canShare()).toBe(false);
  });

  test("a lease that ends early gives the rest back, and every byte is fetched exactly once", () => {
    const book = bookOf();
    const first = book.take(Infinity)!;
    first.position = 10 * mebibyte;
    book.cut(first);
    expect(first.end).toBe(16 * mebibyte);
    first.position = 12 * mebibyte;
    book.release(first);
    expect(book.gapBytes()).toBe(88 * mebibyte);
    const rest = book.take(Infinity)!;
    expect(spanOf(rest)).toEqual([12, 100]);
    rest.position = rest.end;
    expect(book.isComplete()).toBe(false);
    book.release(rest);
    expect(book.isComplete()).toBe(true);
    book.reset();
    expect(book.gapBytes()).toBe(size);
  });

  test("a file whose server knows no ranges has one connection", () => {
    const book = bookOf([], false);
    expect(book.take(Infinity)).not.toBeNull();
    expect(book.take(Infinity)).toBeNull();
    expect(book.share(Infinity)).toBeNull();
    expect(book.canShare()).toBe(false);
  });

  test("however connections come, go and share, each byte has exactly one of them", () => {
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const book = bookOf();
    const fetched: (readonly [number, number])[] = [];
    const open: Lease[] = [];
    while (!book.isComplete()) {
      const fresh = book.take(random() < 0.3 ? Infinity : segmentBytes) ?? book.share(segmentBytes);
      if (fresh) open.push(fresh);
      const index = Math.floor(random() * open.length);
      const lease = open[index]!;
      const to = Math.min(lease.end, lease.position + mebibyte);
      fetched.push([lease.position, to]);
      lease.position = to;
      if (lease.position < lease.end && random() > 0.05) continue;
      book.release(lease);
      open.splice(index, 1);
    }
    expect(bytesIn(fetched)).toBe(size);
    expect(
      gapsIn(
        fetched.reduce<Ranges>((ranges, [from, to]) => addRange(ranges, from, to), []),
        size,
      ),
    ).toEqual([]);
  });

  test("a connection among others asks for about a second's worth, alone for everything, near the end for little", () => {
    const facts = { segmentBytes, gapBytes: 4096 * mebibyte, isCareful: false };
    expect(runLength({ ...facts, streams: 1, bytesPerSecond: 0 })).toBe(Infinity);
    expect(runLength({ ...facts, streams: 8, bytesPerSecond: 0 })).toBe(segmentBytes);
    expect(runLength({ ...facts, streams: 8, bytesPerSecond: 20e6 })).toBe(2 * segmentBytes);
    expect(runLength({ ...facts, streams: 8, bytesPerSecond: 1e9 })).toBe(4 * segmentBytes);
    expect(runLength({ ...facts, streams: 8, bytesPerSecond: 1e9, gapBytes: 64 * mebibyte })).toBe(segmentBytes);
  });

  test("after a reset little is asked for at once, also alone, for a reset loses what is on its way", () => {
    const facts = { segmentBytes, gapBytes: 4096 * mebibyte, isCareful: true };
    expect(runLength({ ...facts, streams: 1, bytesPerSecond: 1e9 })).toBe(segmentBytes / 4);
    const careful = createLeaseBook({
      sizeBytes: 2 * segmentBytes,
      present: noRanges,
      segmentBytes,
      isShared: () => true,
    });
    const lease = careful.take(segmentBytes / 4);
    expect([lease?.start, lease?.end]).toEqual([0, segmentBytes / 4]);
  });

  test("gaps and clips of ranges", () => {
    expect(
      gapsIn(
        [
          [0, 5],
          [7, 9],
        ],
        10,
      ),
    ).toEqual([
      [5, 7],
      [9, 10],
    ]);
    expect(gapsIn([], 0)).toEqual([]);
    expect(
      clipRanges(
        [
          [0, 5],
          [7, 9],
          [12, 20],
        ],
        8,
      ),
    ).toEqual([
      [0, 5],
      [7, 8],
    ]);
  });
});

describe("shares of the connections", () => {
  const claim = (owner: string, kind: "stream" | "small" = "stream"): Claim<string> => ({ owner, kind });
  const holding = (entries: Record<string, Partial<Held>>) =>
    new Map(Object.entries(entries).map(([owner, held]) => [owner, { streams: 0, small: 0, ...held }]));

  test("small files count half from eight connections on, and never more than sixteen", () => {
    const eight = { connections: 8, streams: 1 };
    expect(nextClaim([claim("a", "small")], holding({ a: { small: 15 } }), eight)).not.toBeNull();
    expect(nextClaim([claim("a", "small")], holding({ a: { small: 16 } }), eight)).toBeNull();
    const two = { connections: 2, streams: 1 };
    expect(nextClaim([claim("a", "small")], holding({ a: { small: 1 } }), two)).not.toBeNull();
    expect(nextClaim([claim("a", "small")], holding({ a: { small: 2 } }), two)).toBeNull();
    const sixteen = { connections: 16, streams: 1 };
    expect(nextClaim([claim("a", "small")], holding({ a: { small: 16 } }), sixteen)).toBeNull();
  });

  test("every download gets one stream, even where more streams bring nothing", () => {
    const capacity = { connections: 8, streams: 1 };
    expect(nextClaim([claim("b")], holding({ a: { streams: 1 } }), capacity)).toEqual(claim("b"));
    expect(nextClaim([claim("a")], holding({ a: { streams: 1 } }), capacity)).toBeNull();
    expect(nextClaim([claim("b")], holding({ a: { streams: 1 } }), { connections: 1, streams: 1 })).toBeNull();
  });

  test("whoever holds least comes first, then whoever asked first, and nobody slips past who only lacks room", () => {
    const capacity = { connections: 8, streams: 8 };
    expect(nextClaim([claim("a"), claim("b")], holding({ a: { streams: 3 } }), capacity)).toEqual(claim("b"));
    expect(nextClaim([claim("a"), claim("b")], holding({}), capacity)).toEqual(claim("a"));
    const nearlyFull = holding({ a: { streams: 7, small: 1 } });
    expect(nextClaim([claim("b"), claim("a", "small")], nearlyFull, capacity)).toBeNull();
  });

  test("a stream makes room for a download that has less, above the limit, or when fewer are worth it", () => {
    const capacity = { connections: 8, streams: 8 };
    expect(isOver("a", 0, [claim("b")], holding({ a: { streams: 8 } }), capacity)).toBe(true);
    expect(isOver("a", 0, [claim("a")], holding({ a: { streams: 8 } }), capacity)).toBe(false);
    expect(isOver("a", 0, [], holding({ a: { streams: 8 } }), { connections: 4, streams: 4 })).toBe(true);
    expect(isOver("a", 0, [], holding({ a: { streams: 2 } }), { connections: 8, streams: 1 })).toBe(true);
    expect(isOver("a", 0, [], holding({ a: { streams: 1 }, b: { streams: 1 } }), { connections: 8, streams: 1 })).toBe(
      false,
    );
    // The only connection goes to and fro, but not at every segment.
    const one = { connections: 1, streams: 1 };
    expect(isOver("a", 100, [claim("b")], holding({ a: { streams: 1 } }), one)).toBe(false);
    expect(isOver("a", 2500, [claim("b")], holding({ a: { streams: 1 } }), one)).toBe(true);
  });
});

describe("attempts", () => {
  const failure = new AppError("hub_unreachable", "It broke off.");
  const fault = (facts = {}) => new TransferFault(failure, facts);
  const create = () => createAttempts({ ...defaultTuning, attempts: 3 }, () => 1);
  const at = (now: number, more = {}) => ({ now, startedAt: now - 10, doneBytes: 0, gainedBytes: 0, ...more });

  test("wait twice as long each time, and end", () => {
    const attempts = create();
    attempts.note(fault(), at(1000));
    expect(attempts.notBefore()).toBe(1500);
    attempts.note(fault(), at(2000));
    expect(attempts.notBefore()).toBe(3000);
    expect(() => attempts.note(fault(), at(4000))).toThrow("It broke off.");
  });

  test("requests that were out together count once", () => {
    const attempts = create();
    for (let index = 0; index < 8; index += 1) attempts.note(fault(), at(1000 + index, { startedAt: 900 }));
    expect(attempts.count()).toBe(1);
  });

  test("new bytes begin the count anew, and after much good work the next request follows at once", () => {
    const attempts = create();
    for (let round = 1; round < 20; round += 1) {
      const now = round * 1000;
      attempts.note(fault(), at(now, { doneBytes: round * 64 * mebibyte, gainedBytes: 64 * mebibyte }));
      expect(attempts.notBefore()).toBe(now);
    }
  });

  test("what the server asks for is waited, an old address is not, and what is final ends at once", () => {
    const attempts = create();
    attempts.note(fault({ waitMs: 60_000 }), at(0));
    expect(attempts.notBefore()).toBe(60_000);
    attempts.note(fault({ isExpired: true }), at(70_000));
    expect(attempts.notBefore()).toBe(60_000);
    expect(() => attempts.note(fault({ isFinal: true }), at(80_000))).toThrow("It broke off.");
  });
});

describe("redirects", () => {
  const endpoint = "https://mirror.example/hub";
  const current = `${endpoint}/a/b/resolve/main/x.bin`;

  test("that name the original Hub stay on the mirror, storage is gone to as it is", () => {
    const target = (location: string) => redirectTarget(location, current, endpoint);
    expect(target("https://huggingface.co/api/resolve-cache/models/a/b/c0/x.bin?etag=1")).toBe(
      `${endpoint}/api/resolve-cache/models/a/b/c0/x.bin?etag=1`,
    );
    expect(target("https://huggingface.co/new/b/resolve/main/x.bin")).toBe(`${endpoint}/new/b/resolve/main/x.bin`);
    const storage = "https://cas-bridge.xethub.hf.co/xet-bridge-us/1/2?X-Amz-Expires=3600";
    expect(target(storage)).toBe(storage);
    expect(target("/hub/api/resolve-cache/models/a/b/c0/x.bin")).toBe(
      "https://mirror.example/hub/api/resolve-cache/models/a/b/c0/x.bin",
    );
  });

  test("of the very page to another host are followed: the mirror does not have it", () => {
    const elsewhere = "https://huggingface.co/a/b/resolve/main/x.bin";
    expect(redirectTarget(elsewhere, current, endpoint)).toBe(elsewhere);
  });

  test("to nowhere are refused", () => {
    expect(() => redirectTarget("file:///etc/passwd", current, endpoint)).toThrow(TransferFault);
    expect(() => redirectTarget("http://", current, endpoint)).toThrow(TransferFault);
  });
});
