import { expect, test } from "@jest/globals";
import { createRequests } from "../../../../service/src/core/requests/index.ts";
import type { RequestRow } from "../../../../service/src/core/requests/index.ts";
import { coreWorld } from "../core-world.ts";

const day = 24 * 60 * 60 * 1000;

function row(id: string, startedAt = "2026-01-01T00:00:00.000Z"): RequestRow {
  return {
    ...{ id, startedAt, finishedAt: startedAt, protocol: "openai", path: "/v1/chat/completions", streamed: true },
    ...{ requestedModel: "coder", model: "a/b", profileId: "p", serverId: "s", engine: "mlx-lm", status: 200 },
    ...{ finishReason: "stop", errorCode: null, errorSource: null, clientLeft: false, inputTokens: 5, outputTokens: 7 },
    ...{ cachedTokens: null, reasoningTokens: 0, waitMs: 1.5, firstTokenMs: 20, durationMs: 30, droppedKeys: ["seed"] },
  };
}

function world() {
  const core = coreWorld();
  const requests = createRequests(core);
  const ids = () => core.database.prepare("SELECT id FROM requests ORDER BY id").pluck().all();
  return { ...core, requests, ids };
}

test("rows are written in one batch, off the answer's path", () => {
  const { clock, database, ids, requests } = world();
  for (const id of ["a", "b", "c"]) requests.record(row(id));
  expect(ids()).toEqual([]);
  clock.advance(200);
  expect(ids()).toEqual(["a", "b", "c"]);
  expect(database.prepare("SELECT * FROM requests WHERE id = 'a'").get()).toMatchObject({
    ...{ streamed: 1, client_left: 0, dropped_keys: '["seed"]', input_tokens: 5, cached_tokens: null, wait_ms: 1.5 },
  });
  requests.record(row("d"));
  requests.flush();
  expect(ids()).toEqual(["a", "b", "c", "d"]);
  requests.close();
});

test("what waits is written at the close, and no timer stays", () => {
  const { clock, ids, requests } = world();
  requests.record(row("a"));
  requests.close();
  expect([ids(), clock.timers()]).toEqual([["a"], 0]);
});

test("a batch that cannot be written is logged, and the next goes on", () => {
  const { clock, ids, logged, requests } = world();
  requests.record(row("a"));
  requests.record(row("a"));
  clock.advance(200);
  expect(logged).toEqual([expect.objectContaining({ msg: "request rows could not be written", rows: 2 })]);
  requests.record(row("b"));
  clock.advance(200);
  expect(ids()).toEqual(["b"]);
  requests.close();
});

test("rows older than 30 days are deleted in slices of 500, with a pause between", () => {
  const { clock, database, ids, requests } = world();
  const old = new Date(clock.now() - 31 * day).toISOString();
  for (let number = 0; number < 1200; number += 1) requests.record(row(`old-${number}`, old));
  requests.record(row("young", new Date(clock.now() - 29 * day).toISOString()));
  requests.flush();
  const count = () => database.prepare("SELECT count(*) FROM requests").pluck().get();
  const counts: unknown[] = [];
  clock.advance(60 * 60 * 1000);
  for (let slice = 0; slice < 3; slice += 1) {
    counts.push(count());
    clock.advance(100);
  }
  expect(counts).toEqual([701, 201, 1]);
  expect(ids()).toEqual(["young"]);
  requests.close();
});

test("a failing clean-up is logged and tried again, and does not end the service", () => {
  const { clock, database, logged, requests } = world();
  database.exec("ALTER TABLE requests RENAME TO elsewhere");
  clock.advance(60 * 60 * 1000);
  expect(logged).toEqual([expect.objectContaining({ msg: "old request rows could not be deleted" })]);
  expect(clock.timers()).toBe(1);
  requests.close();
});
