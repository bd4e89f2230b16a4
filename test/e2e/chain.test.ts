import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Download } from "../../service/src/contract/downloads.ts";
import type { HubPage } from "../../service/src/contract/hub.ts";
import type { Model } from "../../service/src/contract/models.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { demoRepo } from "../fixtures/hub-repos.ts";
import { engineProcesses } from "../tools/engine-processes.ts";
import { readEventStream } from "../tools/event-source.ts";
import { pythonEnvironment } from "../tools/python-environment.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const id = "mlx-community/demo-4bit";
let hub: FakeHub;
let service: RealService;
let python: string;
beforeAll(async () => {
  hub = await startFakeHub({ repos: [await demoRepo(id)] });
  service = await startRealService({ HF_ENDPOINT: hub.url });
  python = (await pythonEnvironment()).python;
}, 600_000);
afterAll(async () => {
  await service.close();
  await hub.close();
});

/** Runs Python's own client on our cache. */
const inPython = async (code: string): Promise<string> => {
  const environment = {
    HF_HUB_CACHE: join(service.home, "hub"),
    HF_ENDPOINT: hub.url,
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_XET: "1",
  };
  const { stdout } = await execa(python, ["-c", code], { env: environment });
  return stdout.trim();
};

describe("the main job, from search to a stopped engine", () => {
  let snapshot: string;

  test("finds the model on the Hub", async () => {
    const { items } = await service.api().get<HubPage>("/api/hub/models?query=demo");
    expect(items.map((item) => [item.id, item.here])).toEqual([[id, false]]);
  });

  test("downloads it, verified", async () => {
    const begun = await service.api().send<Download>("POST", "/api/downloads", { model: id });
    const done = await service.api().until("downloads", ({ snapshot: seen, event }) => {
      const all = [...(seen?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
      return all.find((download) => download.id === begun.id && ["completed", "failed"].includes(download.state));
    });
    expect(done).toMatchObject({ state: "completed", error: null });
    const model = await service.api().get<Model>(`/api/models/${id}`);
    expect(model).toMatchObject({ complete: true, source: "hub-cache", isDefault: true });
  }, 120_000);

  test("Python's client takes the cache for its own: offline load, scan without warnings, verify", async () => {
    snapshot = await inPython(
      `from huggingface_hub import snapshot_download; print(snapshot_download("${id}", local_files_only=True))`,
    );
    expect(snapshot).toContain("/snapshots/");
    expect(await inPython("from huggingface_hub import scan_cache_dir; print(scan_cache_dir().warnings)")).toBe("[]");
    const { exitCode } = await execa(join(python, "..", "hf"), ["cache", "verify", id], {
      env: { HF_HUB_CACHE: join(service.home, "hub"), HF_ENDPOINT: hub.url, HF_HUB_DISABLE_XET: "1" },
    });
    expect(exitCode).toBe(0);
    const weights = await readFile(join(snapshot, "model.safetensors"));
    const sent = await readFile(new URL("../../service/demo-model/model/model.safetensors", import.meta.url));
    expect(createHash("sha256").update(weights).digest("hex")).toBe(createHash("sha256").update(sent).digest("hex"));
  }, 120_000);

  test("starts it by name and streams a chat, telling the client while it loads", async () => {
    const response = await fetch(`${service.address()}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: id,
        stream: true,
        temperature: 0,
        messages: [{ role: "user", content: "Who are you?" }],
      }),
    });
    let text = "";
    let comments = 0;
    let last: unknown;
    for await (const { data, comment } of readEventStream(response)) {
      if (comment !== "") comments += 1;
      if (data !== "") last = data;
      if (typeof data === "object")
        text += (data as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? "";
    }
    expect(text).toMatch(/^I am the built-in demo model of MLX Manager/);
    expect(last).toBe("[DONE]");
    expect(comments).toBeGreaterThan(0);
  }, 120_000);

  test("calls a tool", async () => {
    const tools = [
      {
        type: "function",
        function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
      },
    ];
    const answer = await service.api().send<{
      choices: {
        finish_reason: string;
        message: { tool_calls: { function: { name: string; arguments: string } }[] };
      }[];
    }>("POST", "/v1/chat/completions", {
      model: id,
      temperature: 0,
      tools,
      messages: [{ role: "user", content: "What is the weather in Paris?" }],
    });
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
    expect(answer.choices[0]?.message.tool_calls[0]?.function).toEqual({
      name: "get_weather",
      arguments: expect.stringMatching(/^\{"city": ?"Paris"\}$/),
    });
  }, 120_000);

  test("shows the running server with memory as measured, and refuses to delete it", async () => {
    const { items } = await service.api().get<{ items: Server[] }>("/api/servers?running=true");
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ model: id, state: "ready", healthStatus: "healthy" });
    expect(items[0]!.memory!.footprintBytes).toBeGreaterThan(20 * 1024 * 1024);
    await expect(service.api().send("DELETE", `/api/models/${id}`)).rejects.toMatchObject({
      status: 409,
      body: { error: { code: "model_in_use" } },
    });
  });

  test("stops it: no process is left, and the files can go", async () => {
    expect(engineProcesses(service.home).length).toBeGreaterThan(0);
    await service.api().send("POST", `/api/models/${id}/unload`);
    expect(engineProcesses(service.home)).toEqual([]);
    await service.api().send("DELETE", `/api/models/${id}`);
    await expect(service.api().get(`/api/models/${id}`)).rejects.toMatchObject({ status: 404 });
    expect(
      await inPython(
        "from huggingface_hub import scan_cache_dir; print(scan_cache_dir().warnings, len(scan_cache_dir().repos))",
      ),
    ).toBe("[] 0");
  }, 120_000);
});
