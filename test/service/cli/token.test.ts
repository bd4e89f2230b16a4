import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFakeHub } from "../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../fakes/fake-hub/index.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { createProgram } from "../../../service/src/cli/index.ts";
import { createFakeTerminal, demoQuestions, runCommandLine } from "./command-line.ts";

let hub: FakeHub;
let service: TestService;
beforeAll(async () => {
  hub = await startFakeHub({ tokens: { hf_ann: { name: "ann" }, "mirror-key": { name: "\u001B[31mred" } } });
  service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
}, 120_000);
afterAll(async () => {
  await service.close();
  await hub.close();
});

const run = (words: readonly string[], input?: string) =>
  runCommandLine(words, { environment: { MLX_MANAGER_HOME: service.home }, ...(input === undefined ? {} : { input }) });

describe("mlx-manager token", () => {
  test("without one it says so, and that public models need none", async () => {
    const { code, output } = await run(["token"]);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("No token. Public models need none") });
  });

  test("a wrong one from a pipe is refused and not repeated", async () => {
    const { code, output, errorOutput } = await run(["token", "set"], "hf_wrong\n");
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errorOutput).toContain("refuses the Hugging Face token");
    expect(errorOutput).not.toContain("hf_wrong");
  });

  test("a right one is stored, told by its account, and forgotten again", async () => {
    expect(await run(["token", "set"], " hf_ann\n")).toMatchObject({ code: 0, output: "Stored the token of ann.\n" });
    expect((await run(["token"])).output).toBe("The token of ann, stored by MLX Manager.\n");
    expect((await run(["token", "--json"])).json()).toEqual({ source: "stored", name: "ann", problem: null });
    expect(await run(["token", "remove"])).toMatchObject({ code: 0, output: "Forgot the stored token.\n" });
    expect((await run(["token", "--json"])).json()).toEqual({ source: null, name: null, problem: null });
  });

  test("doctor says whose it is, and what to do when the Hub refuses it", async () => {
    const hubCheck = async () => {
      const { checks } = (await run(["doctor", "--json"])).json<{
        checks: { name: string; text: string; next?: string }[];
      }>();
      return checks.find(({ name }) => name === "Hub");
    };
    await run(["token", "set"], "hf_ann");
    expect(await hubCheck()).toMatchObject({ status: "ok", text: "answers; token of ann" });
    hub.tokens.delete("hf_ann");
    expect((await service.call("POST", "/api/downloads", { model: "org/any" })).status).toBe(201);
    await hub.waitForRequest(({ path, status }) => path.includes("org/any") && status === 401);
    expect(await hubCheck()).toMatchObject({ status: "warn", next: "mlx-manager token set" });
    hub.tokens.set("hf_ann", { name: "ann" });
    await run(["token", "remove"]);
  });

  test("a person types it without seeing it", async () => {
    const { streams, shown, type, until } = createFakeTerminal();
    const environment = { MLX_MANAGER_HOME: service.home };
    const serve = () => Promise.resolve(0);
    const program = createProgram({ environment, version: "0.0.0-test", serve, demoQuestions, streams });
    const ended = program.run(["token", "set"]);
    await until("Hugging Face token (");
    type("hf_ann\r");
    expect(await ended).toBe(0);
    expect(shown()).toContain("Stored the token of ann.");
    expect(shown()).not.toContain("hf_ann");
  });

  test("an account's name cannot paint the terminal", async () => {
    const { output } = await run(["token", "set"], "mirror-key");
    expect(output).not.toContain("\u001B");
    await run(["token", "remove"]);
  });

  test.each([
    ["nothing", [""]],
    ["two words", ["hf_a b"]],
  ])("%s on standard input is a usage error", async (_title, [input]) => {
    expect((await run(["token", "set"], input)).code).toBe(2);
  });

  test("a token as an argument is refused: others could see it there", async () => {
    for (const words of [
      ["token", "set", "hf_ann"],
      ["token", "hf_ann"],
    ]) {
      const { code, errorOutput } = await run(words);
      expect(code).toBe(2);
      expect(errorOutput).not.toContain("hf_ann");
    }
  });
});
