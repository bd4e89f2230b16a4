import { afterEach, describe, expect, test } from "@jest/globals";
import type { ModelVerification } from "../../service/src/contract/library.ts";
import { failure, startFakeService } from "../fakes/fake-service.ts";
import type { FakeService } from "../fakes/fake-service.ts";
import {
  demoModel,
  fakeDownload,
  fakeJob,
  fakeModel,
  fakeProfile,
  fakeServer,
  fakeSettings,
} from "../fakes/fake-service-state.ts";
import type { FakeState } from "../fakes/fake-service-state.ts";
import { raycast, visibleToast } from "../fakes/raycast/record.ts";
import type { Screen } from "../tools/raycast-render.tsx";
import { openCommand, rowTitles } from "./open-command.tsx";

const QWEN = "mlx-community/Qwen3-4B-4bit";
const LLAMA = "mlx-community/Llama-3.2-1B-4bit";
const HALF = "mlx-community/Half-4bit";

let service: FakeService;
afterEach(async () => service?.close());

async function open(state: Partial<FakeState> = {}): Promise<Screen> {
  service = await startFakeService({
    models: [fakeModel(QWEN), fakeModel(LLAMA), demoModel(), fakeModel(HALF, { complete: false })],
    servers: [fakeServer(LLAMA)],
    ...state,
  });
  const screen = openCommand("models", { address: service.address });
  await screen.waitFor(() => screen.rows().length >= service.state.models.length);
  return screen;
}

const rowOf = (screen: Screen, id: string) => screen.rows().find((row) => row.id === id);
const sectionOf = (screen: Screen, id: string) => rowOf(screen, id)?.section;

