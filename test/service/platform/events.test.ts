import { describe, expect, test } from "@jest/globals";
import type { Job } from "../../../service/src/contract/jobs.ts";
import { eventTopics } from "../../../service/src/contract/events.ts";
import { createEvents } from "../../../service/src/platform/events.ts";
import type { ServerEvent } from "../../../service/src/contract/events.ts";
import { manualClock } from "../../tools/manual-clock.ts";

const all = new Set(eventTopics);
const job = (id: string, done: number, state: Job["state"] = "running"): Job => ({
  ...{ id, kind: "engine-install", subject: "mlx-lm", state, phase: "work", done, total: 100, unit: "steps" },
  ...{ error: null, createdAt: "2026-01-01T00:00:00.000Z", startedAt: null, finishedAt: null },
});

function world(ringSize?: number) {
  const clock = manualClock();
  const errors: unknown[] = [];
  const seen: ServerEvent[] = [];
  const events = createEvents({
    ...{ clock, boot: "boot1", onListenerError: (error) => errors.push(error) },
    ...(ringSize === undefined ? {} : { ringSize }),
  });
  events.listen((event) => seen.push(event));
  const progress = () => seen.filter(({ type }) => type === "job.progress").map(({ data }) => (data as Job).done);
  return { clock, errors, events, progress, seen };
}

describe("events", () => {
  test("have ids of this boot in order, a time and their payload", () => {
    const { clock, events, seen } = world();
    events.publish("model.changed", { id: "a/b" });
    clock.advance(1000);
    events.publish("model.removed", { id: "a/b" });
    expect(seen).toEqual([
      { id: "boot1-1", type: "model.changed", at: "2026-01-01T00:00:00.000Z", data: { id: "a/b" } },
      { id: "boot1-2", type: "model.removed", at: "2026-01-01T00:00:01.000Z", data: { id: "a/b" } },
    ]);
  });

  test("reach every listener, also after one that throws", () => {
    const { errors, events, seen } = world();
    const failure = new Error("broken listener");
    events.listen(() => {
      throw failure;
    });
    const late: string[] = [];
    const stop = events.listen((event) => late.push(event.id));
    events.publish("model.changed", { id: "a/b" });
    stop();
    events.publish("model.changed", { id: "a/b" });
    expect(late).toEqual(["boot1-1"]);
    expect(seen).toHaveLength(2);
    expect(errors).toEqual([failure, failure]);
  });
});

describe("resuming", () => {
  test("inside the ring gives what came after, of the chosen topics", () => {
    const { events } = world();
    events.publish("model.changed", { id: "a/b" });
    events.publish("job.changed", job("j", 1));
    events.publish("model.changed", { id: "c/d" });
    expect(events.since("boot1-1", all)?.map(({ id }) => id)).toEqual(["boot1-2", "boot1-3"]);
    expect(events.since("boot1-1", new Set(["models"]))?.map(({ id }) => id)).toEqual(["boot1-3"]);
    expect(events.since("boot1-3", all)).toEqual([]);
  });

  test("outside the ring, from another boot, from the future or by nonsense asks for a new snapshot", () => {
    const { events } = world(2);
    for (let count = 0; count < 4; count += 1) events.publish("model.changed", { id: "a/b" });
    expect(events.since("boot1-3", all)).toHaveLength(1);
    for (const id of ["boot1-1", "boot1-2", "boot0-3", "boot1-5", "", "3"]) expect(events.since(id, all)).toBeNull();
  });

  test("before anything happened misses nothing", () => {
    const { events } = world();
    expect(events.since("boot1-0", all)).toEqual([]);
  });
});

describe("samples", () => {
  test("come at once, then at most twice a second, and the latest wins", () => {
    const { clock, events, progress } = world();
    for (let done = 0; done <= 20; done += 1) {
      events.sample("job.progress", "j", job("j", done));
      clock.advance(100);
    }
    expect(progress()).toEqual([0, 4, 9, 14, 19]);
    clock.advance(1000);
    expect(progress()).toEqual([0, 4, 9, 14, 19, 20]);
    expect(clock.timers()).toBe(0);
  });

  test("of different subjects do not slow each other", () => {
    const { events, progress } = world();
    for (const id of ["a", "b", "c"]) events.sample("job.progress", id, job(id, 1));
    expect(progress()).toEqual([1, 1, 1]);
  });

  test("never follow a state change of their subject", () => {
    const { clock, events, seen } = world();
    events.sample("job.progress", "j", job("j", 1));
    events.sample("job.progress", "j", job("j", 2));
    events.sample("job.progress", "other", job("other", 3));
    events.sample("job.progress", "other", job("other", 4));
    events.publish("job.changed", job("j", 2, "succeeded"));
    clock.advance(5000);
    expect(seen.map(({ type, data }) => `${type} ${(data as Job).id} ${(data as Job).done}`)).toEqual([
      ...["job.progress j 1", "job.progress other 3", "job.changed j 2", "job.progress other 4"],
    ]);
  });

  test("that wait are dropped at the close", () => {
    const { clock, events, seen } = world();
    events.sample("job.progress", "j", job("j", 1));
    events.sample("job.progress", "j", job("j", 2));
    events.close();
    clock.advance(5000);
    expect([seen.length, clock.timers()]).toEqual([1, 0]);
  });
});
