/** Every command once against the whole service with the fake Hub and the fake engine; only Raycast is a stand-in. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { raycast } from "../fakes/raycast/record.ts";
import { catalog } from "../fixtures/hub-catalog.ts";
import { tinyRepo } from "../fixtures/hub-repos.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { openCommand, rowTitles } from "./open-command.tsx";

let hub: FakeHub;
let service: TestService;

beforeAll(async () => {
  hub = await startFakeHub({ repos: [tinyRepo("mlx-community/Tiny-4bit"), ...catalog(60)] });
  service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
});

afterAll(async () => {
  hub.faults.release();
  await service?.close();
  await hub?.close();
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
});
