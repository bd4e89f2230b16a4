import { expect, test } from "@jest/globals";
import { createQueueNews, lineOf } from "../../../../service/src/serving/pool/scheduling/queue-news.ts";
import { emptyPool } from "../../../../service/src/serving/pool/scheduling/scheduler-state.ts";
import type { PoolState, Slot, Waiter } from "../../../../service/src/serving/pool/scheduling/scheduler-state.ts";
import { manualClock } from "../../../tools/manual-clock.ts";

const plan = { bytes: 1, isCounted: true, concurrency: 1, isPinned: false, ttlMs: null };
const slotOf = (key: string, phase: Slot["phase"], turns: [string, number][] = []): Slot =>
  ({
    key,
    run: 1,
    plan,
    phase,
    isAdmitted: true,
    keepMs: null,
    inFlight: 1,
    keptSince: null,
    lastUsedAt: 0,
    turns: new Map(turns),
  }) as Slot;
const waiter = (id: number, client: string, key = "a") =>
  ({ id, key, plan, client, arrivedAt: id, queuedAt: id }) as Waiter;

test("a line is in the order in which places will be given: clients take turns", () => {
  const waiters = [waiter(1, "x"), waiter(2, "x"), waiter(3, "y"), waiter(4, "x"), waiter(5, "y"), waiter(6, "z", "b")];
  const line = lineOf(slotOf("a", "ready", [["x", 7]]), waiters, 7);
  expect(line.map(({ id }) => id)).toEqual([3, 1, 5, 2, 4]);
});

test("is told at once, then at most twice a second, the latest state alone, and nothing after the end", () => {
  const clock = manualClock();
  const told: string[] = [];
  let state: PoolState = emptyPool;
  const news = createQueueNews({
    ...{ clock, state: () => state },
    tell: (id, place, length) => told.push(`${id}: ${place}/${length}`),
  });
  const become = (waiters: Waiter[]): void => {
    const slots = new Map([slotOf("a", "ready"), slotOf("b", "loading")].map((slot) => [slot.key, slot]));
    state = { ...emptyPool, slots, waiters };
    news.changed();
  };
  become([waiter(1, "x"), waiter(9, "x", "b")]);
  become([waiter(1, "x"), waiter(2, "x")]);
  become([waiter(2, "x"), waiter(3, "x")]);
  expect(told.splice(0)).toEqual(["1: 1/1"]);
  clock.advance(500);
  expect(told.splice(0)).toEqual(["2: 1/2", "3: 2/2"]);
  become([waiter(3, "x")]);
  news.close();
  clock.advance(5000);
  expect([told, clock.timers()]).toEqual([[], 0]);
});
