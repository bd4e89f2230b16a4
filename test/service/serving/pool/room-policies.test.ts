import { describe, expect, test } from "@jest/globals";
import { judge } from "../../../../service/src/serving/pool/scheduling/admission.ts";
import {
  chooseVictims,
  expiresAt,
  overload,
  relieve,
} from "../../../../service/src/serving/pool/scheduling/eviction.ts";
import { limitsOf, trustedAvailable } from "../../../../service/src/serving/pool/scheduling/memory-limits.ts";
import { refusalError, unloadText } from "../../../../service/src/serving/pool/scheduling/refusals.ts";
import { nextWake } from "../../../../service/src/serving/pool/scheduling/scheduler.ts";
import { emptyPool } from "../../../../service/src/serving/pool/scheduling/scheduler-state.ts";
import type {
  Limits,
  ServerPlan,
  Slot,
  Waiter,
} from "../../../../service/src/serving/pool/scheduling/scheduler-state.ts";
import { planOf } from "../../../../service/src/serving/pool/scheduling/server-plan.ts";
import { isTurnOver, nextWaiter } from "../../../../service/src/serving/pool/scheduling/turns.ts";
import { settingDefaults } from "../../../../service/src/contract/settings.ts";
import { memoryOf, testProfile } from "./pool-world.ts";

const plan: ServerPlan = { bytes: 10, isCounted: true, concurrency: 4, isPinned: false, ttlMs: null };
const limits: Limits = {
  ...{ maxModels: null, limitBytes: 100, freeBytes: null, footprintOf: () => 0, idleMs: 1000 },
  ...{ queueLimit: 9, queueLimitPerModel: 9, queueDeadlineMs: 600_000, turnRequests: 3, turnMs: 500 },
};
const slot = (key: string, change: Partial<Slot> = {}, needs: Partial<ServerPlan> = {}): Slot => ({
  ...{ key, run: 1, plan: { ...plan, ...needs }, phase: "ready", isAdmitted: true, inFlight: 0 },
  ...{ keptSince: null, lastUsedAt: 0, keepMs: null, turns: new Map() },
  ...change,
});
const keys = (slots: readonly Slot[] | null) => slots?.map(({ key }) => key) ?? null;
const isIdle = ({ inFlight }: Slot) => inFlight === 0;

describe("who is unloaded", () => {
  const used = (key: string, lastUsedAt: number, bytes: number, inFlight = 0) =>
    slot(key, { lastUsedAt, inFlight }, { bytes });

  test("is the least recently used, those at work last, as few as do", () => {
    const all = [used("old but busy", 1, 50, 1), used("newest", 9, 50), used("older", 3, 20), used("oldest", 2, 20)];
    expect(keys(chooseVictims({ bytes: 15, places: 0 }, all, limits))).toEqual(["oldest"]);
    expect(keys(chooseVictims({ bytes: 30, places: 0 }, all, limits))).toEqual(["oldest", "older"]);
    expect(keys(chooseVictims({ bytes: 50, places: 0 }, all, limits))).toEqual(["newest"]);
    expect(keys(chooseVictims({ bytes: 120, places: 0 }, all, limits))).toEqual(["oldest", "newest", "old but busy"]);
    expect(keys(chooseVictims({ bytes: 0, places: 1 }, all, limits))).toEqual(["oldest"]);
    expect(chooseVictims({ bytes: 141, places: 0 }, all, limits)).toBeNull();
  });

  test("counts with what it really takes where it grew beyond its reservation", () => {
    const grown = { footprintOf: (key: string) => (key === "grown" ? 60 : 0) };
    expect(keys(chooseVictims({ bytes: 40, places: 0 }, [used("grown", 5, 20)], grown))).toEqual(["grown"]);
  });

  test("when the limits became narrower is as much as is over, or all that may go", () => {
    const all = [used("a", 1, 60), used("b", 2, 60)];
    expect(overload(all, limits)).toEqual({ bytes: 20, places: 0 });
    expect(overload(all, { ...limits, maxModels: 1 })).toEqual({ bytes: 20, places: 1 });
    expect(keys(relieve({ bytes: 20, places: 1 }, all, limits))).toEqual(["a"]);
    expect(keys(relieve({ bytes: 200, places: 0 }, all, limits))).toEqual(["a", "b"]);
    expect(relieve({ bytes: 0, places: 0 }, all, limits)).toEqual([]);
  });

  test.each([
    ["by the setting", {}, {}, 1000],
    ["by its own time", {}, { ttlMs: 200 }, 200],
    ["never, by its own word", {}, { ttlMs: 0 }, null],
    ["never with a pin", {}, { isPinned: true }, null],
    ["by its own time in spite of a pin", {}, { isPinned: true, ttlMs: 200 }, 200],
    ["by a client's wish", { keepMs: 50 }, { ttlMs: 200 }, 50],
    ["at once by a client's wish", { keepMs: 0, lastUsedAt: 7 }, {}, 7],
    ["never by a client's wish", { keepMs: Infinity }, { ttlMs: 200 }, null],
    ["never with a pin, whatever a client wishes", { keepMs: 0 }, { isPinned: true }, null],
    ["never while it works,", { keepMs: 0, inFlight: 1 }, {}, null],
    ["never while it works", { inFlight: 1 }, {}, null],
    ["never while it loads", { phase: "loading" as const }, {}, null],
  ])("of idle ones goes %s", (_title, change, needs, at) => {
    expect(expiresAt(slot("a", change, needs), limits)).toBe(at);
  });
});