describe("Models", () => {
  test("stand in the section of what they can do, the running ones with state, speed, memory and uptime", async () => {
    const screen = await open();
    expect(screen.rows().map(({ section, title }) => [section, title])).toEqual([
      ["Running", "Llama-3.2-1B-4bit"],
      ["Ready to Run", "Qwen3-4B-4bit"],
      ["Ready to Run", "demo"],
      ["Incomplete", "Half-4bit"],
      ["Engines", "mlx-lm"],
    ]);
    expect(rowOf(screen, LLAMA)?.accessories).toEqual(["Ready", "38.2 tok/s", "3 GB", "1h 5m", "4-bit", "2 GB"]);
    expect(rowOf(screen, "mlx-manager/demo")?.accessories).toContain("demo");
    expect(rowOf(screen, "mlx-manager/demo")?.accessories).toContain("Default model");
  });

  test("Enter starts at once on screen, before the service has answered", async () => {
    const screen = await open();
    let answer = () => {};
    service.on("POST /api/models/{owner}/{name}/load", async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { status: 202, body: fakeServer(QWEN, { state: "starting", readyAt: null }) };
    });
    const started = screen.runAction("Start", QWEN);
    await screen.waitFor(() => sectionOf(screen, QWEN) === "Running");
    expect(rowOf(screen, QWEN)?.accessories[0]).toBe("Starting");
    await screen.waitFor(() => service.requests.some(({ path }) => path.endsWith("/load")));
    answer();
    await started;
    service.publish("server.progress", { id: fakeServer(QWEN).id, phase: "loading", done: 3, total: 4 });
    await screen.waitFor(() => rowOf(screen, QWEN)?.accessories.includes("loading 75%"));
    service.publish("server.changed", fakeServer(QWEN));
    await screen.waitFor(() => rowOf(screen, QWEN)?.accessories[0] === "Ready");
    expect(screen.actions(QWEN)[0]?.title).toBe("Stop");
  });

  test("a refused start goes back to where it was, with a toast that can be copied", async () => {
    const screen = await open();
    service.on("POST /api/models/{owner}/{name}/load", () => failure(507, "insufficient_memory", "It needs 9 GB."));
    await screen.runAction("Start", QWEN);
    const toast = await screen.waitFor(() => visibleToast());
    expect([toast.style, toast.message, toast.primaryAction?.title]).toEqual([
      "FAILURE",
      "It needs 9 GB.",
      "Copy Error",
    ]);
    await toast.primaryAction?.onAction({ hide: async () => {} } as never);
    expect(String(raycast.clipboard[0])).toContain("insufficient_memory");
    expect(sectionOf(screen, QWEN)).toBe("Ready to Run");
  });

  test("Enter on a running model stops it; it stays in its place until it has stopped", async () => {
    const screen = await open();
    service.on("POST /api/profiles/{id}/stop", () => {
      service.publish("server.changed", fakeServer(LLAMA, { state: "stopping" }));
      return { body: { items: [fakeServer(LLAMA, { state: "stopping" })], nextCursor: null } };
    });
    await screen.runAction("Stop", LLAMA);
    await screen.waitFor(() => rowOf(screen, LLAMA)?.accessories[0] === "Stopping");
    expect(sectionOf(screen, LLAMA)).toBe("Running");
    service.publish("server.changed", fakeServer(LLAMA, { state: "stopped" }));
    await screen.waitFor(() => sectionOf(screen, LLAMA) === "Ready to Run");
  });

  test("a failed server shows its reason and the engine's last lines, to be copied", async () => {
    const failed = fakeServer(LLAMA, {
      state: "failed",
      lastError: { code: "engine_failed", message: "The engine ran out of memory." },
      stderrTail: ["Traceback", "MemoryError"],
    });
    const screen = await open({ servers: [failed] });
    expect(rowOf(screen, LLAMA)?.accessories[0]).toBe("Failed");
    await screen.runAction("Show Last Error", LLAMA);
    expect(screen.markdown()).toContain("The engine ran out of memory.");
    expect(screen.markdown()).toContain("MemoryError");
    await screen.runAction("Copy Error");
    expect(String(raycast.clipboard[0])).toContain("engine_failed: The engine ran out of memory.\nTraceback");
  });

  test("a model is deleted only after the alert was confirmed, and the built-in one never", async () => {
    const screen = await open();
    service.on("DELETE /api/models/{owner}/{name}", () => {
      service.publish("model.removed", { id: QWEN });
      return { body: { model: fakeModel(QWEN), revision: null, freedBytes: 2_000_000_000 } };
    });
    await screen.runAction("Delete Model", QWEN);
    expect(service.requests.some(({ method }) => method === "DELETE")).toBe(false);
    service.state.models = service.state.models.filter(({ id }) => id !== QWEN);
    raycast.alertAnswers.push(true);
    await screen.runAction("Delete Model", QWEN);
    await screen.waitFor(() => rowOf(screen, QWEN) === undefined);
    expect(raycast.alerts[0]?.primaryAction?.style).toBe("destructive");
    expect(screen.actions("mlx-manager/demo").map(({ title }) => title)).not.toContain("Delete Model");
  });

  test("the default is set by an action, and the star moves with the service's event", async () => {
    const screen = await open();
    service.on("PATCH /api/settings", ({ body }) => {
      service.state.models = service.state.models.map((model) => ({ ...model, isDefault: model.id === QWEN }));
      const settings = {
        ...fakeSettings(),
        defaultModel: { value: QWEN, source: "database", variable: null } as const,
      };
      service.publish("settings.changed", settings);
      expect(body).toEqual({ defaultModel: QWEN });
      return { body: settings };
    });
    await screen.runAction("Set as Default", QWEN);
    await screen.waitFor(() => rowOf(screen, QWEN)?.accessories.includes("Default model"));
    expect(rowOf(screen, "mlx-manager/demo")?.accessories).not.toContain("Default model");
  });

  test("an incomplete model offers to finish its download; another program finds what it needs to copy", async () => {
    const screen = await open();
    expect(screen.actions(HALF)[0]?.title).toBe("Finish Download");
    await screen.runAction("Copy Base URL", QWEN);
    await screen.runAction("Copy Curl Command", QWEN);
    await screen.runAction("Copy Model Name", QWEN);
    expect(raycast.clipboard[0]).toBe(`${service.address}/v1`);
    expect(raycast.clipboard[1]).toContain(`curl -N ${service.address}/v1/chat/completions`);
    expect(raycast.clipboard[2]).toBe(QWEN);
  });

  test("a server of a named profile is a row of its own beside the model", async () => {
    const coder = fakeServer(LLAMA, { id: "server-coder", profileId: "profile-coder", profile: "coder" });
    const screen = await open({ servers: [fakeServer(LLAMA), coder] });
    expect(rowTitles(screen, "Running")).toEqual(["Llama-3.2-1B-4bit", "coder"]);
  });

  test("a server that runs with older values than its profile says so, and what turns its batching off", async () => {
    const batching = { on: false, reason: "A draft model works for one request at a time." };
    const restartKeys = ["engineOptions.draftTokens"];
    const screen = await open({ servers: [fakeServer(LLAMA, { batching, needsRestart: true, restartKeys })] });
    expect(rowOf(screen, LLAMA)?.accessories[1]).toBe("Restart to take up engineOptions.draftTokens");
    service.publish("server.changed", fakeServer(LLAMA, { batching }));
    await screen.waitFor(() => rowOf(screen, LLAMA)?.accessories[1] === "38.2 tok/s");
  });

  test("a server tells its requests, what is kept free for it, its pin, and when it goes", async () => {
    const expiresAt = new Date(Date.now() + 40.5 * 60_000).toISOString();
    const screen = await open({ servers: [fakeServer(LLAMA, { inFlight: 2, waiting: 1, pinned: true, expiresAt })] });
    expect(rowOf(screen, LLAMA)?.accessories.slice(0, 5)).toEqual([
      "Ready",
      "Pinned: never unloaded to make room",
      "2 at work, 1 waiting",
      "38.2 tok/s",
      "3 GB",
    ]);
    await screen.select(LLAMA);
    await screen.runAction("Show Details", LLAMA);
    await screen.waitFor(() => screen.text().includes("3 GB of 3 GB reserved"));
    expect(screen.text()).toContain("In 40m without a request; never to make room");
  });

  test("a model is pinned and unpinned, and says which engine runs it, why, and within which limits", async () => {
    const limits = { contextTokens: 16_384, concurrency: 4 };
    let profile = fakeProfile(QWEN, { limits, lifecycle: { ttlSeconds: 60 } });
    const screen = await open({ profiles: [profile] });
    service.on("GET /api/profiles/{id}", () => ({ body: profile }));
    service.on("PATCH /api/profiles/{id}", ({ body }) => {
      profile = { ...profile, ...(body as Pick<typeof profile, "lifecycle">) };
      service.publish("profile.changed", profile);
      return { body: { ...profile, needsRestart: false, restartKeys: [] } };
    });
    await screen.select(QWEN);
    await screen.runAction("Show Details", QWEN);
    await screen.waitFor(() => screen.text().includes("The model reads and writes text, as mlx-lm does."));
    expect(screen.text()).toContain("16K context, 4 at once");
    await screen.runAction("Pin", QWEN);
    await screen.waitFor(() => screen.text().includes("Never unloaded to make room"));
    expect(service.requests.at(-1)?.body).toEqual({ lifecycle: { ttlSeconds: 60, pinned: true } });
    await screen.runAction("Unpin", QWEN);
    await screen.waitFor(() => screen.actions(QWEN).some(({ title }) => title === "Pin"));
    expect(profile.lifecycle).toEqual({ ttlSeconds: 60, pinned: false });
  });

  test("a server of another service has no model here: it stands in a section of its own, and can be stopped", async () => {
    const profile = { profileId: "profile-cloud", profile: "cloud" };
    const remote = { kind: "remote", engine: "remote", memory: null, reservedBytes: 0 } as const;
    const server = fakeServer("other/model", { ...profile, ...remote });
    const screen = await open({ servers: [server] });
    await screen.waitFor(() => rowTitles(screen, "Served Elsewhere").length === 1);
    expect(rowOf(screen, "profile:profile-cloud")).toMatchObject({ title: "cloud", subtitle: "other/model" });
    service.on("POST /api/profiles/{id}/stop", () => {
      service.publish("server.changed", { ...server, state: "stopped" });
      return { body: { items: [server], nextCursor: null } };
    });
    await screen.runAction("Stop", "profile:profile-cloud");
    await screen.waitFor(() => rowOf(screen, "profile:profile-cloud") === undefined);
  });

  test("a server in trouble says why on its row, and one that was unloaded in its details", async () => {
    const lastError = { code: "engine_failed", message: "The engine hung. See the server's log." } as const;
    const screen = await open({ servers: [fakeServer(LLAMA, { state: "restarting", restarts: 2, lastError })] });
    expect(rowOf(screen, LLAMA)).toMatchObject({ section: "Running", subtitle: lastError.message });
    service.publish("server.changed", fakeServer(LLAMA, { restarts: 2, lastError }));
    await screen.waitFor(() => rowOf(screen, LLAMA)?.subtitle === "mlx-community");
    await screen.select(LLAMA);
    await screen.runAction("Show Details", LLAMA);
    await screen.waitFor(() => screen.text().includes(lastError.message));
    const endedBecause = "Unloaded to make room for coder.";
    service.publish("server.changed", fakeServer(LLAMA, { state: "evicted", endedBecause, readyAt: null }));
    await screen.waitFor(() => screen.text().includes(endedBecause));
  });

  test("a load without room says the numbers, and stops what is in the way when asked to", async () => {
    const pinned = fakeServer(LLAMA, { profile: "coder", profileId: "profile-coder", pinned: true });
    const details = { neededBytes: 9e9, stop: [{ profile: "coder", model: LLAMA, bytes: 3e9 }] };
    const message = "It needs 9.0 GB of memory, and 6.0 GB of 9.0 GB can be had. Stop coder (3.0 GB).";
    const screen = await open({ servers: [pinned] });
    let isStopped = false;
    service.on("POST /api/profiles/{id}/stop", ({ path }) => {
      isStopped = path === "/api/profiles/profile-coder/stop";
      return { body: { items: [pinned], nextCursor: null } };
    });
    service.on("POST /api/models/{owner}/{name}/load", () =>
      isStopped ? { status: 202, body: fakeServer(QWEN) } : failure(507, "insufficient_memory", message, details),
    );
    await screen.runAction("Start", QWEN);
    const toast = await screen.waitFor(() => visibleToast());
    expect([toast.message, toast.primaryAction?.title]).toEqual([message, "Stop coder (3 GB)"]);
    await toast.primaryAction?.onAction({ hide: async () => {} } as never);
    await screen.waitFor(() => sectionOf(screen, QWEN) === "Running");

    const lastError = { code: "insufficient_memory", message, details } as const;
    service.publish(
      "server.changed",
      fakeServer(HALF, { profileId: "profile-x", profile: "x", state: "failed", lastError }),
    );
    await screen.waitFor(() => rowOf(screen, "profile:profile-x")?.subtitle === message);
    expect(screen.actions("profile:profile-x").map(({ title }) => title)).toContain("Stop coder (3 GB) and Start");
  });

  test("SERVER-03: twenty updates move neither the selection nor the rows", async () => {
    const screen = await open();
    await screen.select(QWEN);
    const before = { position: screen.position(), rows: screen.rows().map(({ id }) => id) };
    for (let update = 1; update <= 20; update += 1) {
      const footprintBytes = 3 * 1024 ** 3 + update * 1024 ** 3;
      const memory = { footprintBytes, method: "pss", at: new Date().toISOString() } as const;
      if (update % 2 === 0) service.publish("server.memory", { id: fakeServer(LLAMA).id, memory, cpuPercent: 5 });
      else service.publish("server.changed", fakeServer(LLAMA, { memory, inFlight: update, totalTokens: update }));
      await screen.waitFor(() => rowOf(screen, LLAMA)?.accessories.includes(`${3 + update} GB`));
      expect(screen.position()).toEqual(before.position);
      expect(screen.rows().map(({ id }) => id)).toEqual(before.rows);
    }
    expect(screen.selected()?.id).toBe(QWEN);
  });

  test("a burst of events makes a handful of renders", async () => {
    const screen = await open();
    const before = screen.renders;
    for (let update = 0; update < 200; update += 1) {
      service.publish("server.changed", fakeServer(LLAMA, { totalTokens: update, tokensPerSecond: update }));
    }
    await screen.waitFor(() => rowOf(screen, LLAMA)?.accessories.includes("199 tok/s"));
    expect(screen.renders - before).toBeLessThan(60);
  });

  test("a check of the files is followed to its end, and a wrong one can be repaired at once", async () => {
    const screen = await open();
    const job = fakeJob({ kind: "verify", subject: QWEN, unit: "bytes" });
    service.on("POST /api/models/{owner}/{name}/verify", () => ({ status: 202, body: job }));
    service.on("GET /api/jobs/{id}", () => ({ body: { ...job, state: "succeeded" } }));
    service.on("GET /api/models/{owner}/{name}/verification", () => ({ body: verification }));
    service.on("POST /api/models/{owner}/{name}/repair", () => ({ status: 201, body: fakeDownload(QWEN) }));
    await screen.runAction("Verify Files", QWEN);
    const toast = await screen.waitFor(() => (visibleToast()?.title === "1 wrong file" ? visibleToast() : undefined));
    expect([toast?.message, toast?.primaryAction?.title]).toEqual(["model.safetensors", "Repair"]);
    await toast?.primaryAction?.onAction(toast as never);
    await screen.waitFor(() => service.requests.some(({ path }) => path.endsWith("/repair")));
  });

  test("an update is a mark on the row and an action that downloads it", async () => {
    const screen = await open({ models: [fakeModel(QWEN, { updateAvailable: true, latestRevision: "b".repeat(40) })] });
    expect(rowOf(screen, QWEN)?.accessories).toContain("A newer revision is on the Hub");
    expect(screen.actions(QWEN).map(({ title }) => title)).toContain("Download Update");
  });

  test("an incomplete model says what is missing", async () => {
    const partial = { missingFiles: 2, missingBytes: 1_200_000_000, foreignBytes: 0 };
    const screen = await open({ models: [fakeModel(HALF, { complete: false, partial })] });
    await screen.select(HALF);
    await screen.runAction("Show Details", HALF);
    await screen.waitFor(() => screen.text().includes("2 files, 1.2 GB"));
  });

  test("a folder of another program is imported by a form, and a refusal stands in it", async () => {
    const screen = await open();
    service.on("GET /api/models/importable", () => ({
      body: { items: [{ path: "/m/found", name: "found", sizeBytes: 2_000_000_000, imported: null }] },
    }));
    service.on("POST /api/models/import", () => failure(400, "invalid_request", "There is no config.json."));
    await screen.runAction("Import Model…", QWEN);
    await screen.waitFor(() => screen.text().includes("found (2 GB)"));
    await screen.runAction("Import Model");
    await screen.waitFor(() => screen.text().includes("There is no config.json."));
    expect(service.requests.at(-1)?.body).toEqual({ path: "/m/found" });
  });

  test("a model that lies elsewhere is forgotten, not deleted", async () => {
    const screen = await open({ models: [fakeModel("local/mine", { source: "folder" })] });
    const titles = screen.actions("local/mine").map(({ title }) => title);
    expect([titles.includes("Forget Model"), titles.includes("Delete Model")]).toEqual([true, false]);
  });
});

const verification: ModelVerification = {
  model: QWEN,
  revision: "a".repeat(40),
  result: "wrong",
  filesChecked: 4,
  filesUnknown: 0,
  bytesChecked: 2_000_000_000,
  wrongFiles: [{ path: "model.safetensors", state: "wrong-content", sizeBytes: 2e9, foundBytes: 2e9 }],
  current: true,
  verifiedAt: "2026-11-01T10:00:00.000Z",
};
