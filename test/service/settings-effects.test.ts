import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { HubPage } from "../../service/src/contract/hub.ts";
import type { Model } from "../../service/src/contract/models.ts";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import type { ProfileView } from "../../service/src/contract/profiles.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { tinyRepo } from "../fixtures/hub-repos.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { serviceApi } from "../tools/service-api.ts";
import type { ServiceApi } from "../tools/service-api.ts";

const demo = "mlx-manager/demo";
const other = "own/other";
let home: string;
let hub: FakeHub;
let service: TestService;
let api: ServiceApi;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-settings-"));
  await writeCachedModel(join(home, "hub"), other);
  hub = await startFakeHub({ repos: [tinyRepo("org/tiny")] });
  await open();
});
afterEach(async () => {
  await service.close();
  await hub.close();
  rmSync(home, { recursive: true, force: true });
});

async function open(endpoint = hub.url): Promise<void> {
  service = await startTestService({ home, environment: { HF_ENDPOINT: endpoint } });
  api = serviceApi(service.address);
}

/** Changes settings, then starts the service anew: what was saved acts at boot, not only at once. */
async function set(values: object): Promise<void> {
  await api.send("PATCH", "/api/settings", values);
  await service.close();
  await open();
}

async function answeredBy(model?: string): Promise<string> {
  const messages = [{ role: "user", content: "Hi" }];
  const body = { messages, ...(model === undefined ? {} : { model }) };
  const { model: name } = await api.send<ChatCompletion>("POST", "/v1/chat/completions", body);
  const { items } = await api.get<{ items: Server[] }>("/api/servers?running=true");
  return `${name} by ${items.map((server) => server.model).join(", ")}`;
}

describe("a saved setting acts after a restart of the service", () => {
  test("defaultModel answers requests that name none", async () => {
    expect(await answeredBy()).toBe(`${other} by ${other}`);
    await set({ defaultModel: demo });
    expect(await answeredBy()).toBe(`${demo} by ${demo}`);
    expect((await api.get<Model>(`/api/models/${demo}`)).isDefault).toBe(true);
  });

  test("aliases are names of models", async () => {
    await expect(answeredBy("gpt-4o")).rejects.toMatchObject({ status: 404 });
    await set({ aliases: { "gpt-4o": demo } });
    expect(await answeredBy("gpt-4o")).toBe(`gpt-4o by ${demo}`);
  });

  test("portStart is the first port that engines try", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    await set({ portStart: port });
    const { port: used } = await api.send<Server>("POST", `/api/models/${demo}/load?wait=true`);
    taken.close();
    expect(used).toBeGreaterThan(port);
    expect(used).toBeLessThan(port + 400);
  });

  test("hubAuthor filters a search that names nobody", async () => {
    const found = async () => (await api.get<HubPage>("/api/hub/models?query=tiny")).items.map(({ id }) => id);
    expect(await found()).toEqual([]);
    await set({ hubAuthor: "org" });
    expect(await found()).toEqual(["org/tiny"]);
    expect(hub.requests.at(-1)?.query.get("author")).toBe("org");
  });

  test("hubMetadataDeadlineSeconds ends the wait for a Hub that says nothing", async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
    await once(mute, "listening");
    const { port } = mute.address() as AddressInfo;
    await api.send("PATCH", "/api/settings", { hubMetadataDeadlineSeconds: 1 });
    await service.close();
    await open(`http://127.0.0.1:${port}`);
    const answer = await service.call("GET", "/api/hub/models?query=tiny");
    mute.close();
    for (const socket of sockets) socket.destroy();
    expect(answer).toMatchObject({ status: 502, body: { error: { code: "hub_unreachable" } } });
  }, 12_000);

  test("fitContextTokens is the context that memory is predicted for", async () => {
    const context = async () => (await api.get<Model>(`/api/models/${demo}`)).fit.contextTokens;
    expect(await context()).toBe(2048);
    await set({ fitContextTokens: 512 });
    expect(await context()).toBe(512);
  });

  test("idleUnloadSeconds unloads what nobody asks for, unless a profile says otherwise", async () => {
    await set({ idleUnloadSeconds: 0.3 });
    const profile = { model: demo, lifecycle: { ttlSeconds: 0 } };
    const { id } = await api.send<ProfileView>("POST", "/api/profiles", { slug: "stays", ...profile });
    const { id: stays } = await api.send<Server>("POST", `/api/profiles/${id}/start?wait=true`);
    const { id: goes } = await api.send<Server>("POST", `/api/models/${other}/load?wait=true`);
    await left(goes);
    const { items } = await api.get<{ items: Server[] }>("/api/servers?running=true");
    expect(items.map((server) => server.id)).toEqual([stays]);
    await api.send("PATCH", `/api/profiles/${id}`, { lifecycle: { ttlSeconds: 1 } });
    await left(stays);
  });

  test("mapBackgroundRequests lets a loaded model answer what may be answered by any", async () => {
    await set({ mapBackgroundRequests: true });
    await api.send("POST", `/api/models/${demo}/load?wait=true`);
    const request = { model: other, messages: [{ role: "user", content: "Title?" }] };
    const headers = { "x-mlx-manager-background": "true" };
    expect((await service.call("POST", "/v1/chat/completions", request, headers)).status).toBe(200);
    expect(service.service.pool.loaded().map(({ model }) => model)).toEqual([demo]);
    await api.send("PATCH", "/api/settings", { mapBackgroundRequests: false });
    expect((await service.call("POST", "/v1/chat/completions", request, headers)).status).toBe(200);
    expect(service.service.pool.loaded().map(({ model }) => model)).toContain(other);
  });
});

/** The server is unloaded, now or soon. */
function left(id: string): Promise<Server> {
  return api.until("servers", ({ snapshot, event }) => {
    const servers = snapshot?.servers ?? (event?.type === "server.changed" ? [event.data] : []);
    return servers.find((server) => server.id === id && ["evicted", "stopped"].includes(server.state));
  });
}
