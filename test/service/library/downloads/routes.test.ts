import { afterEach, describe, expect, test } from "@jest/globals";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";

const model = "mlx-community/tiny-4bit";
let hub: FakeHub;
let service: TestService;
afterEach(async () => {
  await service.close();
  await hub.close();
});

describe("the routes of downloads", () => {
  test("create, find again, pause, resume, cancel and list, as the contract says", async () => {
    hub = await startFakeHub({ repos: [tinyRepo(model)] });
    hub.faults.add({ kind: "stall", afterBytes: 100, file: "model.safetensors", server: "cdn" });
    service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
    const first = await service.call("POST", "/api/downloads", { model });
    expect(first.status).toBe(201);
    const { id } = first.body as Download;
    expect(await service.call("POST", "/api/downloads", { model })).toMatchObject({ status: 200, body: { id } });
    await hub.waitForRequest(({ faults }) => faults.includes("stall"));
    expect(await service.call("POST", `/api/downloads/${id}/pause`)).toMatchObject({ body: { state: "paused" } });
    expect(await service.call("GET", "/api/downloads?active=true")).toMatchObject({ body: { items: [{ id }] } });
    expect(await service.call("GET", "/api/hub/models?query=tiny&author=")).toMatchObject({
      body: { items: [{ id: model, downloadId: id }] },
    });
    const path = `/api/downloads/${id}`;
    expect(first.body).toMatchObject({ priority: "normal", bytesVerified: 0, connections: 0 });
    expect(await service.call("PATCH", path, { priority: "high" })).toMatchObject({ body: { priority: "high" } });
    expect(await service.call("PATCH", path, { priority: "highest" })).toMatchObject({ status: 400 });
    expect(await service.call("PATCH", path, {})).toMatchObject({ status: 400 });
    expect(await service.call("POST", `/api/downloads/${id}/resume`)).toMatchObject({ status: 200 });
    expect(await service.call("DELETE", `/api/downloads/${id}`)).toMatchObject({ body: { state: "cancelled" } });
    expect(await service.call("GET", `/api/downloads/${id}`)).toMatchObject({ body: { state: "cancelled" } });

    hub.reset();
    const again = await service.call("POST", "/api/downloads", { model });
    const done = new Promise((resolve) => {
      const { id: next } = again.body as Download;
      const stop = service.service.events.listen((event) => {
        if (event.type !== "download.changed" || event.data.id !== next || event.data.state !== "completed") return;
        stop();
        resolve(event.data);
      });
    });
    await done;
    expect(await service.call("GET", `/api/models/${model}`)).toMatchObject({ body: { id: model, complete: true } });
    const repaired = await service.call("POST", `/api/models/${model}/repair`);
    expect(repaired).toMatchObject({ status: 201, body: { model, priority: "normal" } });
    expect(await service.call("POST", "/api/models/own/none/repair")).toMatchObject({ status: 404 });
    expect(await service.call("GET", "/api/downloads/dl_none")).toMatchObject({ status: 404 });
    expect(await service.call("POST", "/api/downloads", { model: "../x" })).toMatchObject({ status: 400 });
  });

  test("a new client is told of every download that goes on, however many ended since", async () => {
    hub = await startFakeHub();
    service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
    const insert = service.service.database.prepare(
      `INSERT INTO downloads (id, model_id, revision, state, created_at, updated_at) VALUES (?, ?, 'main', ?, ?, ?)`,
    );
    for (let index = 0; index < 70; index += 1) {
      const at = `2026-11-${index < 10 ? "20" : "21"}T00:00:${String(index % 60).padStart(2, "0")}.000Z`;
      insert.run(`dl_${index}`, `own/m${index}`, index === 0 ? "paused" : "cancelled", at, at);
    }
    const controller = new AbortController();
    const stream = await fetch(`${service.address}/api/events?topics=downloads`, { signal: controller.signal });
    let text = "";
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes("dl_0") || text.endsWith("\n\n")) break;
    }
    controller.abort();
    expect(text).toContain('"id":"dl_0"');
    expect(text).toContain('"id":"dl_59"');
    expect(text).not.toContain('"id":"dl_1"');
  });
});
