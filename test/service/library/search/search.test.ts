import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express from "express";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { HubModelDetail, HubPage } from "../../../../service/src/contract/hub.ts";
import type { ErrorBody } from "../../../../service/src/contract/error.ts";
import type * as z from "zod";
import { createHub } from "../../../../service/src/library/hub/index.ts";
import type { Hub } from "../../../../service/src/library/hub/index.ts";
import { createModels, mountModelRoutes } from "../../../../service/src/library/models/index.ts";
import type { Models } from "../../../../service/src/library/models/index.ts";
import { fitOf } from "../../../../service/src/library/models/index.ts";
import { mountSearchRoutes } from "../../../../service/src/library/search/index.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import type { Database } from "../../../../service/src/platform/database/open.ts";
import { beginContext } from "../../../../service/src/platform/http/context.ts";
import { errorHandler, writeApiError } from "../../../../service/src/platform/http/errors.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { catalog, tinyRepo } from "../../../fixtures/hub-repos.ts";
import { addRevision } from "../models/hub-cache.ts";
import { memoryDatabase, recordedEvents, recordedLog, temporaryFolder } from "../parts.ts";

const limitBytes = 20e9;
let fake: FakeHub;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let database: Database;
let models: Models;
let hub: Hub;
let server: Server;
let hubAuthor: string;
let activeDownload: string | null;

async function start(offline: boolean): Promise<void> {
  const { log } = recordedLog();
  hub = createHub({
    ...{ endpoint: fake.url, token: () => null, offline, proxy: null, caFile: null },
    ...{ deadlineMs: () => 15_000, clock: systemClock, log },
  });
  const app = express();
  app.use((request, response, next) => {
    beginContext(request, response, "request-1");
    next();
  });
  const machine = {
    memory: () => ({
      ...{ totalBytes: limitBytes, limitBytes, availableBytes: limitBytes },
      pressure: null,
      method: "test",
    }),
  };
  const downloads = { activeFor: (id: string) => (id === activeDownload ? "download_1" : null) };
  const options = { checkReplies: true };
  mountSearchRoutes(
    app,
    { hub, models, downloads, machine, settings: { values: () => ({ hubAuthor, fitContextTokens: 8192 }) } },
    options,
  );
  const served = { isDefault: false, profileId: "profile_1" };
  mountModelRoutes(app, models, {
    ...options,
    view: ({
      location: _,
      facts: { parameters, quantization, architecture, contextLength, capabilities },
      ...model
    }) => ({
      ...{ ...model, ...served, parameters, quantization, architecture, contextLength, capabilities },
      revisions: model.revisions.map(({ path: __, ...revision }) => revision),
      fit: fitOf(null, {
        weightBytes: model.weightBytes,
        contextTokens: 8192,
        limitBytes,
        modelContext: contextLength,
      }),
    }),
  });
  app.use(errorHandler(log, () => writeApiError));
  server = await new Promise((resolve) => {
    const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
  });
}

async function ask<Body>(path: string, method = "GET"): Promise<{ status: number; body: Body }> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });
  return { status: response.status, body: (await response.json()) as Body };
}
const search = async (query: string) => (await ask<HubPage>(`/api/hub/models?${query}`)).body;

beforeAll(async () => {
  const gated = tinyRepo("org/gated", { gated: "auto" });
  const plain = tinyRepo("org/not-mlx", { tags: [], libraryName: "transformers" });
  fake = await startFakeHub({ repos: [...catalog(120), tinyRepo("org/tiny"), gated, plain] });
});
afterAll(() => fake.close());
beforeEach(async () => {
  hubAuthor = "mlx-community";
  activeDownload = null;
  folder = await temporaryFolder();
  database = memoryDatabase();
  const cachePath = join(folder.path, "hub");
  await addRevision(cachePath, { id: "org/tiny" });
  await addRevision(cachePath, { id: "mlx-community/local-only" });
  models = createModels({
    ...{ cachePath, demoModelPath: join(folder.path, "none"), database, clock: systemClock },
    ...{ events: recordedEvents().events, log: recordedLog().log },
  });
  await models.recover();
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await hub.close();
  await models.close();
  database.close();
  await folder.remove();
  fake.reset();
});

