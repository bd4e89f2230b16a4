import { mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createRedaction } from "../../../service/src/cli/doctor/report.ts";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../fakes/fake-hub/index.ts";
import { demoRepo } from "../../fixtures/hub-repos.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { runCommandLine } from "./command-line.ts";

const key = "a-key-of-the-service";
let hub: FakeHub;
let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlx-manager-cli-"));
  hub = await startFakeHub({ repos: [await demoRepo("mlx-community/demo-4bit")] });
  service = await startTestService({ environment: { HF_ENDPOINT: hub.url, MLX_MANAGER_API_KEY: key } });
}, 120_000);
afterAll(async () => {
  await service.close();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

interface Report {
  readonly checks: { name: string; status: string; text: string; next?: string }[];
}

describe("doctor", () => {
  test("checks every part of a running service and fails nothing", async () => {
    const environment = { MLX_MANAGER_HOME: service.home, MLX_MANAGER_API_KEY: key };
    const { code, json } = await runCommandLine(["doctor", "--json"], { environment });
    const { checks } = json<Report>();
    expect({ code, failed: checks.filter(({ status }) => status === "fail") }).toEqual({ code: 0, failed: [] });
    expect(checks.map(({ name }) => name)).toEqual([
      ...["Node", "data directory", "logs", "service", "machine", "memory", "disk", "database"],
      ...["engine", "Hub", "default model", "servers"],
    ]);
  });

  test("says how to start a service that does not run, and fails", async () => {
    const environment = { MLX_MANAGER_HOME: folder, MLX_MANAGER_PORT: "9" };
    const { code, json } = await runCommandLine(["doctor", "--json"], { environment });
    const found = json<Report>().checks.find(({ name }) => name === "service");
    expect({ code, found }).toEqual({
      code: 1,
      found: expect.objectContaining({ status: "fail", next: expect.stringContaining("mlx-manager serve") }),
    });
  });

  test("a Hub that cannot be reached is a warning: what is here keeps working", async () => {
    const alone = await startTestService();
    try {
      const environment = { MLX_MANAGER_HOME: alone.home };
      const { code, json } = await runCommandLine(["doctor", "--json"], { environment });
      expect({ code, hub: json<Report>().checks.find(({ name }) => name === "Hub") }).toEqual({
        code: 0,
        hub: expect.objectContaining({ status: "warn" }),
      });
    } finally {
      await alone.close();
    }
  });

  test("the report names versions and results, and neither the key nor a path of the home", async () => {
    const output = join(folder, "report.md");
    const environment = { MLX_MANAGER_HOME: service.home, MLX_MANAGER_API_KEY: key };
    expect(await runCommandLine(["doctor", "--output", output], { environment })).toMatchObject({ code: 0 });
    const report = await readFile(output, "utf8");
    expect(report).toContain(`| Node | ${process.versions.node} |`);
    expect(report).toContain("| database | ok |");
    for (const secret of [key, service.home, `${homedir()}/`]) expect(report).not.toContain(secret);
  });

  test("redaction takes out keys, tokens, homes and the data directory wherever they stand", () => {
    const redact = createRedaction({ key: "the-key-itself", home: "/srv/data/mlx" });
    const text = "the-key-itself hf_abcdefghijkl Bearer xyz /Users/ann/models /home/bob/x /srv/data/mlx/logs";
    expect(redact(text)).toBe("[key] [key] Bearer [key] ~/models ~/x $MLX_MANAGER_HOME/logs");
  });
});