describe("a load", () => {
  test("is admitted where there is room beside everything that is loaded, loads, or is not gone", () => {
    const others = [
      slot("ready", {}, { bytes: 30 }),
      slot("loading", { phase: "loading" }, { bytes: 30 }),
      slot("leaving", { phase: "leaving" }, { bytes: 30 }),
      slot("waiting", { phase: "waiting", isAdmitted: false }, { bytes: 90 }),
    ];
    expect(judge({ ...plan, bytes: 10 }, others, isIdle, limits)).toEqual({ kind: "admit" });
    expect(judge({ ...plan, bytes: 11 }, others, isIdle, limits).kind).toBe("coming");
    expect(judge({ ...plan, bytes: 41 }, others, isIdle, limits).kind).toBe("unload");
    expect(judge({ ...plan, bytes: 71 }, others, isIdle, limits).kind).toBe("later");
    expect(judge({ ...plan, bytes: 101 }, others, isIdle, limits).kind).toBe("refuse");
    const busy = others.map((one) => ({ ...one, inFlight: 1 }));
    expect(judge({ ...plan, bytes: 41 }, busy, isIdle, limits).kind).toBe("contend");
  });

  test("elsewhere takes no memory and no place, even where both are used up", () => {
    const full = [slot("a", {}, { bytes: 120, isPinned: true })];
    const narrow = { ...limits, maxModels: 1 };
    expect(judge({ ...plan, bytes: 0, isCounted: false }, full, isIdle, narrow)).toEqual({ kind: "admit" });
    expect(judge(plan, full, isIdle, narrow).kind).toBe("refuse");
  });

  test("never counts on memory that the machine has not got", () => {
    const others = [slot("a", {}, { bytes: 30 })];
    expect(judge({ ...plan, bytes: 40 }, others, isIdle, { ...limits, freeBytes: 40 }).kind).toBe("admit");
    expect(judge({ ...plan, bytes: 40 }, others, isIdle, { ...limits, freeBytes: 20 }).kind).toBe("unload");
    expect(judge({ ...plan, bytes: 60 }, others, isIdle, { ...limits, freeBytes: 20 }).kind).toBe("refuse");
  });
});

describe("the machine's word", () => {
  test("counts where it means what can be had", () => {
    const memory = memoryOf(5);
    expect(trustedAvailable({ ...memory, method: "MemAvailable within memory.max" })).toBe(5);
    expect(trustedAvailable({ ...memory, method: "vm_stat, iogpu.wired_limit_mb" })).toBeNull();
    expect(trustedAvailable({ ...memory, method: "vm_stat", pressure: "critical" })).toBe(5);
  });

  test("is asked only when it matters, and once", () => {
    let asked = 0;
    const memory = () => ({ ...memoryOf(50 + (asked += 1)), method: "MemAvailable" });
    const slots = new Map([["a", slot("a", {}, { bytes: 30 })]]);
    const sources = { settings: settingDefaults, memory, state: { ...emptyPool, slots }, footprintOf: () => 10 };
    const found = limitsOf(sources);
    expect([found.maxModels, found.idleMs, asked]).toEqual([null, 3_600_000, 0]);
    // Of the 51 that are there, the server may still take 20.
    expect([found.freeBytes, found.limitBytes, asked]).toEqual([31, 12e9, 1]);
    expect(
      limitsOf({ ...sources, settings: { ...settingDefaults, memoryLimitBytes: 7, idleUnloadSeconds: 0 } }),
    ).toMatchObject({
      ...{ limitBytes: 7, idleMs: null },
    });
  });
});

