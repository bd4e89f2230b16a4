import { afterEach, describe, expect, test } from "@jest/globals";
import { createRequests } from "../../../../service/src/core/requests/index.ts";
import type { Requests } from "../../../../service/src/core/requests/index.ts";
import { createSettings } from "../../../../service/src/core/settings/index.ts";
import { createReader } from "../../../../service/src/platform/database/reader.ts";
import { findPlace } from "../../../../service/src/platform/place.ts";
import { coreWorld } from "../core-world.ts";
import { finishedRequest as row } from "./finished-request.ts";

const day = 24 * 60 * 60 * 1000;
const hour = 60 * 60 * 1000;
let requests: Requests;
afterEach(() => requests.close());

function world() {
  const core = coreWorld();
  const settings = createSettings({ ...core, fixed: {} });
  const reader = createReader({ ...core, workerFile: findPlace().worker("platform/database/reader-main") });
  requests = createRequests({ ...core, settings, reader, secrets: () => [], swapCause: () => null });
  const ids = () => core.database.prepare("SELECT id FROM requests ORDER BY id").pluck().all();
  const count = () => core.database.prepare("SELECT count(*) FROM requests").pluck().get();
  /** Retention reads, pauses and reads again: its timers are let go by, with what it awaits between. */
  const pass = async (milliseconds: number) => {
    core.clock.advance(milliseconds);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { ...core, settings, requests, ids, count, pass };
}

test("rows are written in one batch, off the answer's path", () => {
  const { clock, database, ids, requests, seen } = world();
  for (const id of ["a", "b", "c"]) requests.record(row({ id }));
  expect([ids(), seen]).toEqual([[], []]);
  clock.advance(200);
  expect(ids()).toEqual(["a", "b", "c"]);
  expect(database.prepare("SELECT * FROM requests WHERE id = 'a'").get()).toMatchObject({
    ...{
      streamed: 1,
      client_left: 0,
      client: "curl",
      queue_ms: 1,
      load_ms: 0.5,
      dropped_keys: '["seed"]',
      input_tokens: 5,
      cached_tokens: null,
      wait_ms: 1.5,
    },
  });
  requests.record(row({ id: "d" }));
  requests.flush();
  expect(ids()).toEqual(["a", "b", "c", "d"]);
  expect(seen.map(({ type, data }) => [type, (data as { id: string }).id])).toEqual(
    ["a", "b", "c", "d"].map((id) => ["request.finished", id]),
  );
});

test("what waits is written at the close, and no timer stays", () => {
  const { clock, ids, requests } = world();
  requests.record(row({ id: "a" }));
  requests.close();
  expect([ids(), clock.timers()]).toEqual([["a"], 0]);
});

test("a batch that cannot be written is logged, and the next goes on", () => {
  const { clock, ids, logged, requests, seen } = world();
  requests.record(row({ id: "a" }));
  requests.record(row({ id: "a" }));
  clock.advance(200);
  expect(logged).toEqual([expect.objectContaining({ msg: "request rows could not be written", rows: 2 })]);
  expect(seen).toEqual([]);
  requests.record(row({ id: "b" }));
  clock.advance(200);
  expect(ids()).toEqual(["b"]);
  requests.close();
});

describe("retention", () => {
  test("requestLogDays is the age at which rows go, in slices of 500 with a pause between", async () => {
    const { clock, count, ids, pass, requests, settings } = world();
    settings.update({ requestLogDays: 10 });
    await pass(1000);
    const old = new Date(clock.now() - 11 * day).toISOString();
    for (let number = 0; number < 1200; number += 1) requests.record(row({ id: `old-${number}`, startedAt: old }));
    requests.record(row({ id: "young", startedAt: new Date(clock.now() - 9 * day).toISOString() }));
    requests.flush();
    const counts: unknown[] = [];
    await pass(hour);
    for (let slice = 0; slice < 3; slice += 1) {
      counts.push(count());
      await pass(100);
    }
    expect(counts).toEqual([701, 201, 1]);
    expect(ids()).toEqual(["young"]);
    settings.update({ requestLogDays: 5 });
    await pass(200);
    expect(ids()).toEqual([]);
  });

  test("requestLogBytes is the size above which the oldest go, texts with their rows, without waiting an hour", async () => {
    const { clock, database, ids, pass, requests, settings } = world();
    settings.update({ requestLogBytes: 1_000_000 });
    await pass(1000);
    const texts = { request: "r".repeat(300_000), answer: [] };
    for (let number = 0; number < 5; number += 1) {
      const startedAt = new Date(clock.now() + number).toISOString();
      requests.record(row({ id: `row-${number}`, startedAt }), texts);
    }
    requests.flush();
    expect(ids()).toHaveLength(5);
    await pass(100);
    await pass(100);
    expect(ids()).toEqual(["row-2", "row-3", "row-4"]);
    expect(database.prepare("SELECT request_id FROM request_bodies ORDER BY 1").pluck().all()).toEqual(ids());
  });

  test("that fails is logged and tried again, and does not end the service", async () => {
    const { clock, database, logged, pass } = world();
    database.exec("ALTER TABLE requests RENAME TO elsewhere");
    await pass(hour);
    expect(logged).toEqual([expect.objectContaining({ msg: "old request rows could not be deleted" })]);
    expect(clock.timers()).toBe(1);
  });
});
