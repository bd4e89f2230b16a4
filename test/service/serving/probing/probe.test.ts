import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { HubModelDetail } from "../../../../service/src/contract/hub.ts";
import type { Job } from "../../../../service/src/contract/jobs.ts";
import type { Model } from "../../../../service/src/contract/models.ts";
import type { Server } from "../../../../service/src/contract/servers.ts";
import { writeCachedModel } from "../../../tools/cached-model.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";

const id = "own/model";
const able = { memoryIntervalMs: 40, toolCall: true, reasoning: true, tokenDelayMs: 1 };
let home: string;
let service: TestService | null = null;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-probe-"));
});
afterEach(async () => {
  await service?.close();
  service = null;
  await rm(home, { recursive: true, force: true });
});

async function started(flags: Readonly<Record<string, unknown>>): Promise<TestService> {
  await writeCachedModel(join(home, "hub"), id, flags);
  return await opened();
}
async function opened(): Promise<TestService> {
  service = await startTestService({ home });
  await service.service.models.looked();
  return service;
}
const probe = async ({ call }: TestService) =>
  (await call("POST", `/api/models/${id}/probe`)) as { status: number; body: Job };
const modelOf = async ({ call }: TestService) => (await call("GET", `/api/models/${id}`)).body as Model;
const running = async ({ call }: TestService) =>
  ((await call("GET", "/api/servers?running=true")).body as { items: Server[] }).items;
const ended = async ({ service: { jobs } }: TestService, { body }: { body: Job }) => await jobs.finished(body.id);

/** Resolves when the probe's server has been asked something. */
function asked({ service: { events } }: TestService): Promise<void> {
  return new Promise((resolve) => {
    const stop = events.listen((event) => {
      if (event.type !== "job.progress" || event.data.phase !== "asking: chat") return;
      stop();
      resolve();
    });
  });
}

