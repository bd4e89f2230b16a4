import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Job } from "../../service/src/contract/jobs.ts";
import type { Model } from "../../service/src/contract/models.ts";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { jobEnd } from "../tools/job-end.ts";
import type { ApiFailure } from "../tools/service-api.ts";
import { runCommandLine } from "../service/cli/command-line.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const demo = "mlx-manager/demo";
let service: RealService;
beforeAll(async () => {
  service = await startRealService();
}, 600_000);
afterAll(() => service.close());

// Half precision crawls on processors without it.
const words = (...more: string[]) => ["convert", demo, "--group-size", "32", "--dtype", "float32", ...more];
const environment = () => ({ MLX_MANAGER_HOME: service.home, NO_COLOR: "1" });
const ask = (model: string) =>
  service.api().send<ChatCompletion>("POST", "/v1/chat/completions", {
    ...{ model, temperature: 0, max_tokens: 40 },
    messages: [{ role: "user", content: "What is MLX Manager?" }],
  });
const leftovers = () => readdir(join(service.home, "models", ".making"));

describe("a conversion on the real engine", () => {
  test("makes a model of 4 bits of the demo model, which answers through the gateway", async () => {
    const { code, output, errorOutput } = await runCommandLine(words("--bits", "4"), { environment: environment() });
    expect({ code, output, errorOutput }).toMatchObject({ code: 0 });
    const made = await service.api().get<Model>("/api/models/local/demo-4bit");
    const demoModel = await service.api().get<Model>(`/api/models/${demo}`);
    expect(made).toMatchObject({
      ...{ source: "converted", complete: true, problem: null, architecture: "llama" },
      parent: { model: demo, revision: demoModel.revisions[0]?.revision },
      quantization: { bits: 4, groupSize: 32, mode: "affine" },
    });
    expect(made.parameters).toBe(demoModel.parameters);
    // 4 bits and, for each 32, a scale and a bias of 32 bits: 6 a weight.
    const predicted = ((made.parameters ?? 0) * 6) / 8;
    process.stdout.write(`weights of 4 bits: predicted ${predicted} bytes, in fact ${made.weightBytes}\n`);
    expect(made.weightBytes / predicted).toBeGreaterThan(0.95);
    expect(made.weightBytes / predicted).toBeLessThan(1.1);
    const answer = await ask(made.id);
    expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(10);
    expect(await leftovers()).toEqual([]);
  }, 300_000);

  test("follows a mixed recipe, and refuses a name that is taken", async () => {
    const mixed = words("--recipe", "mixed_3_6", "--name", "mixed");
    expect((await runCommandLine(mixed, { environment: environment() })).code).toBe(0);
    const made = await service.api().get<Model>("/api/models/local/mixed");
    expect(made.quantization?.effectiveBits).toBeGreaterThan(5);
    expect((await ask(made.id)).choices[0]?.message.content?.length).toBeGreaterThan(0);
    const again = await runCommandLine(mixed, { environment: environment() });
    expect(again).toMatchObject({ code: 1, errorOutput: expect.stringContaining("local/mixed already") });
  }, 300_000);

  test("that is killed with the service leaves nothing: no process, no files, no model", async () => {
    const begun = await service.api().send<Job>("POST", `/api/models/${demo}/convert`, { bits: 3, name: "lost" });
    await service.api().until("jobs", ({ snapshot, event }) => {
      const jobs = snapshot?.jobs ?? (event?.type === "job.progress" ? [event.data] : []);
      return jobs.find(({ id, phase }) => id === begun.id && phase === "unpacking");
    });
    // The tool is noted beside what it makes.
    const note = await readFile(join(service.home, "models", ".making", "lost.tool"), "utf8");
    const { pid, start } = JSON.parse(note) as { pid: number; start: string };
    expect(processStart(pid)).toBe(start);
    await service.process().kill("SIGKILL");
    await service.restart();
    const { job } = await jobEnd(service.address(), begun);
    expect(job).toMatchObject({ state: "failed", error: { details: { reason: "interrupted" } } });
    expect(processStart(pid)).not.toBe(start);
    expect(await readdir(join(service.home, "models"))).toEqual(expect.not.arrayContaining([".making", "lost"]));
    const missing = await service
      .api()
      .get("/api/models/local/lost")
      .catch((error: ApiFailure) => error.body.error);
    expect(missing).toMatchObject({ code: "model_not_found" });
  }, 120_000);

  test("is deleted with its files", async () => {
    await service.api().send("POST", "/api/models/local/mixed/unload");
    const deleted = await service.api().send<{ freedBytes: number }>("DELETE", "/api/models/local/mixed");
    expect(deleted.freedBytes).toBeGreaterThan(500_000);
    expect(await readdir(join(service.home, "models"))).toEqual(["demo-4bit"]);
  }, 120_000);
});