describe("turns", () => {
  const waiter = (id: number, client: string, key = "a"): Waiter => ({
    id,
    key,
    plan,
    client,
    arrivedAt: id,
    queuedAt: id,
  });

  test("end after so many requests or so long, and only where another model waits", () => {
    expect(isTurnOver(undefined, 1e9, limits)).toBe(false);
    expect(isTurnOver({ since: 0, grants: 2 }, 499, limits)).toBe(false);
    expect(isTurnOver({ since: 0, grants: 3 }, 0, limits)).toBe(true);
    expect(isTurnOver({ since: 0, grants: 0 }, 500, limits)).toBe(true);
  });

  test("go to the client who waits longest for one, and to its oldest request", () => {
    const waiters = [waiter(1, "x"), waiter(2, "x"), waiter(3, "y"), waiter(4, "z", "b"), waiter(5, "w")];
    expect(nextWaiter(slot("a"), waiters)?.id).toBe(1);
    expect(nextWaiter(slot("a", { turns: new Map([["x", 1]]) }), waiters)?.id).toBe(3);
    expect(
      nextWaiter(
        slot("a", {
          turns: new Map([
            ["x", 1],
            ["y", 3],
            ["w", 2],
          ]),
        }),
        waiters,
      )?.id,
    ).toBe(1);
    expect(nextWaiter(slot("c"), waiters)).toBeUndefined();
  });

  test("and deadlines wake the scheduler, what is past does not", () => {
    const contention = { key: "b", victims: new Map([["a", { since: 100, grants: 0 }]]) };
    const state = { ...emptyPool, slots: new Map([["a", slot("a", { lastUsedAt: 700 })]]), contention };
    expect(nextWake(emptyPool, 0, limits)).toBeNull();
    expect(nextWake(state, 0, limits)).toBe(600);
    expect(nextWake(state, 600, limits)).toBe(1700);
    expect(nextWake({ ...state, waiters: [waiter(1, "x")] }, 1700, limits)).toBe(600_001);
  });
});

describe("what a profile asks for", () => {
  test("is the engine's own concurrency where it says nothing, and no place where it takes no memory", () => {
    const profile = testProfile();
    expect(planOf(profile, { bytes: 5 })).toEqual({ ...plan, bytes: 5, concurrency: 32 });
    expect(planOf({ ...profile, engineOptions: { decodeConcurrency: 8 } }, { bytes: 0 })).toEqual({
      ...{ ...plan, bytes: 0, isCounted: false, concurrency: 8 },
    });
    const lifecycle = { pinned: true, ttlSeconds: 0 };
    expect(planOf({ ...profile, limits: { concurrency: 2 }, lifecycle }, { bytes: 5 })).toEqual({
      ...{ ...plan, bytes: 5, concurrency: 2, isPinned: true, ttlMs: 0 },
    });
  });
});

describe("a refusal", () => {
  const context = {
    name: "own/a",
    forecast: null,
    nameOf: (key: string) => (key === "gone" ? null : { profile: key, model: key }),
  };

  test("in small numbers speaks of megabytes, and names nobody who has gone", () => {
    const holders = [
      { key: "gone", bytes: 1 },
      { key: "b", bytes: 3e6 },
    ];
    const error = refusalError(
      { kind: "no-memory", neededBytes: 5e6, limitBytes: 6e6, roomBytes: 3e6, holders },
      context,
    );
    expect(error.message).toBe(
      "own/a needs 5 MB of memory, and 3 MB of 6 MB can be had. Stop b (3 MB), or choose a smaller model.",
    );
  });

  test("for somebody else's failure is that failure, and nothing foreign gets out", () => {
    const foreign = refusalError({ kind: "failed", error: new Error("/home/me") }, context);
    expect([foreign.code, foreign.message.includes("/home")]).toEqual(["engine_failed", false]);
  });

  test("and an unloading are told in words", () => {
    expect(unloadText({ kind: "room", for: "b" }, context.nameOf)).toBe("Unloaded to make room for b.");
    expect(unloadText({ kind: "room", for: "gone" }, context.nameOf)).toBe("Unloaded to keep within the limits.");
    expect(unloadText({ kind: "idle", idleMs: 3_600_400 }, context.nameOf)).toBe(
      "Unloaded after 3600 s without a request.",
    );
  });
});
