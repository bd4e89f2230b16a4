import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Download } from "../../service/src/contract/downloads.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { seededRandom, trials } from "../tools/counts.ts";
import { engineProcesses } from "../tools/engine-processes.ts";
import { readEventStream } from "../tools/event-source.ts";
import { startServiceProcess } from "../tools/service-process.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const mebibyte = 1024 * 1024;
const big = { id: "own/big", size: 96 * mebibyte };
const demo = "mlx-manager/demo";
const long = "Explain step by step how to use MLX Manager";
let hub: FakeHub;
let service: RealService;
beforeAll(async () => {
  const config = Buffer.from(JSON.stringify({ model_type: "llama", quantization: { bits: 4, group_size: 64 } }));
  hub = await startFakeHub({
    repos: [
      { id: big.id, tags: ["mlx"], files: { "config.json": config, "model.safetensors": { size: big.size, seed: 7 } } },
    ],
  });
  service = await startRealService({ HF_ENDPOINT: hub.url });
}, 600_000);
afterAll(async () => {
  await service.close();
  await hub.close();
});

const chat = (question: string, signal?: AbortSignal) =>
  fetch(`${service.address()}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: demo,
      stream: true,
      temperature: 0,
      messages: [{ role: "user", content: question }],
    }),
    ...(signal ? { signal } : {}),
  });

/** No row of a fresh start may say that something runs which does not. */
const liveServers = async () => (await service.api().get<{ items: Server[] }>("/api/servers?running=true")).items;

describe("kill -9 of the service", () => {
  test("during a download: it goes on by itself after the next start, with the right bytes", async () => {
    const random = seededRandom(11);
    hub.faults.add({ kind: "bandwidth", server: "cdn", file: "model.safetensors", bytesPerSecond: 12 * mebibyte });
    for (let trial = 0; trial < trials(3, 20); trial += 1) {
      const begun = await service.api().send<Download>("POST", "/api/downloads", { model: big.id });
      const killAt = Math.floor(random() * 0.9 * big.size);
      const before = hub.requests.length;
      await hub.waitForRequest(
        () => hub.requests.slice(before).reduce((sum, { bytesSent }) => sum + bytesSent, 0) > killAt,
      );
      await service.process().kill("SIGKILL");
      await service.restart();
      const done = await service.api().until("downloads", ({ snapshot, event }) => {
        const all = [...(snapshot?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
        return all.find(({ id, state }) => id === begun.id && ["completed", "failed", "cancelled"].includes(state));
      });
      expect({ trial, killAt, state: done.state, error: done.error }).toEqual({
        trial,
        killAt,
        state: "completed",
        error: null,
      });
      await service.api().send("DELETE", `/api/models/${big.id}`);
    }
  }, 900_000);

  test("during a generation: no engine is left, no row lies, and the next start answers", async () => {
    for (let trial = 0; trial < trials(3, 20); trial += 1) {
      const events = readEventStream(await chat(long));
      for await (const { data } of events) {
        if (
          typeof data === "object" &&
          (data as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content
        )
          break;
      }
      expect(engineProcesses(service.home + "/").length + engineProcesses("demo-model").length).toBeGreaterThan(0);
      const [running] = await liveServers();
      await service.process().kill("SIGKILL");
      await service.restart();
      expect(await liveServers()).toEqual([]);
      const gone = await service.api().get<Server>(`/api/servers/${running!.id}`);
      expect(["stopped", "failed"]).toContain(gone.state);
      // A zombie that nobody reaps is no process any more.
      expect(processStart(running!.pid!)).toBeNull();
    }
    const text = await wholeText(await chat("Hello"));
    expect(text).toBe("Hello! I am the demo model of MLX Manager. Ask me how to download or start a model.");
  }, 900_000);

  test("a second start beside the first refuses, names it, and harms nothing", async () => {
    const [before] = await liveServers();
    const second = startServiceProcess({ home: service.home });
    await expect(second).rejects.toThrow(
      new RegExp(`ended with 3[\\s\\S]*already running: process ${service.process().pid} at ${service.address()}`),
    );
    const [after] = await liveServers();
    expect({ id: after?.id, pid: after?.pid, state: after?.state }).toEqual({
      id: before?.id,
      pid: before?.pid,
      state: "ready",
    });
  }, 120_000);
});

describe("kill -9 of the engine mid-stream", () => {
  test("the client gets an error event, the row says why, and the next request works", async () => {
    const [server] = await liveServers();
    const seen: unknown[] = [];
    let killed = false;
    for await (const { data } of readEventStream(await chat(long))) {
      if (data !== "") seen.push(data);
      if (
        killed ||
        typeof data !== "object" ||
        !(data as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content
      )
        continue;
      killed = true;
      process.kill(server!.pid!, "SIGKILL");
    }
    expect(seen).not.toContain("[DONE]");
    expect(seen.at(-1)).toMatchObject({ error: { code: "engine_failed", source: "engine" } });
    const row = await service.api().until("servers", ({ snapshot, event }) => {
      const all = [...(snapshot?.servers ?? []), ...(event?.type === "server.changed" ? [event.data] : [])];
      return all.find(({ id, lastError }) => id === server!.id && lastError !== null);
    });
    expect(row.lastError).toMatchObject({ code: "engine_failed", message: expect.stringContaining("SIGKILL") });
    expect(await wholeText(await chat("Thank you"))).toBe("You are welcome!");
  }, 120_000);
});

async function wholeText(response: Response): Promise<string> {
  let text = "";
  for await (const { data } of readEventStream(response)) {
    if (typeof data === "object")
      text += (data as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? "";
  }
  return text;
}
