/** Every command once against the whole service with the fake Hub and the fake engine; only Raycast is a stand-in. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { raycast, visibleToast } from "../fakes/raycast/record.ts";
import { catalog } from "../fixtures/hub-catalog.ts";
import { tinyRepo } from "../fixtures/hub-repos.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { openCommand, rowTitles } from "./open-command.tsx";

let hub: FakeHub;
let service: TestService;
let home: string;

const OWN = "own/model";
const able = { memoryIntervalMs: 40, toolCall: true, reasoning: true, tokenDelayMs: 1 };
const fakeConvert = fileURLToPath(new URL("../fakes/fake-convert.mjs", import.meta.url));

beforeAll(async () => {
  hub = await startFakeHub({ repos: [tinyRepo("mlx-community/Tiny-4bit"), ...catalog(60)] });
  home = await mkdtemp(join(tmpdir(), "raycast-real-service-"));
  await writeCachedModel(join(home, "hub"), OWN, able);
  const converting = { program: { file: process.execPath, words: [fakeConvert, "none"] } };
  const environment = { HF_ENDPOINT: hub.url };
  service = await startTestService({ home, environment, compose: { parts: { converting } } });
  await service.service.models.looked();
});

afterAll(async () => {
  hub.faults.release();
  await service?.close();
  await hub?.close();
  await rm(home, { recursive: true, force: true });
});

describe("against the running service", () => {
  test("a model is found, downloaded with its progress on top, and comes back as downloaded", async () => {
    const { address } = service;
    const screen = openCommand("search-models", { address });
    await screen.waitFor(() => rowTitles(screen).length > 5);
    await screen.search("Tiny-4bit");
    await screen.waitFor(() => rowTitles(screen).includes("Tiny-4bit"));
    hub.faults.add({ kind: "stall", afterBytes: 1_000, server: "cdn", file: "model.safetensors", times: 1 });
    await screen.runAction("Download", "Tiny-4bit");
    await screen.waitFor(() => rowTitles(screen, "Downloading").includes("Tiny-4bit"));
    expect(rowTitles(screen)).toEqual(["Tiny-4bit"]);

    const downloads = openCommand("downloads", { address });
    await downloads.waitFor(() => rowTitles(downloads, "Active").length === 1);
    await hub.waitForRequest(({ server, bytesSent }) => server === "cdn" && bytesSent >= 1_000);
    await downloads.waitFor(() => {
      // Again and again: the stall may not have begun when the bytes were counted.
      hub.faults.release();
      return rowTitles(downloads, "Finished").length === 1;
    }, 15_000);
    await screen.waitFor(() => screen.rows().some((row) => row.accessories.includes("Downloaded")));
    expect(rowTitles(screen)).toEqual(["Tiny-4bit"]);
  });

  test("the demo model is listed as such, started and stopped by Enter", async () => {
    const screen = openCommand("models", { address: service.address });
    const row = await screen.waitFor(() => screen.rows().find(({ id }) => id === "mlx-manager/demo"));
    expect(row.accessories).toContain("demo");
    await screen.runAction("Start", "mlx-manager/demo");
    await screen.waitFor(() => {
      const running = screen.rows().find(({ id }) => id === "mlx-manager/demo");
      return running?.section === "Running" && running.accessories.includes("Ready");
    }, 15_000);
    await screen.runAction("Show Log", "mlx-manager/demo");
    await screen.waitFor(() => screen.depth === 2 && screen.markdown() !== "");
    await screen.back();
    await screen.runAction("Stop", "mlx-manager/demo");
    await screen.waitFor(
      () => screen.rows().find(({ id }) => id === "mlx-manager/demo")?.section === "Ready to Run",
      15_000,
    );
    expect(raycast.toasts).toEqual([]);
  });

  test("a question is answered while the model is loaded for it", async () => {
    const question = "What is MLX Manager?";
    const launchContext = { model: "mlx-manager/demo" };
    const screen = openCommand("ask-local-model", { address: service.address, question, launchContext });
    await screen.waitFor(() => screen.text().includes("Done"), 15_000);
    expect(screen.markdown()).toContain(`> ${question}`);
    expect(screen.actions()[0]?.title).toBe("Copy Answer");
    expect(screen.text()).toContain("demo");
    expect(raycast.toasts).toEqual([]);
  });

  test("a model is probed, its figures stand on its page as measured, and it is pinned and quantized", async () => {
    const screen = openCommand("models", { address: service.address });
    const rowOf = (id: string) => screen.rows().find((row) => row.id === id);
    await screen.waitFor(() => rowOf(OWN));
    const probing = screen.runAction("Probe Model", OWN);
    await screen.waitFor(() => rowOf(OWN)?.accessories.some((text) => text.startsWith("Probing")), 15_000);
    await screen.waitFor(() => visibleToast()?.title === "Model probed", 30_000);
    await probing;
    expect(visibleToast()?.message).toMatch(/tok\/s, .* at .*; chat, tools, thinking$/);
    await screen.runAction("Show Model Page", OWN);
    await screen.waitFor(() => screen.text().includes("Writes (Measured)"));
    expect(screen.markdown()).toContain("**measured**");
    await screen.back();

    await screen.runAction("Pin", OWN);
    await screen.waitFor(() => screen.actions(OWN).some(({ title }) => title === "Unpin"));

    await screen.runAction("Quantize Model…", OWN);
    await screen.runAction("Quantize Model");
    const made = "local/model-4bit";
    await screen.waitFor(() => visibleToast()?.title === `${made} is made`, 15_000);
    const { body } = await service.call("GET", `/api/models/${made}`);
    expect((body as { parent: { model: string } }).parent.model).toBe(OWN);
    await screen.waitFor(() => rowOf(made)?.section === "Ready to Run");
  }, 60_000);
});
