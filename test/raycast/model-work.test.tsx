/** Work on the models of this Mac: probes and conversions, and the engines that run them. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { conversionChoices, conversionRecipes } from "../../raycast/src/format/conversion-choices.ts";
import { conversionModes, ConversionRecipe } from "../../service/src/contract/conversions.ts";
import { failure, startFakeService } from "../fakes/fake-service.ts";
import type { FakeService } from "../fakes/fake-service.ts";
import {
  fakeEngine,
  fakeFit,
  fakeHubDetail,
  fakeHubModel,
  fakeJob,
  fakeMeasurement,
  fakeModel,
  fakeServer,
} from "../fakes/fake-service-state.ts";
import type { FakeState } from "../fakes/fake-service-state.ts";
import { raycast, visibleToast } from "../fakes/raycast/record.ts";
import type { Screen } from "../tools/raycast-render.tsx";
import { openCommand } from "./open-command.tsx";

const QWEN = "mlx-community/Qwen3-4B-4bit";

let service: FakeService;
afterEach(async () => service?.close());

async function open(state: Partial<FakeState> = {}): Promise<Screen> {
  service = await startFakeService({ models: [fakeModel(QWEN, { capabilities: ["chat", "tools"] })], ...state });
  const screen = openCommand("models", { address: service.address });
  await screen.waitFor(() => screen.rows().length >= service.state.models.length);
  return screen;
}

const rowOf = (screen: Screen, id: string) => screen.rows().find((row) => row.id === id);
const titles = (screen: Screen, id: string) => screen.actions(id).map(({ title }) => title);
const toastNamed = (title: string) => (visibleToast()?.title === title ? visibleToast() : undefined);

describe("a probe", () => {
  const job = fakeJob({
    kind: "probe",
    subject: `${QWEN}@${"a".repeat(40)}`,
    phase: "asking: tools",
    done: 2,
    total: 8,
  });

  test("is followed by a toast to its figures", async () => {
    const screen = await open();
    let state: "running" | "succeeded" = "running";
    service.on("POST /api/models/{owner}/{name}/probe", () => ({ status: 202, body: job }));
    service.on("GET /api/jobs/{id}", () => ({ body: { ...job, state } }));
    service.on("GET /api/models/{owner}/{name}", () => ({ body: fakeModel(QWEN, { measured: fakeMeasurement() }) }));
    const probing = screen.runAction("Probe Model", QWEN);
    await screen.waitFor(() => visibleToast()?.message === `${QWEN}: asking: tools · 25%`);
    expect(visibleToast()?.primaryAction?.title).toBe("Cancel");
    state = "succeeded";
    await probing;
    expect(toastNamed("Model probed")?.message).toBe("41.5 tok/s, 2.5 GB at 8K; chat, thinking");
  });

  test("is cancelled from its toast, and a failed one says why", async () => {
    const screen = await open();
    let state: "running" | "cancelled" = "running";
    service.on("POST /api/models/{owner}/{name}/probe", () => ({ status: 202, body: job }));
    service.on("GET /api/jobs/{id}", () => ({ body: { ...job, state } }));
    service.on("POST /api/jobs/{id}/cancel", () => {
      state = "cancelled";
      return { status: 202, body: job };
    });
    const probing = screen.runAction("Probe Model", QWEN);
    const toast = await screen.waitFor(() => (visibleToast()?.primaryAction ? visibleToast() : undefined));
    await toast?.primaryAction?.onAction(toast as never);
    await probing;
    expect(toastNamed("Cancelled")?.message).toBe(`Probing ${QWEN}`);

    const error = { code: "insufficient_memory", message: "It needs 9.0 GB of memory. Stop coder (3.0 GB)." } as const;
    service.on("GET /api/jobs/{id}", () => ({ body: { ...job, state: "failed", error } }));
    await screen.runAction("Probe Model", QWEN);
    expect(toastNamed("Not Probed")?.message).toBe(error.message);
  });

  test("that another window began stands on the row with the memory of its own server, and can be ended there", async () => {
    const server = fakeServer(QWEN, { id: "server-probe", profileId: "probe_1" });
    const screen = await open({ jobs: [job], servers: [server] });
    await screen.waitFor(() => rowOf(screen, QWEN)?.section === "Running");
    expect(screen.rows().filter(({ section }) => section === "Running")).toHaveLength(1);
    expect(rowOf(screen, QWEN)?.accessories.slice(0, 2)).toEqual(["Probing 25%", "3 GB"]);
    expect(titles(screen, QWEN)).not.toContain("Probe Model");
    service.on("POST /api/jobs/{id}/cancel", () => ({ status: 202, body: job }));
    await screen.runAction("Stop Probing", QWEN);
    expect(service.requests.at(-1)?.path).toBe(`/api/jobs/${job.id}/cancel`);
    service.publish("job.changed", { ...job, state: "cancelled" });
    service.publish("server.changed", { ...server, state: "stopped" });
    await screen.waitFor(() => rowOf(screen, QWEN)?.section === "Ready to Run");
  });
});

describe("measured figures", () => {
  test("stand beside predicted ones, each marked", async () => {
    const model = fakeModel(QWEN, { capabilities: ["chat", "tools"], measured: fakeMeasurement() });
    const screen = await open({ models: [model] });
    service.on("GET /api/models/{owner}/{name}", () => ({ body: model }));
    await screen.select(QWEN);
    await screen.runAction("Show Details", QWEN);
    await screen.waitFor(() => screen.text().includes("Writes (Measured)"));
    const shown = screen.text();
    expect(shown).toContain("2.8 GB of 11.2 GB, predicted");
    for (const line of ["41.5 tok/s", "910 tok/s", "Declared Only", "2.5 GB", "chat, thinking"])
      expect(shown).toContain(line);
    await screen.runAction("Show Model Page", QWEN);
    expect(screen.markdown()).toContain("| 8K | 2.8 GB | 477 MB | Fits Easily | predicted |");
    expect(screen.markdown()).toContain("| 8K | **2.5 GB** | – | – | **measured** |");
  });

  test("of other files or another engine are said to be outdated, and a model without any says how to get them", async () => {
    const measured = fakeMeasurement({ current: false });
    const screen = await open({ models: [fakeModel(QWEN, { measured }), fakeModel("a/plain")] });
    await screen.select(QWEN);
    await screen.runAction("Show Details", QWEN);
    await screen.waitFor(() => screen.text().includes("Files or engine have changed since: probe again"));
    await screen.select("a/plain");
    await screen.waitFor(() => screen.text().includes("Not yet: Probe Model runs it once"));
  });

  test("are on the page of a search result that is here", async () => {
    const model = fakeModel(QWEN, { measured: fakeMeasurement() });
    service = await startFakeService({ models: [model], hubModels: [fakeHubModel(QWEN, { here: true })] });
    const fitTable = [fakeFit({ contextTokens: 4096, method: "measured" })];
    service.on("GET /api/hub/models/{owner}/{name}", () => ({ body: fakeHubDetail(QWEN, { fitTable }) }));
    service.on("GET /api/models/{owner}/{name}", () => ({ body: model }));
    const screen = openCommand("search-models", { address: service.address });
    await screen.waitFor(() => rowOf(screen, `hub:${QWEN}`));
    await screen.runAction("Show Model Page", `hub:${QWEN}`);
    await screen.waitFor(() => screen.markdown().includes("**measured**"));
    expect(screen.markdown()).toContain("predicted from what was measured");
    expect(screen.text()).toContain("Writes (Measured)");
    expect(raycast.toasts).toEqual([]);
  });
});

describe("quantizing", () => {
  const made = "local/Qwen3-4B-3bit";
  const job = fakeJob({ kind: "convert", subject: made, phase: "quantizing", done: 1, total: 4, unit: "bytes" });

  test("offers for each mode what the service can make, and no more", () => {
    expect(conversionChoices).toEqual(conversionModes);
    expect(conversionRecipes).toEqual(ConversionRecipe.options);
  });

  test("is a form; its progress stands in the list, and the result names its parent", async () => {
    const screen = await open();
    let state: "running" | "succeeded" = "running";
    service.on("POST /api/models/{owner}/{name}/convert", () => ({ status: 202, body: job }));
    service.on("GET /api/jobs/{id}", () => ({ body: { ...job, state } }));
    await screen.runAction("Quantize Model…", QWEN);
    await screen.change("bits", "mixed_3_6");
    expect([screen.fieldValue("mode"), screen.fieldValue("groupSize")]).toEqual(["affine", "64"]);
    await screen.change("mode", "nvfp4");
    expect([screen.fieldValue("bits"), screen.fieldValue("groupSize")]).toEqual(["4", "16"]);
    await screen.change("mode", "affine");
    await screen.change("bits", "3");
    await screen.change("groupSize", "32");
    await screen.runAction("Quantize Model");
    expect(service.requests.find(({ path }) => path.endsWith("/convert"))?.body).toEqual({
      ...{ mode: "affine", bits: 3, groupSize: 32 },
    });
    expect(screen.depth).toBe(1);
    service.publish("job.changed", job);
    await screen.waitFor(() => rowOf(screen, `job:${job.id}`)?.subtitle === "quantizing · 25%");
    await screen.waitFor(() => visibleToast()?.message === `${made}: quantizing · 25%`);
    expect(visibleToast()?.primaryAction?.title).toBe("Cancel");

    const parent = { model: QWEN, revision: "a".repeat(40) };
    service.state.models = [...service.state.models, fakeModel(made, { source: "converted", parent })];
    state = "succeeded";
    service.publish("job.changed", { ...job, state });
    service.publish("model.changed", { id: made });
    const toast = await screen.waitFor(() => toastNamed(`${made} is made`));
    await screen.waitFor(() => rowOf(screen, made)?.section === "Ready to Run");
    expect(rowOf(screen, `job:${job.id}`)).toBeUndefined();
    await toast?.primaryAction?.onAction(toast as never);
    await screen.waitFor(() => screen.selected()?.id === made && screen.text().includes("Made From"));
    expect(screen.text()).toContain(QWEN);
  });

  test("without room on the disk is refused in the form with the numbers; a taken name stands at the name", async () => {
    const screen = await open();
    const full = "The conversion needs about 4.20 GB on the disk, 1.00 GB are free. Free some space.";
    service.on("POST /api/models/{owner}/{name}/convert", ({ body }) =>
      (body as { name?: string }).name === undefined
        ? failure(507, "disk_full", full)
        : failure(409, "conflict", "There is a model local/mine already."),
    );
    await screen.runAction("Quantize Model…", QWEN);
    await screen.runAction("Quantize Model");
    await screen.waitFor(() => screen.text().includes(full));
    expect(toastNamed("Not Quantized")?.message).toBe(full);
    await screen.change("name", "mine");
    await screen.runAction("Quantize Model");
    await screen.waitFor(() => screen.text().includes("There is a model local/mine already."));
    expect(screen.depth).toBe(2);
  });
});

describe("the engines", () => {
  const ready = fakeEngine({ version: "0.29.0", availableVersion: "0.30.0", previousVersion: "0.28.0" });
  const id = "engine:mlx-lm";
  const [vlm, server] = ["engine:mlx-vlm", "engine:mlx-openai-server"];
  const engines = [
    ready,
    fakeEngine({ id: "mlx-vlm", state: "absent", version: null, sizeBytes: null, installedAt: null }),
    fakeEngine({
      ...{ id: "mlx-openai-server", state: "unsupported", version: null, sizeBytes: null },
      reason: { code: "unsupported", message: "It runs on macOS alone." },
    }),
  ];

  test("stand below the models with version, size, what there is to update, and why one is not for this machine", async () => {
    const screen = await open({ engines, servers: [fakeServer(QWEN)] });
    await screen.waitFor(() => rowOf(screen, server));
    expect(screen.rows().map(({ section }) => section)).toEqual(["Running", "Engines", "Engines", "Engines"]);
    expect(rowOf(screen, id)).toMatchObject({ title: "mlx-lm", subtitle: "0.29.0, runs text" });
    expect(rowOf(screen, id)?.accessories).toEqual(["1", "Update 0.30.0", "200 MB", "Installed"]);
    expect(rowOf(screen, vlm)?.accessories).toEqual(["Not Installed"]);
    expect(rowOf(screen, server)?.subtitle).toBe("It runs on macOS alone.");
    expect(titles(screen, vlm)[0]).toBe("Install Engine");
    expect(titles(screen, server)).not.toContain("Install Engine");
  });

  test("are updated, taken back a version and forward again, and removed after a question", async () => {
    const screen = await open({ engines });
    const job = fakeJob({ id: "job-update", phase: "installing packages", done: 3, total: 4 });
    service.on("POST /api/engines/{id}/update", () => ({ status: 202, body: { job } }));
    await screen.runAction("Update to 0.30.0", id);
    service.publish("job.changed", job);
    service.publish("engine.changed", { ...ready, state: "updating", jobId: job.id });
    await screen.waitFor(() => rowOf(screen, id)?.subtitle === "installing packages · 75%");
    expect(titles(screen, id)).toContain("Cancel Installation");

    const updated = { ...ready, version: "0.30.0", previousVersion: "0.29.0" };
    service.publish("engine.changed", updated);
    await screen.waitFor(() => titles(screen, id)[0] === "Roll Back to 0.29.0");
    const back = { ...updated, version: "0.29.0", previousVersion: "0.30.0" };
    service.on("POST /api/engines/{id}/rollback", () => {
      service.publish("engine.changed", back);
      return { body: back };
    });
    await screen.runAction("Roll Back to 0.29.0", id);
    await screen.waitFor(() => titles(screen, id)[0] === "Go Forward to 0.30.0");
    expect(visibleToast()).toMatchObject({ style: "SUCCESS", title: "mlx-lm is 0.29.0 now" });

    service.on("POST /api/engines/{id}/remove", () =>
      failure(409, "conflict", "A server runs from it. Stop it first."),
    );
    await screen.runAction("Remove Engine", id);
    expect(service.requests.some(({ path }) => path.endsWith("/remove"))).toBe(false);
    raycast.alertAnswers.push(true);
    await screen.runAction("Remove Engine", id);
    expect(toastNamed("Engine Not Removed")?.message).toBe("A server runs from it. Stop it first.");
  });
});
