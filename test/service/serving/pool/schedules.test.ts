import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { trials } from "../../../tools/counts.ts";
import { runSchedule } from "./schedule-world.ts";
import type { Command, ModelScript, Schedule } from "./schedule-world.ts";

const time = (most: number) => fc.integer({ min: 1, max: most });
const clients = 4;

const model: fc.Arbitrary<ModelScript> = fc.record({
  plan: fc.record({
    bytes: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 100 }) }, fc.constant(0)),
    isCounted: fc.boolean(),
    concurrency: fc.integer({ min: 1, max: 4 }),
    isPinned: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)),
    ttlMs: fc.oneof(fc.constant(null), fc.constant(0), time(500)),
  }),
  loadMs: time(300),
  unloadMs: time(100),
  failedLoads: fc.oneof(
    { weight: 4, arbitrary: fc.constant<number[]>([]) },
    fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
  ),
});

const modelIndex = fc.nat(5);
const request: fc.Arbitrary<Command> = fc.record({
  type: fc.constant("request" as const),
  model: modelIndex,
  client: fc.nat(clients - 1),
  workMs: time(200),
  patienceMs: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, time(400)),
  keepMs: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constantFrom(0, Infinity), time(400)),
});
const others: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant("start" as const), model: modelIndex, mayEvict: fc.boolean() }),
  fc.record({ type: fc.constant("stop" as const), model: modelIndex }),
  fc.record({ type: fc.constant("crash" as const), model: modelIndex, forGood: fc.boolean() }),
  fc.record({ type: fc.constant("pin" as const), model: modelIndex, isPinned: fc.boolean() }),
);
const commandsOf = (command: fc.Arbitrary<Command>) =>
  fc.array(fc.record({ afterMs: fc.oneof(fc.constant(0), fc.nat(60)), command }), { minLength: 1, maxLength: 60 });

const schedule: fc.Arbitrary<Schedule> = fc.record({
  models: fc.array(model, { minLength: 1, maxLength: 6 }),
  limits: fc.record({
    maxModels: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.integer({ min: 1, max: 3 })),
    limitBytes: fc.integer({ min: 20, max: 250 }),
    idleMs: fc.oneof(fc.constant(null), time(1000)),
    queueLimit: fc.integer({ min: 1, max: 40 }),
    queueLimitPerModel: fc.integer({ min: 1, max: 20 }),
    queueDeadlineMs: fc.oneof(fc.constant(600_000), time(2000)),
    turnRequests: fc.integer({ min: 1, max: 5 }),
    turnMs: time(500),
  }),
  commands: commandsOf(fc.oneof({ weight: 8, arbitrary: request }, { weight: 2, arbitrary: others })),
});

const runs = { seed: 20_261_121, numRuns: trials(300, 10_000) };

describe("generated schedules", () => {
  test("never break a rule of the pool", () => {
    fc.assert(
      fc.property(schedule, (given) => void runSchedule(given)),
      runs,
    );
  });

  test("leave nobody waiting longer than those before it account for", () => {
    // Without faults and deadlines: nothing but the scheduler makes anybody wait.
    const calm = fc
      .record({ base: schedule, commands: commandsOf(request) })
      .map(({ base, commands }) => ({ ...base, commands, limits: { ...base.limits, queueDeadlineMs: 1e9 } }));
    fc.assert(
      fc.property(calm, (given) => {
        const { outcomes } = runSchedule(given);
        const { models, limits } = given;
        const turn = limits.turnMs + 200 + 300 + 100;
        const failures = models.reduce((sum, { failedLoads }) => sum + failedLoads.length, 0);
        for (const { arrivedAt, endedAt, ahead } of outcomes) {
          const turns = ((ahead + 1) * clients + failures) * (models.length + 1);
          expect(endedAt - arrivedAt).toBeLessThanOrEqual(turns * turn);
        }
      }),
      { ...runs, numRuns: trials(100, 3000) },
    );
  });

  test("swap no more than the turns that were used up", () => {
    const requests = commandsOf(request.map((command) => ({ ...command, patienceMs: null }) as Command));
    const contested = fc
      .record({ base: schedule, commands: requests })
      .map(({ base, commands }) => ({ ...base, commands, limits: { ...base.limits, queueDeadlineMs: 1e9 } }));
    fc.assert(
      fc.property(contested, (given) => {
        const { swaps, outcomes } = runSchedule(given);
        for (const { served, due, hadTime } of swaps) if (!hadTime) expect(served).toBeGreaterThanOrEqual(due);
        // Each swap was paid for by at least one answer of the model that made way.
        expect(swaps.length).toBeLessThanOrEqual(outcomes.filter(({ end }) => end === "served").length);
      }),
      { ...runs, numRuns: trials(100, 3000) },
    );
  });
});
