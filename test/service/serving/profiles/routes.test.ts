import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ProfileChange, ProfileExport, ProfileView } from "../../../../service/src/contract/profiles.ts";
import { ProfilePreset } from "../../../../service/src/contract/profiles.ts";
import type { Server } from "../../../../service/src/contract/servers.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";
import { fakeEngineCommand, fakeEngines } from "../../../tools/fake-engines.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import type { ServiceApi } from "../../../tools/service-api.ts";

const demo = "mlx-manager/demo";
let service: TestService;
let api: ServiceApi;
/** What each start gave its launcher as options. */
let started: Readonly<Record<string, unknown>>[];
beforeEach(async () => {
  started = [];
  service = await startTestService({
    compose: {
      parts: {
        engines: fakeEngines(),
        engineCommand(input) {
          started.push(input.options);
          return fakeEngineCommand(input);
        },
      },
    },
  });
  api = serviceApi(service.address);
});
afterEach(() => service.close());

const create = (body: object) => api.send<ProfileView>("POST", "/api/profiles", { slug: "calm", model: demo, ...body });
const start = (id: string) => api.send<Server>("POST", `/api/profiles/${id}/start?wait=true`);
const change = (id: string, body: object) => api.send<ProfileChange>("PATCH", `/api/profiles/${id}`, body);

describe("a running profile", () => {
  test("gives its options to the engine at the start, and says what a change leaves for the next one", async () => {
    const { id } = await create({ engineOptions: { promptCacheSize: 2 }, limits: { contextTokens: 512 } });
    const server = await start(id);
    expect(started).toEqual([{ promptCacheSize: 2, contextTokens: 512 }]);
    expect(server).toMatchObject({ batching: { on: true, reason: null }, needsRestart: false, restartKeys: [] });

    const told = api.until("servers", ({ event }) =>
      event?.type === "server.changed" && event.data.needsRestart ? event.data : null,
    );
    const restartKeys = ["engineOptions.kvBits", "engineOptions.promptCacheSize"];
    expect(await change(id, { engineOptions: { kvBits: 8 } })).toMatchObject({ needsRestart: true, restartKeys });
    expect(await told).toMatchObject({ id: server.id, restartKeys, batching: { on: true } });
    expect(await api.get<Server>(`/api/servers/${server.id}`)).toMatchObject({ needsRestart: true, restartKeys });

    const second = await api.send<Server>("POST", `/api/profiles/${id}/restart?wait=true`);
    expect(second).toMatchObject({ needsRestart: false, batching: { on: false } });
    expect(started[1]).toEqual({ kvBits: 8, quantizedKvStart: 0, contextTokens: 512 });
    expect(await api.get<Server>(`/api/servers/${server.id}`)).toMatchObject({ batching: null, needsRestart: false });
  });

  test("takes sampling and the system prompt at once", async () => {
    const { id } = await create({});
    const server = await start(id);
    expect(await change(id, { sampling: { temperature: 0 }, systemPrompt: "Hi." })).toMatchObject({
      ...{ needsRestart: false, batching: { on: true } },
    });
    const answer = await api.send<object>("POST", "/v1/chat/completions", {
      ...{ model: "calm", messages: [{ role: "user", content: "Hi" }] },
    });
    expect(answer).toMatchObject({ model: "calm" });
    expect(await api.get<Server>(`/api/servers/${server.id}`)).toMatchObject({ needsRestart: false, restarts: 0 });
  });

  test("shows what turns batching off", async () => {
    const profile = await create({ sampling: { seed: 0 } });
    expect(profile.batching).toEqual({ on: false, reason: expect.stringContaining("seed") });
    expect((await start(profile.id)).batching).toEqual(profile.batching);
  });
});

describe("presets and files", () => {
  test("presets are listed and fill a new profile", async () => {
    const { items } = await api.get<{ items: ProfilePreset[] }>("/api/profile-presets");
    expect(items.map(({ id }) => id)).toEqual(["coding", "creative", "deterministic", "long-context"]);
    for (const preset of items) {
      const made = await create({ slug: `by-${preset.id}`, preset: preset.id });
      expect(made).toMatchObject(ProfilePreset.omit({ id: true, description: true }).strip().parse(preset));
    }
  });

  test("an exported profile is imported under another name; its own is a conflict; an older file says so", async () => {
    const { id } = await create({ sampling: { temperature: 0 }, systemPrompt: "Hi." });
    const file = await api.get<ProfileExport>(`/api/profiles/${id}/export`);
    expect(file).toMatchObject({ format: "mlx-manager-profile", version: 1, profile: { slug: "calm", model: demo } });
    const imported = await api.send<ProfileView>("POST", "/api/profiles/import?slug=second", file);
    expect(imported).toMatchObject({ slug: "second", sampling: { temperature: 0 }, systemPrompt: "Hi." });
    const conflict = { status: 409, body: { error: { code: "conflict", details: { slug: "calm" } } } };
    await expect(api.send("POST", "/api/profiles/import", file)).rejects.toMatchObject(conflict);
    await expect(api.send("POST", "/api/profiles/import", { ...file, version: 0 })).rejects.toMatchObject({
      body: { error: { code: "invalid_request", message: expect.stringContaining("another version") } },
    });
  });
});
