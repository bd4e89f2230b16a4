import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Job } from "../../service/src/contract/jobs.ts";
import type { Model } from "../../service/src/contract/models.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { fitOf, memoryShapeOf } from "../../service/src/library/models/index.ts";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { jobEnd } from "../tools/job-end.ts";
import { runCommandLine } from "../service/cli/command-line.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const demo = "mlx-manager/demo";
const config = JSON.parse(
  readFileSync(new URL("../../service/demo-model/model/config.json", import.meta.url), "utf8"),
) as Record<string, unknown>;
/** How much more than was measured a prediction may be: the engine's own part of it is meant for Metal too. */
const largestFactor = 2;

let service: RealService;
beforeAll(async () => {
  service = await startRealService();
}, 600_000);
afterAll(() => service.close());

const model = () => service.api().get<Model>(`/api/models/${demo}`);

describe("a probe of the demo model on the real engine", () => {
  test("finds what it can do, and leaves no server behind", async () => {
    const begun = await service.api().send<Job>("POST", `/api/models/${demo}/probe`);
    const { job } = await jobEnd(service.address(), begun);
    expect({ state: job.state, error: job.error }).toEqual({ state: "succeeded", error: null });
    expect((await model()).measured).toMatchObject({
      ...{
        engine: "mlx-lm",
        current: true,
        toolFormat: "tool_calls",
        revision: (await model()).revisions[0]?.revision,
      },
      capabilities: { chat: "yes", tools: "yes", thinking: "yes", vision: "not-tried" },
      longestPrompt: { tokens: expect.any(Number), endedBy: "model" },
    });
    const { items } = await service.api().get<{ items: Server[] }>("/api/servers?running=true");
    expect(items).toEqual([]);
  }, 300_000);

  test("measures at three contexts no more than was predicted, and not less than half of it", async () => {
    const { measured, weightBytes, contextLength } = await model();
    const shape = memoryShapeOf(config, 4);
    const rows = (measured?.memory?.contexts ?? []).map(({ tokens, peakBytes }) => {
      const { neededBytes } = fitOf(shape, {
        ...{ weightBytes, contextTokens: tokens, modelContext: contextLength, limitBytes: 16e9 },
      });
      return { tokens, predictedBytes: neededBytes ?? 0, peakBytes };
    });
    expect(rows.map(({ tokens }) => Math.round(tokens / 256))).toEqual([1, 4, 8]);
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    for (const { tokens, predictedBytes, peakBytes } of rows)
      process.stdout.write(
        `memory at ${tokens} tokens: predicted ${megabytes(predictedBytes)} MB, measured ${megabytes(peakBytes)} MB\n`,
      );
    for (const { predictedBytes, peakBytes } of rows) {
      expect(predictedBytes).toBeGreaterThanOrEqual(peakBytes);
      expect(predictedBytes).toBeLessThanOrEqual(peakBytes * largestFactor);
    }
  });

  test("is what fit counts with from then on, after a restart too", async () => {
    const peak = (await model()).measured?.memory?.contexts.at(-1)?.peakBytes ?? Infinity;
    await service.process().kill("SIGTERM");
    await service.restart();
    const { fit } = await model();
    expect(fit).toMatchObject({ method: "measured", contextTokens: 2048 });
    expect(fit.neededBytes).toBeGreaterThanOrEqual(peak);
    expect(fit.neededBytes).toBeLessThan(peak * 1.05);
  }, 120_000);

  test("is shown by the command line", async () => {
    const environment = { MLX_MANAGER_HOME: service.home, NO_COLOR: "1" };
    const { code, output } = await runCommandLine(["show", demo, "--no-siblings"], { environment });
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/Measured\s+with mlx-lm/) });
    expect(output).toMatch(/chat, tools, thinking/);
  }, 120_000);

  test("that is killed with the service leaves no engine, and is told as interrupted", async () => {
    const begun = await service.api().send<Job>("POST", `/api/models/${demo}/probe`);
    await service.api().until("jobs", ({ snapshot, event }) => {
      const jobs = snapshot?.jobs ?? (event?.type === "job.progress" ? [event.data] : []);
      return jobs.find(({ id, phase }) => id === begun.id && phase?.startsWith("reading") === true);
    });
    const { items } = await service.api().get<{ items: Server[] }>("/api/servers?running=true");
    const pids = items.map(({ pid }) => pid ?? 0);
    expect(pids).toHaveLength(1);
    await service.process().kill("SIGKILL");
    await service.restart();
    const { job } = await jobEnd(service.address(), begun);
    expect(job).toMatchObject({ state: "failed", error: { details: { reason: "interrupted" } } });
    expect(pids.filter((pid) => processStart(pid) !== null)).toEqual([]);
    expect((await model()).measured).toMatchObject({ current: true });
  }, 120_000);
});
