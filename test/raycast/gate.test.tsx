import { afterEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { failure, startFakeService } from "../fakes/fake-service.ts";
import type { FakeService } from "../fakes/fake-service.ts";
import { fakeEngine, fakeJob, fakeState } from "../fakes/fake-service-state.ts";
import type { FakeState } from "../fakes/fake-service-state.ts";
import { raycast, visibleToast } from "../fakes/raycast/record.ts";
import type { Screen } from "../tools/raycast-render.tsx";
import { commandNames, home, openCommand, rowTitles } from "./open-command.tsx";

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(state: Partial<FakeState> = {}, port = 0): Promise<FakeService> {
  const service = await startFakeService(state, port);
  closing.push(() => service.close());
  return service;
}

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const service = await startFakeService();
  await service.close();
  return service.address;
}

async function stranger(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const gate = async (screen: Screen) => {
  const empty = await screen.waitFor(() => screen.emptyView());
  return { ...empty, first: screen.actions()[0]?.title };
};

describe("the gate around every command", () => {
  test.each(commandNames)(
    "%s says that no service is installed, and copies the command that installs it",
    async (name) => {
      const screen = openCommand(name, { address: await nobody(), question: "hello" });
      expect(await gate(screen)).toMatchObject({ title: "Service Not Installed", first: "Copy Install Command" });
      await screen.runAction("Copy Install Command");
      expect(raycast.clipboard).toEqual(["npm install --global mlx-manager"]);
      expect(raycast.toasts).toEqual([]);
    },
  );

  test.each(commandNames)(
    "%s shows a loading view of its own shape, and nothing else, before the first answer",
    async (name) => {
      const service = await serve();
      const screen = openCommand(name, { address: service.address });
      expect(screen.isLoading()).toBe(true);
      expect(screen.tree().type).toBe(name === "ask-local-model" ? "form" : "list");
      expect(screen.emptyView()).toBeUndefined();
    },
  );

  test("an installed service that is stopped is started, and the command goes on by itself", async () => {
    const address = await nobody();
    await installProgram(`
      echo $$ > "$HOME/pid"
      exec "${process.execPath}" --disable-warning=ExperimentalWarning --input-type=module -e '
        const { startFakeService } = await import("${fakeServiceFile}");
        await startFakeService({}, Number(process.env.MLX_MANAGER_PORT));'`);
    const screen = openCommand("models", { address });
    expect(await gate(screen)).toMatchObject({ title: "Service Not Running", first: "Start Service" });
    const started = screen.runAction("Start Service");
    await screen.waitFor(() => rowTitles(screen).includes("demo"), 20_000);
    await started;
    process.kill(Number(await readFile(join(home, "pid"), "utf8")), "SIGTERM");
    expect(visibleToast()).toBeUndefined();
  });

  test("a service that ends at once shows what it said, to be copied", async () => {
    await installProgram("echo 'MLX_MANAGER_PORT must be a number.' >&2; exit 2");
    const screen = openCommand("models", { address: await nobody() });
    await gate(screen);
    await screen.runAction("Start Service");
    const toast = await screen.waitFor(() => visibleToast());
    expect([toast.title, toast.message]).toEqual(["Service Did Not Start", "MLX_MANAGER_PORT must be a number."]);
    expect(toast.primaryAction?.title).toBe("Copy Error");
  });

  test("another program on the port is named as such, whether it speaks HTTP or hangs up", async () => {
    const page = createHttpServer((_request, response) => void response.end("<html>hello</html>"));
    const rude = createServer((socket) => socket.destroy());
    for (const server of [page, rude]) {
      const screen = openCommand("models", { address: await stranger(server) });
      expect(await gate(screen)).toMatchObject({ title: "Port in Use", first: "Copy Command to Find It" });
    }
  });

  test("versions outside the spoken range name the side to update", async () => {
    const old = await serve({ health: { apiVersion: 0, version: "0.0.9" } });
    const oldScreen = openCommand("models", { address: old.address });
    expect(await gate(oldScreen)).toMatchObject({ title: "Service Too Old", first: "Copy Update Command" });
    const future = await serve({ health: { apiVersion: 2, version: "9.0.0" } });
    const screen = openCommand("models", { address: future.address });
    expect(await gate(screen)).toMatchObject({ title: "Extension Too Old", first: "Open Extension in Store" });
    expect(screen.emptyView()?.description).toContain("9.0.0");
  });

  test("a locked service asks for its key once; a wrong one is refused; both lead to the preferences", async () => {
    const { address } = await serve({ key: "right" });
    const without = openCommand("models", { address });
    expect(await gate(without)).toMatchObject({ title: "Key Needed", first: "Open Preferences" });
    await without.runAction("Open Preferences");
    expect(raycast.openedPreferences).toEqual(["extension"]);
    const wrong = openCommand("models", { address, apiKey: "wrong" });
    expect(await gate(wrong)).toMatchObject({ title: "Key Refused", first: "Open Preferences" });
    const right = openCommand("models", { address, apiKey: "right" });
    await right.waitFor(() => rowTitles(right).includes("demo"));
  });

  test("AUTH-04: on the same account the service's own admin key opens a locked service", async () => {
    const { address, requests } = await serve({ key: "from-the-file" });
    await mkdir(join(home, ".mlx-manager", "run"), { recursive: true });
    await writeFile(join(home, ".mlx-manager", "run", "admin.key"), "from-the-file\n");
    const screen = openCommand("models", { address });
    await screen.waitFor(() => rowTitles(screen).includes("demo"));
    const asked = requests.filter(({ path }) => path === "/api/health");
    expect(asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test("a service in trouble says so, and opens as soon as it is well", async () => {
    const service = await serve({ health: { status: "error", database: "error" } });
    const screen = openCommand("models", { address: service.address });
    expect(await gate(screen)).toMatchObject({ title: "Service in Trouble", first: "Try Again" });
    service.state.health = {};
    await screen.runAction("Try Again");
    await screen.waitFor(() => rowTitles(screen).includes("demo"));
  });

  test("a refusal of the service's own is told in its words, not taken for a stranger's", async () => {
    const service = await serve();
    service.on("GET /api/health", () => failure(403, "forbidden_host", "Host mac.local is not allowed."));
    const screen = openCommand("models", { address: service.address });
    expect(await gate(screen)).toMatchObject({ title: "Service in Trouble" });
    expect(screen.emptyView()?.description).toContain("Host mac.local is not allowed.");
  });

  test("a broken stream of events is taken up again without the list going away", async () => {
    const service = await serve();
    const screen = openCommand("models", { address: service.address });
    await screen.waitFor(() => rowTitles(screen, "Ready to Run").length === 1 && service.followers === 1);
    const seen = new Set<string>();
    service.dropFollowers();
    await screen.waitFor(() => {
      seen.add(rowTitles(screen).join());
      return service.requests.filter(({ path }) => path === "/api/events").length === 2 && service.followers === 1;
    });
    expect([...seen]).toEqual(["demo,mlx-lm"]);
  });

  test("a service that goes away is noticed, and one that comes back opens the gate by itself", async () => {
    const service = await startFakeService();
    const screen = openCommand("models", { address: service.address });
    await screen.waitFor(() => rowTitles(screen, "Ready to Run").length === 1);
    await service.close();
    await screen.waitFor(() => screen.emptyView()?.title === "Service Not Installed", 10_000);
    await serve({}, Number(new URL(service.address).port));
    await screen.waitFor(() => rowTitles(screen, "Ready to Run").length === 1, 10_000);
  });
});

describe("an engine that is not ready", () => {
  const states = [
    ["installing", { state: "installing", jobId: "job-1" }, "Engine Is Being Installed", "Show Installation Log"],
    ["absent", { state: "absent", version: null }, "Engine Not Installed", "Install Engine"],
    [
      "broken",
      { state: "broken", reason: { code: "engine_failed", message: "Python is gone." } },
      "Engine Broken",
      "Install Again",
    ],
    [
      "unsupported",
      { state: "unsupported", reason: { code: "unsupported", message: "No." } },
      "Engine Not Supported Here",
      "Copy Details",
    ],
  ] as const;

  test.each(states)(
    "an engine that is %s closes Ask Local Model with its next step, and is a row above the models",
    async (_state, change, title, first) => {
      const service = await serve({ engines: [fakeEngine(change)], jobs: [fakeJob()] });
      const ask = openCommand("ask-local-model", { address: service.address, question: "hello" });
      expect(await gate(ask)).toMatchObject({ title, first });
      const models = openCommand("models", { address: service.address });
      await models.waitFor(() => rowTitles(models, "Engine").includes(title));
      expect(models.actions(title)[0]?.title).toBe(first);
      expect(rowTitles(models)).toContain("demo");
    },
  );

  test("the installation's progress is shown, and the command opens when it is done", async () => {
    const service = await serve({ engines: [fakeEngine({ state: "installing", jobId: "job-1" })], jobs: [fakeJob()] });
    const screen = openCommand("ask-local-model", { address: service.address });
    await screen.waitFor(() => screen.emptyView()?.description === "downloading · 42%");
    service.publish("job.progress", fakeJob({ done: 80 }));
    await screen.waitFor(() => screen.emptyView()?.description === "downloading · 80%");
    service.publish("engine.changed", fakeEngine());
    await screen.waitFor(() => screen.tree().type === "form");
  });

  test("an absent engine is installed when the user asks for it, never before", async () => {
    const service = await serve({ ...fakeState(), engines: [fakeEngine({ state: "absent", version: null })] });
    service.on("POST /api/engines/{id}/install", () => ({ status: 202, body: { job: fakeJob() } }));
    const screen = openCommand("ask-local-model", { address: service.address });
    await gate(screen);
    expect(service.requests.filter(({ method }) => method === "POST")).toEqual([]);
    await screen.runAction("Install Engine");
    await screen.waitFor(() => service.requests.some(({ path }) => path === "/api/engines/mlx-lm/install"));
  });
});

const fakeServiceFile = fileURLToPath(new URL("../fakes/fake-service.ts", import.meta.url));

/** Puts a program where npm's user prefix would. */
async function installProgram(script: string): Promise<void> {
  const folder = join(home, ".local", "bin");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "mlx-manager"), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "mlx-manager"), 0o755);
}
