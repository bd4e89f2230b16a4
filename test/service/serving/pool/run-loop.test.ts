import { expect, test } from "@jest/globals";
import { createRunLoop } from "../../../../service/src/serving/pool/scheduling/run-loop.ts";
import type { Effect, Limits, ServerPlan } from "../../../../service/src/serving/pool/scheduling/scheduler-state.ts";

const plan: ServerPlan = { bytes: 1, isCounted: true, concurrency: 1, isPinned: false, ttlMs: null };
const limits: Limits = {
  ...{ maxModels: null, limitBytes: 10, freeBytes: null, footprintOf: () => 0, idleMs: 30 },
  ...{ queueLimit: 10, queueLimitPerModel: 10, queueDeadlineMs: 1000, turnRequests: 4, turnMs: 1000 },
};

test("what comes due between a step and its timer is not forgotten", () => {
  let now = 0;
  let slowMs = 0;
  const timers: { milliseconds: number; call: () => void }[] = [];
  const effects: Effect[] = [];
  const loop = createRunLoop({
    clock: {
      monotonic: () => now,
      after(milliseconds, call) {
        timers.push({ milliseconds, call });
        return () => undefined;
      },
    },
    limits: () => limits,
    perform: (effect) => void effects.push(effect),
    // A busy machine: the server's time to go passes before the timer is set.
    rest: () => void (now += slowMs),
  });
  loop.dispatch({ type: "start", id: 1, key: "a", plan, mayEvict: true });
  const run = loop.state.slots.get("a")?.run ?? 0;
  slowMs = 50;
  loop.dispatch({ type: "ready", key: "a", run });
  expect(timers.map(({ milliseconds }) => milliseconds)).toEqual([0]);
  timers[0]?.call();
  expect(effects.at(-1)).toMatchObject({ type: "unload", key: "a", reason: { kind: "idle", idleMs: 50 } });
});
