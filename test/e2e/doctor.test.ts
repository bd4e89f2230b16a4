import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { demoRepo } from "../fixtures/hub-repos.ts";
import { runCommandLine } from "../service/cli/command-line.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const id = "mlx-community/demo-4bit";
let hub: FakeHub;
let service: RealService;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlx-manager-doctor-"));
  hub = await startFakeHub({ repos: [await demoRepo(id)] });
  service = await startRealService({ HF_ENDPOINT: hub.url });
}, 600_000);
afterAll(async () => {
  await service.close();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

describe("doctor --full", () => {
  test("proves engine, memory, recovery and download on the real engine, and leaves nothing behind", async () => {
    const output = join(folder, "report.md");
    const words = ["doctor", "--full", "--model", id, "--output", output, "--json"];
    const { code, json } = await runCommandLine(words, { environment: { MLX_MANAGER_HOME: service.home } });
    const { checks } = json<{ checks: { name: string; status: string; text: string }[] }>();
    expect({ code, proven: checks.slice(12).map(({ name, status }) => [name, status]) }).toEqual({
      code: 0,
      proven: [
        ["engine installed", "ok"],
        ["demo model answers", "ok"],
        ["memory of the engine", "ok"],
        ["kill and recover", "ok"],
        ["download and verify", "ok"],
        ["predicted and measured memory", "ok"],
      ],
    });
    expect(checks.find(({ name }) => name === "kill and recover")?.text).toContain("SIGKILL");
    const report = await readFile(output, "utf8");
    expect(report).toContain("| kill and recover | ok |");
    expect(report).not.toContain(service.home);
    const { items: models } = await service.api().get<{ items: { id: string }[] }>("/api/models");
    const { items: servers } = await service.api().get<{ items: object[] }>("/api/servers?running=true");
    expect({ models: models.map((model) => model.id), servers }).toEqual({ models: ["mlx-manager/demo"], servers: [] });
  }, 180_000);
});
