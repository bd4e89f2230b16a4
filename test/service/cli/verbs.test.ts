import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../fakes/fake-hub/index.ts";
import { demoRepo } from "../../fixtures/hub-repos.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
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

const run = (words: readonly string[], input?: string) =>
  runCommandLine(words, { environment: { MLX_MANAGER_HOME: service.home }, ...(input === undefined ? {} : { input }) });
const ask = async <Body>(path: string): Promise<Body> => (await service.call("GET", path)).body;

describe("the main job from the terminal", () => {
  test("search shows what the Hub has", async () => {
    const { code, output } = await run(["search", "demo"]);
    expect({ code, first: output.split("\n")[1] }).toEqual({ code: 0, first: expect.stringContaining(id) });
  });

  test("pull downloads with plain lines where no terminal is", async () => {
    const { code, output, errorOutput } = await run(["pull", id]);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`Downloaded ${id}`) });
    expect(errorOutput).toContain(`mlx-manager run ${id}`);
    expect(errorOutput).not.toContain("\u001B");
  });

  test("ls shows the model, and under --json exactly the API's objects", async () => {
    expect((await run(["ls"])).output).toMatch(new RegExp(`^${id} .*4-bit|8-bit`, "m"));
    expect((await run(["ls", "--json"])).json()).toEqual(await ask("/api/models"));
  });

  test("start waits until the model is ready, and ps shows it", async () => {
    const started = await run(["start", id]);
    expect({ code: started.code, output: started.output }).toEqual({
      code: 0,
      output: expect.stringMatching(new RegExp(`^${id} is ready \\(process \\d+, port \\d+`)),
    });
    expect((await run(["ps"])).output).toMatch(new RegExp(`^${id} +ready +\\d+`, "m"));
  });

  test("run prints the answer alone on standard output", async () => {
    const { code, output } = await run(["run", id, "Hello"]);
    expect({ code, isOneAnswer: output.trim().length > 0 && output.endsWith("\n") }).toEqual({
      code: 0,
      isOneAnswer: true,
    });
  });

  test("run takes the prompt from a pipe, and answers the API's object under --json", async () => {
    const { code, json } = await run(["run", id, "--json"], "Hello\n");
    expect({ code, body: json() }).toEqual({ code: 0, body: expect.objectContaining({ object: "chat.completion" }) });
  });

  test("rm refuses a model in use and names the command that frees it", async () => {
    const { code, errorOutput } = await run(["rm", id, "--yes"]);
    expect({ code, errorOutput }).toEqual({ code: 1, errorOutput: expect.stringContaining(`mlx-manager stop ${id}`) });
  });

  test("rm without --yes asks nobody where no terminal is", async () => {
    expect((await run(["rm", id])).code).toBe(2);
  });

  test("logs shows the server's log by the model's name", async () => {
    expect(await run(["logs", id, "--tail", "5"])).toMatchObject({
      code: 0,
      output: expect.stringContaining("engine started"),
    });
    expect(await run(["logs", id, "--level", "error"])).toMatchObject({ code: 0, output: "" });
    expect((await run(["logs", id, "--level", "loud"])).code).toBe(2);
    expect(await run(["logs", "nothing"])).toMatchObject({ code: 5 });
  });

  test("stop and rm put everything back", async () => {
    expect((await run(["stop", id])).output).toBe(`Stopped ${id}.\n`);
    expect((await run(["rm", id, "--yes"])).output).toContain(`Deleted ${id}`);
    expect(await run(["rm", id, "--yes"])).toMatchObject({ code: 5 });
  });
});

describe("what is not there", () => {
  test("run never downloads: it names the command that does", async () => {
    const { code, errorOutput } = await run(["run", "owner/absent", "Hello"]);
    expect({ code, errorOutput }).toEqual({
      code: 5,
      errorOutput: expect.stringContaining("mlx-manager pull owner/absent"),
    });
  });

  test("a failed pull says why and how to go on", async () => {
    const { code, errorOutput } = await run(["pull", "owner/absent"]);
    expect({ code, errorOutput }).toEqual({
      code: 5,
      errorOutput: expect.stringContaining("mlx-manager pull owner/absent"),
    });
  });

  test("a start that fails gives the engine's reason and the log's name", async () => {
    await writeCachedModel(join(service.home, "hub"), "owner/broken", { crashAtStart: "no such layer" });
    await service.service.models.recover();
    const { code, errorOutput } = await run(["start", "owner/broken"]);
    expect({ code, errorOutput }).toEqual({
      code: 1,
      errorOutput: expect.stringMatching(/did not start: .*mlx-manager logs /),
    });
  });

  test.each([
    [["pull", "no-owner"]],
    [["stop"]],
    [["config", "get", "nothing"]],
    [["search", "--limit", "1000"]],
    [["frobnicate"]],
  ])("%j is a usage error", async (words) => {
    expect((await run(words)).code).toBe(2);
  });

  test("an error under --json is JSON, on standard error", async () => {
    const { code, output, errorOutput } = await run(["run", "owner/absent", "Hello", "--json"]);
    expect({ code, output, body: JSON.parse(errorOutput) as unknown }).toEqual({
      code: 5,
      output: "",
      body: { error: expect.objectContaining({ code: "model_not_found" }) },
    });
  });
});

describe("profiles and settings", () => {
  test("a profile is created, changed key by key, copied and deleted", async () => {
    const create = [
      "profiles",
      "create",
      "coder",
      "--model",
      "mlx-manager/demo",
      "--temperature",
      "0",
      "--top-k",
      "20",
    ];
    expect((await run(create)).output).toBe("Created coder.\n");
    const edited = await run(["profiles", "edit", "coder", "--max-tokens", "64", "--unset", "top-k", "--json"]);
    expect(edited.json()).toMatchObject({ slug: "coder", sampling: { temperature: 0, maxTokens: 64 } });
    expect(edited.json<{ sampling: object }>().sampling).not.toHaveProperty("topK");
    expect((await run(["profiles", "duplicate", "coder", "coder-2"])).code).toBe(0);
    expect((await run(["profiles"])).output).toMatch(/^coder-2 /m);
    expect((await run(["profiles", "show", "coder"])).output).toMatch(/^max-tokens +64$/m);
    expect((await run(["profiles", "show", "coder"])).output).toMatch(/^batching +on$/m);
    for (const slug of ["coder", "coder-2"]) expect((await run(["profiles", "delete", slug, "--yes"])).code).toBe(0);
  });

  test("a setting is set, read and taken back; an alias leads to its model", async () => {
    expect((await run(["config", "set", "hubAuthor", "someone"])).output).toBe("hubAuthor is someone.\n");
    expect((await run(["config", "get", "hubAuthor"])).output).toBe("someone\n");
    expect((await run(["config", "unset", "hubAuthor"])).output).toBe("hubAuthor is mlx-community.\n");
    await run(["config", "set", "aliases.small", "mlx-manager/demo"]);
    expect((await run(["run", "small", "Hello"])).code).toBe(0);
    await run(["config", "unset", "aliases.small"]);
    expect((await run(["config", "get", "aliases.small"])).code).toBe(5);
  });

  test("a value that the setting does not allow is refused with what is allowed", async () => {
    expect(await run(["config", "set", "portStart", "80"])).toMatchObject({ code: 2 });
  });
});
