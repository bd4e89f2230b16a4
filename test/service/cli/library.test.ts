import { cp, mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Model } from "../../../service/src/contract/models.ts";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../fakes/fake-hub/index.ts";
import { demoRepo } from "../../fixtures/hub-repos.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { runCommandLine } from "./command-line.ts";

const id = "mlx-community/demo-4bit";
let hub: FakeHub;
let service: TestService;
let elsewhere: string;
beforeAll(async () => {
  hub = await startFakeHub({ repos: [await demoRepo(id)] });
  service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
  elsewhere = await mkdtemp(join(tmpdir(), "mlx-elsewhere-"));
}, 120_000);
afterAll(async () => {
  await service.close();
  await hub.close();
  await rm(elsewhere, { recursive: true, force: true });
});

const run = (words: readonly string[]) =>
  runCommandLine(words, { environment: { MLX_MANAGER_HOME: service.home, HOME: elsewhere } });
const revisionPath = async (): Promise<string> => {
  const { body }: { body: Model } = await service.call("GET", `/api/models/${id}`);
  return body.revisions[0]?.path ?? "";
};

test("pull takes a priority, and refuses one that is none", async () => {
  expect((await run(["pull", id, "--priority", "urgent"])).code).toBe(2);
  expect((await run(["pull", id, "--priority", "high"])).code).toBe(0);
});

test("verify says that every file is right", async () => {
  const { code, output } = await run(["verify", id]);
  expect({ code, output }).toEqual({
    code: 0,
    output: expect.stringMatching(new RegExp(`^${id} is right: \\d+ files, `)),
  });
});

test("verify finds a changed byte, and --repair fetches that file again", async () => {
  const weights = join(await revisionPath(), "model.safetensors");
  const file = await open(weights, "r+");
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 5000);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 5000);
  await file.close();
  const found = await run(["verify", id]);
  expect({ code: found.code, output: found.output }).toEqual({
    code: 1,
    output: expect.stringMatching(/model\.safetensors +wrong content/),
  });
  const repaired = await run(["verify", id, "--repair"]);
  expect({ code: repaired.code, output: repaired.output }).toEqual({
    code: 0,
    output: expect.stringContaining(`Repaired ${id}`),
  });
  expect((await run(["verify", id])).output).toContain("is right");
}, 120_000);

test("import uses a folder where it lies, and rm only forgets it", async () => {
  const folder = join(elsewhere, "my-model");
  await cp(await revisionPath(), folder, { recursive: true, dereference: true });
  expect((await run(["import", folder])).output).toContain("local/my-model is here");
  expect((await run(["ls"])).output).toMatch(/^local\/my-model/m);
  expect((await run(["rm", "local/my-model", "--yes"])).output).toContain("its files are where they were");
  expect(await readdir(folder)).toContain("model.safetensors");
});

test("import without a folder lists what LM Studio has", async () => {
  expect(await run(["import"])).toMatchObject({ code: 0, errorOutput: expect.stringContaining("mlx-manager import") });
});

test("du tells what each model takes, and clean what is left over", async () => {
  const usage = await run(["du"]);
  expect(usage.output).toMatch(new RegExp(`^${id} +1\\.3 MB`, "m"));
  expect(usage.output).toMatch(/^Together 1\.3 MB; .* free\.$/m);
  expect((await run(["clean"])).code).toBe(0);
  expect((await run(["clean", "--json"])).json()).toMatchObject({ dryRun: true });
});

test("rm of a revision that is not here names it, and of the one that is frees its bytes", async () => {
  expect(await run(["rm", `${id}@v9`, "--yes"])).toMatchObject({ code: 5 });
  expect((await run(["rm", `${id}@main`, "--yes"])).output).toBe(`Deleted ${id}@main (1.3 MB).\n`);
  expect((await run(["ls"])).output).not.toContain(id);
});
