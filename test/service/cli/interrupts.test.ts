import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createProgram } from "../../../service/src/cli/index.ts";
import type { Download } from "../../../service/src/contract/downloads.ts";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../fakes/fake-hub/index.ts";
import { tinyRepo } from "../../fixtures/hub-repos.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { createFakeTerminal, demoQuestions, runCommandLine } from "./command-line.ts";

const main = fileURLToPath(new URL("../../../service/src/main.ts", import.meta.url));
const id = "owner/large";
let hub: FakeHub;
let service: TestService;
beforeAll(async () => {
  const tiny = tinyRepo(id);
  hub = await startFakeHub({
    repos: [{ ...tiny, files: { ...tiny.files, "model.safetensors": { size: 40_000_000, seed: 1 } } }],
  });
  service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
  await writeCachedModel(service.config.hubCachePath, "owner/slow", { tokens: 400, tokenDelayMs: 20 });
  await service.service.models.recover();
}, 120_000);
afterAll(async () => {
  await service.close();
  await hub.close();
});

describe("Ctrl-C", () => {
  test("during pull pauses the download and says how to resume; the same command then finishes it", async () => {
    hub.faults.add({ kind: "stall", afterBytes: 1_000_000, file: "model.safetensors", server: "cdn", times: 1 });
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "pull", id], {
      env: { PATH: process.env["PATH"], HOME: service.home, MLX_MANAGER_HOME: service.home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(child, "close");
    await hub.waitForRequest((request) => request.bytesSent >= 1_000_000);
    child.kill("SIGINT");
    const [code] = (await ended) as [number];
    expect({ code, said }).toEqual({ code: 130, said: expect.stringContaining(`Resume: mlx-manager pull ${id}`) });
    const { body } = await service.call("GET", "/api/downloads");
    expect((body as { items: Download[] }).items[0]).toMatchObject({ model: id, state: "paused", pauseReason: "user" });

    hub.faults.release();
    const again = await runCommandLine(["pull", id, "--json"], { environment: { MLX_MANAGER_HOME: service.home } });
    expect({ code: again.code, body: again.json() }).toEqual({
      code: 0,
      body: expect.objectContaining({ model: id, state: "completed" }),
    });
  }, 120_000);

  test("in a conversation stops the answer, and a second one leaves", async () => {
    const terminal = createFakeTerminal();
    const handlers = new Set<() => void>();
    const interrupts = {
      listen: (handler: () => void) => {
        handlers.add(handler);
        return () => void handlers.delete(handler);
      },
    };
    const environment = { MLX_MANAGER_HOME: service.home };
    const program = createProgram({
      ...{ environment, version: "0.0.0-test", demoQuestions, streams: terminal.streams, interrupts },
      serve: () => Promise.resolve(0),
    });
    const ended = program.run(["run", "owner/slow"]);
    await terminal.until(">>> ");
    terminal.type("/help\r");
    await terminal.until("/clear");
    await terminal.until(">>> ");
    terminal.type("Count for me\r");
    await terminal.until(" t3 ");
    for (const interrupt of handlers) interrupt();
    await terminal.until("(stopped)");
    await terminal.until(">>> ");
    terminal.type("\u0003");
    expect(await ended).toBe(0);
    expect(handlers.size).toBe(0);
  }, 120_000);
});