describe("a probe", () => {
  test("runs the model once on a server of its own and records what it did", async () => {
    const world = await started(able);
    const begun = await probe(world);
    expect(begun).toMatchObject({
      status: 202,
      body: { kind: "probe", subject: expect.stringMatching(/^own\/model@/) },
    });
    expect(await ended(world, begun)).toMatchObject({ state: "succeeded", error: null });
    const { measured, revisions } = await modelOf(world);
    expect(measured).toMatchObject({
      ...{ revision: revisions[0]?.revision, engine: "mlx-lm", engineVersion: "0.0.0-fake", current: true },
      capabilities: {
        chat: "yes",
        tools: "yes",
        thinking: "yes",
        structuredOutput: "no",
        vision: "not-tried",
      },
      ...{ toolFormat: "tool_calls", tokensPerSecond: expect.any(Number), prefillTokensPerSecond: expect.any(Number) },
      longestPrompt: { endedBy: "model" },
      memory: { method: "rss", loadedBytes: 100_000_000 },
    });
    const contexts = measured?.memory?.contexts ?? [];
    expect(contexts.map(({ tokens }) => Math.ceil(tokens / 256))).toEqual([1, 4, 8]);
    expect(contexts.every(({ tokens }) => tokens <= 2048)).toBe(true);
    expect(await running(world)).toEqual([]);
    expect(world.service.models.find(id)).not.toBeNull();
  }, 120_000);

  test("says what the model does not do, though its files claim it, and the form of a call that the gateway read", async () => {
    const world = await started({ memoryIntervalMs: 40, text: '<tool_call>{"name": "get_weather"}' });
    await ended(world, await probe(world));
    const { measured, capabilities } = await modelOf(world);
    expect(capabilities).toEqual(expect.arrayContaining(["tools", "thinking"]));
    expect(measured).toMatchObject({
      capabilities: { chat: "yes", tools: "yes", thinking: "no" },
      toolFormat: "hermes_json",
    });
  }, 120_000);

  test("counts for fit from then on, and for admission, until the files change", async () => {
    const world = await started({ ...able, footprintBytes: 700_000_000 });
    const before = await modelOf(world);
    expect(before).toMatchObject({ measured: null, fit: { method: "formula" } });
    await ended(world, await probe(world));
    const after = await modelOf(world);
    expect(after.fit.method).toBe("measured");
    expect(after.fit.neededBytes).toBeGreaterThanOrEqual(700_000_000);
    expect(before.fit.neededBytes).toBeLessThan(700_000_000);
    const page = (await world.call("GET", `/api/hub/models/${id}`)).body as HubModelDetail;
    expect(page.fit).toEqual(after.fit);
    expect(page.fitTable.map(({ method }) => method)).toEqual(["measured"]);
    await world.call("PATCH", "/api/settings", { memoryLimitBytes: 500_000_000 });
    const refused = await world.call("POST", `/api/models/${id}/load?wait=true`);
    expect(refused).toMatchObject({ status: 507, body: { error: { code: "insufficient_memory" } } });

    await world.close();
    const again = await opened();
    expect((await modelOf(again)).measured).toEqual(after.measured);
    const { path = "" } = after.revisions[0] ?? {};
    await writeFile(join(path, "added.txt"), "something else");
    await again.service.models.rescan(id);
    const changed = await modelOf(again);
    expect(changed.measured).toMatchObject({ current: false, capabilities: { chat: "yes" } });
    expect(changed.fit.method).toBe("formula");
  }, 120_000);

  test("finds out how far a model goes that dies of long prompts", async () => {
    const world = await started({ ...able, closeOn: "1024. The river" });
    const job = await ended(world, await probe(world));
    expect(job).toMatchObject({ state: "succeeded" });
    const { measured } = await modelOf(world);
    expect(measured?.longestPrompt).toMatchObject({ endedBy: "failure" });
    expect(measured?.longestPrompt?.tokens).toBeLessThan(256);
    expect(measured?.memory?.contexts).toHaveLength(1);
    expect(await running(world)).toEqual([]);
  }, 120_000);

  test("fails with the engine's reason when the model cannot be loaded, and keeps nothing", async () => {
    const world = await started({ crashAtStart: "no such layer" });
    const job = await ended(world, await probe(world));
    expect(job).toMatchObject({ state: "failed", error: { code: "engine_failed" } });
    expect(job.error?.message).toContain("could not load the model");
    expect((await modelOf(world)).measured).toBeNull();
    expect(await running(world)).toEqual([]);
  }, 120_000);
});

describe("a probe that is under way", () => {
  const slow = { ...able, tokenDelayMs: 60_000 };

  test("is answered to whoever asks for it again, holds the files, and ends at a word", async () => {
    const world = await started(slow);
    const isAsked = asked(world);
    const begun = await probe(world);
    await isAsked;
    expect((await probe(world)).body.id).toBe(begun.body.id);
    const refused = await world.call("DELETE", `/api/models/${id}`);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "model_in_use" } } });
    const cancelled = await world.call("POST", `/api/jobs/${begun.body.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 202, body: { state: "cancelled" } });
    expect(await running(world)).toEqual([]);
    expect((await world.call("DELETE", `/api/models/${id}`)).status).toBe(200);
  }, 120_000);

  test("when the service stops is told as interrupted, not begun anew", async () => {
    const world = await started(slow);
    const isAsked = asked(world);
    const { body } = await probe(world);
    await isAsked;
    await world.close();
    const again = await opened();
    const job = (await again.call("GET", `/api/jobs/${body.id}`)).body as Job;
    expect(job).toMatchObject({ state: "failed", error: { details: { reason: "interrupted" } } });
    expect((await modelOf(again)).measured).toBeNull();
  }, 120_000);
});

test("a model that is not here is not probed", async () => {
  const world = await started(able);
  const refused = await world.call("POST", "/api/models/own/other/probe");
  expect(refused).toMatchObject({ status: 404, body: { error: { code: "model_not_found" } } });
});
