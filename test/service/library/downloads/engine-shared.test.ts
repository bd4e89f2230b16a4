import { describe, expect, test } from "@jest/globals";
import type { Clock } from "../../../../service/src/platform/clock.ts";
import { createAddresses } from "../../../../service/src/library/downloads/worker/fetch/addresses.ts";
import { createConnections } from "../../../../service/src/library/downloads/worker/fetch/connections.ts";
import { createGates } from "../../../../service/src/library/downloads/worker/fetch/gates.ts";
import { createThrottle } from "../../../../service/src/library/downloads/worker/fetch/throttle.ts";
import { handClock } from "../parts.ts";

const kibibyte = 1024;
const never = new AbortController().signal;
/** Lets everything that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A clock whose timers come due in order; `next` lets time pass up to the next one. */
function orderlyClock() {
  let now = 0;
  const timers = new Set<{ due: number; call: () => void }>();
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(milliseconds, call) {
      const timer = { due: now + milliseconds, call };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const next = (): void => {
    const [timer] = [...timers].sort((a, b) => a.due - b.due);
    if (!timer) return;
    timers.delete(timer);
    now = timer.due;
    timer.call();
  };
  return { clock, next };
}

describe("the bandwidth limit", () => {
  test("lets nobody wait without a limit", async () => {
    const throttle = createThrottle(handClock());
    expect(throttle.grain()).toBe(Infinity);
    await throttle.take(2 ** 40, never, () => expect("a wait").toBe("none"));
  });

  test("lets through its bytes per second over all who ask, in turn, in small pieces", async () => {
    const { clock, next } = orderlyClock();
    const throttle = createThrottle(clock);
    throttle.limit(1000 * kibibyte);
    expect(throttle.grain()).toBe(100 * kibibyte);
    const began = clock.monotonic();
    const order: string[] = [];
    const taker = async (name: string) => {
      for (let piece = 0; piece < 10; piece += 1) {
        await throttle.take(throttle.grain(), never);
        order.push(name);
      }
    };
    const both = Promise.all([taker("a"), taker("b")]);
    let isDone = false;
    void both.then(() => (isDone = true));
    while (!isDone) {
      next();
      await settle();
    }
    expect(clock.monotonic() - began).toBeGreaterThanOrEqual(1900);
    expect(clock.monotonic() - began).toBeLessThanOrEqual(2100);
    expect(order.slice(0, 6).join("")).toBe("ababab");
  });

  test("does not save up what was not used", async () => {
    const clock = handClock();
    const throttle = createThrottle(clock);
    throttle.limit(1000);
    clock.set(clock.now() + 60_000);
    const waits: boolean[] = [];
    const note = (isWaiting: boolean) => void waits.push(isWaiting);
    await throttle.take(100, never, note);
    const more = throttle.take(500, never, note);
    expect(waits).toEqual([true]);
    expect(await clock.pass()).toBe(500);
    await more;
    expect(waits).toEqual([true, false]);
  });

  test("counts at once when it changes, also for those who wait, and ends with the signal", async () => {
    const clock = handClock();
    const throttle = createThrottle(clock);
    throttle.limit(10);
    const long = throttle.take(100_000, never);
    throttle.limit(null);
    await long;
    throttle.limit(10);
    const stopping = new AbortController();
    const stopped = throttle.take(100_000, stopping.signal);
    stopping.abort(new Error("Stop."));
    await expect(stopped).rejects.toThrow("Stop.");
    expect(clock.waiting()).toEqual([]);
  });
});

describe("servers that ask for patience", () => {
  const origin = "https://hub.example";

  test("are left alone by everybody until then, and asked by one first", async () => {
    const clock = handClock();
    const gates = createGates(clock);
    const refused = await gates.enter(origin, never);
    refused(2000);
    const entered: number[] = [];
    const requests = [1, 2, 3].map(async (number) => {
      const answer = await gates.enter(origin, never);
      entered.push(number);
      return answer;
    });
    await settle();
    expect(entered).toEqual([]);
    expect((await gates.enter("https://other.example", never))(null)).toBeUndefined();
    while (clock.waiting().length > 0) await clock.pass();
    await settle();
    expect(entered).toHaveLength(1);
    // Refused once more: nobody else has asked.
    (await Promise.race(requests))(1000);
    await settle();
    expect(entered).toHaveLength(1);
    while (clock.waiting().length > 0 || entered.length < 2) {
      if (clock.waiting().length > 0) await clock.pass();
      await settle();
    }
    expect(entered).toHaveLength(2);
    (await requests[entered[1]! - 1]!)(null);
    await Promise.all(requests);
    expect(entered).toHaveLength(3);
  });

  test("do not hold whoever is stopped", async () => {
    const clock = handClock();
    const gates = createGates(clock);
    (await gates.enter(origin, never))(60_000);
    const stopping = new AbortController();
    const entering = gates.enter(origin, stopping.signal);
    stopping.abort(new Error("Stop."));
    await expect(entering).rejects.toThrow("Stop.");
  });
});

describe("addresses", () => {
  const first = (path: string) => `https://hub.example/${path}`;

  test("are found out once, however many want to know", async () => {
    const addresses = createAddresses(first);
    const leader = await addresses.find("x", never);
    expect(leader).toMatchObject({ address: "https://hub.example/x", isKnown: false });
    const others = [1, 2, 3].map(() => addresses.find("x", never));
    await settle();
    leader.learn("https://cdn.example/1");
    for (const other of others) expect(await other).toMatchObject({ address: "https://cdn.example/1", isKnown: true });
  });

  test("are found out by another one when the first could not", async () => {
    const addresses = createAddresses(first);
    const leader = await addresses.find("x", never);
    const second = addresses.find("x", never);
    const third = addresses.find("x", never);
    leader.learn(null);
    expect(await second).toMatchObject({ isKnown: false });
    (await second).learn("https://cdn.example/2");
    expect(await third).toMatchObject({ address: "https://cdn.example/2" });
  });

  test("that expire are asked for anew once, not by everybody who saw it", async () => {
    const addresses = createAddresses(first);
    const leader = await addresses.find("x", never);
    leader.learn("https://cdn.example/old");
    const one = await addresses.find("x", never);
    const two = await addresses.find("x", never);
    one.works();
    expect(addresses.expire("x", one.address)).toBe(true);
    const fresh = await addresses.find("x", never);
    fresh.learn("https://cdn.example/new");
    expect(addresses.expire("x", two.address)).toBe(true);
    expect(await addresses.find("x", never)).toMatchObject({ address: "https://cdn.example/new" });
    // One that never brought a byte is no old one: the storage refuses.
    expect(addresses.expire("x", "https://cdn.example/new")).toBe(false);
  });
});

describe("the connections of all downloads", () => {
  const limits = (connections: number) => ({ connections, bytesPerSecond: null });

  test("start with one, double as long as more bring more, and end with their holders", async () => {
    const clock = handClock();
    const connections = createConnections(clock, limits(8));
    const owner = {};
    let open = 0;
    const held: Awaited<ReturnType<typeof connections.acquire>>[] = [];
    const stopping = new AbortController();
    const wanted = Array.from({ length: 10 }, () =>
      connections.acquire(owner, "stream", stopping.signal).then((connection) => {
        open += 1;
        held.push(connection);
      }),
    );
    const counts: number[] = [];
    for (let window = 0; window < 5; window += 1) {
      await settle();
      counts.push(open);
      for (const connection of held) connection.received(5_000_000);
      await clock.pass();
    }
    expect(counts).toEqual([1, 2, 4, 8, 8]);
    expect(connections.heldBy(owner)).toBe(8);
    stopping.abort(new Error("Stop."));
    await Promise.allSettled(wanted);
    for (const connection of held) connection.release();
    expect(connections.heldBy(owner)).toBe(0);
    expect(open).toBe(8);
  });

  test("never are more than the limit over several downloads, and a lower limit is reached soon", async () => {
    const clock = handClock();
    const connections = createConnections(clock, limits(2));
    const [a, b, c] = [{}, {}, {}];
    const first = await connections.acquire(a, "stream", never);
    const second = await connections.acquire(b, "stream", never);
    let third: unknown = null;
    void connections.acquire(c, "stream", never).then((connection) => (third = connection));
    await settle();
    expect(third).toBeNull();
    connections.limit(limits(1));
    expect([first.mustYield(), second.mustYield()]).toContain(true);
    first.release();
    await settle();
    expect(third).toBeNull();
    second.release();
    await settle();
    expect(third).not.toBeNull();
  });

  test("are given back by the youngest when fewer are worth it", async () => {
    const clock = handClock();
    const connections = createConnections(clock, limits(8));
    const owner = {};
    const first = await connections.acquire(owner, "stream", never);
    const waiting = connections.acquire(owner, "stream", never);
    first.received(1000);
    await clock.pass();
    const second = await waiting;
    expect([first.mustYield(), second.mustYield()]).toEqual([false, false]);
    clock.set(clock.now() + 1000);
    connections.trouble();
    expect([first.mustYield(), second.mustYield()]).toEqual([false, true]);
  });
});
