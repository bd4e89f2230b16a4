import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../fakes/fake-hub/index.ts";
import { demoRepo } from "../../fixtures/hub-repos.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { runCommandLine } from "./command-line.ts";

const id = "mlx-community/demo-4bit";
let hub: FakeHub;
let service: TestService;
beforeAll(async () => {
  hub = await startFakeHub({ repos: [await demoRepo(id)] });
  service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
}, 120_000);
afterAll(async () => {
  await service.close();
  await hub.close();
});

const run = (words: readonly string[]) => runCommandLine(words, { environment: { MLX_MANAGER_HOME: service.home } });

test("a size or capability that is none is told with what is allowed", async () => {
  expect(await run(["search", "--max-size", "big"])).toMatchObject({
    code: 2,
    errorOutput: expect.stringContaining("500MB"),
  });
  expect(await run(["search", "--can", "fly"])).toMatchObject({ code: 2 });
});

test("show tells size, memory at each context and what to do next", async () => {
  const { code, output, errorOutput } = await run(["show", id, "--files"]);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^Fits +easily: /m) });
  expect(output).toMatch(/^Download +1\.3 MB$/m);
  expect(output).toMatch(/^ *2K +\d+ MB/m);
  expect(output).toMatch(/^model\.safetensors +1\.2 MB/m);
  expect(errorOutput).toContain(`mlx-manager pull ${id}`);
});

test("search takes filters by what is known of a model, and one that excludes it finds nothing", async () => {
  expect((await run(["search", "demo", "--fits", "--can", "chat", "--max-size", "1GB"])).output).toContain(id);
  expect((await run(["search", "demo", "--min-size", "1GB"])).output).not.toContain(id);
});

test("show prints the card alone, and exactly the API's object under --json", async () => {
  expect((await run(["show", id, "--card"])).code).toBe(0);
  expect((await run(["show", id, "--json"])).json()).toMatchObject({ id, fitTable: expect.any(Array) });
});

test("show of a model that is not there says so", async () => {
  expect(await run(["show", "mlx-community/absent"])).toMatchObject({ code: 5 });
});