describe("on the Hub", () => {
  beforeEach(() => start(false));

  test("a page is one Hub request, carries sizes and fits, and leads to the next", async () => {
    const first = await search("query=qwen3&limit=5");
    expect(fake.requests).toHaveLength(1);
    expect(first).toMatchObject({ source: "hub", nextCursor: expect.any(String) });
    expect(first.items).toHaveLength(5);
    const second = await search(`query=qwen3&limit=5&cursor=${first.nextCursor}`);
    expect(fake.requests).toHaveLength(2);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(10);
    expect(first.items.every(({ author }) => author === "mlx-community")).toBe(true);
    expect(first.items[0]).toMatchObject({
      ...{ id: "mlx-community/Qwen3-4B-Instruct-4bit", sizeIsEstimate: true, architecture: "qwen3", here: false },
      ...{ quantization: { bits: 4, label: "4-bit" }, downloads: expect.any(Number), likes: expect.any(Number) },
      ...{ gated: "no", private: false, capabilities: ["chat"], downloadId: null, fit: { fits: true, limitBytes } },
    });
  });

  test("whatever the Hub's counts mean, the parameters are those in the name", async () => {
    const { items } = await search("query=qwen3&limit=40");
    for (const { id, parameters } of items) {
      const named = Number(/-(\d+(?:\.\d+)?)B/.exec(id)?.[1]) * 1e9;
      expect({ id, isRight: Math.abs(Math.log((parameters ?? 0) / named)) < 0.15 }).toEqual({ id, isRight: true });
    }
    const big = items.find(({ id }) => id.includes("32B-bf16"));
    expect(big?.fit.fits).toBe(false);
  });

  test("the author filter follows the setting, an empty one means everybody, and only MLX is shown", async () => {
    expect((await search("query=tiny")).items).toEqual([]);
    expect((await search("query=tiny&author=")).items.map(({ id }) => id)).toEqual(["org/tiny"]);
    expect((await search("query=not-mlx&author=org")).items).toEqual([]);
    hubAuthor = "";
    expect((await search("query=tiny")).items).toHaveLength(1);
  });

  test("what is here, and what is on its way, says so", async () => {
    activeDownload = "org/gated";
    const { items } = await search("query=org/&author=org");
    expect(items.map(({ id, here, downloadId, gated }) => ({ id, here, downloadId, gated }))).toEqual([
      { id: "org/gated", here: false, downloadId: "download_1", gated: "auto" },
      { id: "org/tiny", here: true, downloadId: null, gated: "no" },
    ]);
  });

  test("a model's page has exact sizes, files with checksums and the facts of its config", async () => {
    const { body } = await ask<HubModelDetail>("/api/hub/models/org/tiny");
    expect(body).toMatchObject({
      ...{
        id: "org/tiny",
        sizeBytes: 9728,
        sizeIsEstimate: false,
        contextLength: 2048,
        license: "apache-2.0",
        here: true,
      },
      ...{
        quantization: { bits: 4, groupSize: 64 },
        url: `${fake.url}/org/tiny`,
        tags: expect.arrayContaining(["mlx"]),
      },
    });
    expect(body.revision).toMatch(/^[0-9a-f]{40}$/);
    expect(body.files.map(({ path }) => path)).toContain("extra/notes.txt");
    expect(body.totalBytes).toBe(body.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  });

  test("a gated model's page is shown without its config", async () => {
    const { status, body } = await ask<HubModelDetail>("/api/hub/models/org/gated");
    expect([status, body.gated, body.quantization?.bits, body.sizeBytes]).toEqual([200, "auto", 4, 9728]);
  });

  test.each([
    ["/api/hub/models/org/absent", 404, "repo_not_found_or_private"],
    ["/api/hub/models/org/tiny?revision=nope", 404, "revision_not_found"],
    ["/api/hub/models/org/tiny?revision=../x", 400, "invalid_request"],
    ["/api/hub/models/..%2F..%2Fetc/passwd", 400, "invalid_request"],
    ["/api/hub/models?limit=1000", 400, "invalid_request"],
    ["/api/hub/models?cursor=abc", 400, "invalid_request"],
    ["/api/hub/models?sort=size", 400, "invalid_request"],
  ])("%s answers %i %s", async (path, status, code) => {
    const answer = await ask<z.infer<typeof ErrorBody>>(path);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  test("the local library by HTTP: list, one, delete, gone", async () => {
    const list = await ask<{ items: { id: string }[] }>("/api/models?query=tiny");
    expect(list.body.items.map(({ id }) => id)).toEqual(["org/tiny"]);
    const release = models.hold("org/tiny", "main", "server tiny");
    expect((await ask("/api/models/org/tiny", "DELETE")).status).toBe(409);
    release();
    expect((await ask("/api/models/org/tiny", "DELETE")).status).toBe(200);
    expect((await ask("/api/models/org/tiny")).status).toBe(404);
    expect((await ask("/api/models/..%2Forg/tiny", "DELETE")).status).toBe(400);
  });
});

describe("offline", () => {
  beforeEach(() => start(true));

  test("the search answers from what is here, of all owners, and says so", async () => {
    const page = await search("limit=1");
    const rest = await search(`limit=1&cursor=${page.nextCursor}`);
    expect([page.source, rest.source, rest.nextCursor]).toEqual(["local", "local", null]);
    expect(
      [...page.items, ...rest.items].map(({ id, here }) => ({ id, here })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    ).toEqual([
      { id: "mlx-community/local-only", here: true },
      { id: "org/tiny", here: true },
    ]);
    expect((await search("query=tiny&author=org")).items).toHaveLength(1);
    expect((await search("query=tiny&author=mlx-community")).items).toEqual([]);
    expect(fake.requests).toHaveLength(0);
  });

  test("a model's page works for what is here and is refused for the rest", async () => {
    const { body } = await ask<HubModelDetail>("/api/hub/models/org/tiny");
    expect(body).toMatchObject({ id: "org/tiny", here: true, sizeIsEstimate: false });
    expect(body.files.find(({ path }) => path === "model.safetensors")?.checksum).toMatch(/^[0-9a-f]{64}$/);
    const other = await ask<z.infer<typeof ErrorBody>>("/api/hub/models/org/gated");
    expect([other.status, other.body.error.code]).toEqual([503, "offline"]);
    expect(fake.requests).toHaveLength(0);
  });
});
