import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { EngineOptions } from "../../../service/src/contract/engine-options.ts";
import type { ProfileView } from "../../../service/src/contract/profiles.ts";
import { ProfileLifecycle, ProfileLimits, SamplingDefaults } from "../../../service/src/contract/profiles.ts";
import { writeDemoAdapter } from "../../fixtures/lora-adapter.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { runCommandLine } from "./command-line.ts";

const demo = "mlx-manager/demo";
let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-cli-"));
  service = await startTestService();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (words: readonly string[], input?: string) =>
  runCommandLine(words, {
    environment: { MLX_MANAGER_HOME: service.home },
    ...(input === undefined ? {} : { input }),
  });
const profiles = (...words: string[]) => run(["profiles", ...words]);

/** Every option as a person types it, and what it becomes. */
const options = {
  temperature: ["0", 0],
  topP: ["0.5", 0.5],
  topK: ["0", 0],
  minP: ["0", 0],
  maxTokens: ["64", 64],
  repetitionPenalty: ["1.1", 1.1],
  presencePenalty: ["-1", -1],
  frequencyPenalty: ["0", 0],
  seed: ["0", 0],
  trustRemoteCode: [null, true],
  chatTemplate: ["{{ messages }}", "{{ messages }}"],
  chatTemplateArguments: ['{"enable_thinking":false}', { enable_thinking: false }],
  draftModel: [demo, demo],
  draftTokens: ["4", 4],
  adapterPath: ["./", expect.any(String)],
  kvBits: ["8", 8],
  kvGroupSize: ["32", 32],
  quantizedKvStart: ["0", 0],
  promptCacheSize: ["2", 2],
  promptCacheBytes: ["1MB", 1_000_000],
  prefillStepSize: ["256", 256],
  decodeConcurrency: ["2", 2],
  promptConcurrency: ["1", 1],
  contextTokens: ["512", 512],
  concurrency: ["1", 1],
  memoryBytes: ["2GB", 2_000_000_000],
  ttlSeconds: ["0", 0],
  pinned: [null, true],
  autoStart: [null, true],
} as const;

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

describe("profiles", () => {
  test("every sampling default, engine option, limit and lifecycle value is an option, and can be taken away", async () => {
    const parts = [SamplingDefaults, EngineOptions, ProfileLimits, ProfileLifecycle];
    const known = parts.flatMap(({ shape }) => Object.keys(shape));
    expect(known.filter((key) => !Object.hasOwn(options, key))).toEqual([]);
    const adapter = writeDemoAdapter(join(folder, "adapter"));
    const words = Object.entries(options).flatMap(([key, [text]]) => {
      const value = key === "adapterPath" ? adapter : text;
      return value === null ? [`--${kebab(key)}`] : [`--${kebab(key)}=${value}`];
    });
    const made = (await profiles("create", "full", "--model", demo, ...words, "--json")).json<ProfileView>();
    const flat = { ...made.sampling, ...made.engineOptions, ...made.limits, ...made.lifecycle };
    for (const [key, [, value]] of Object.entries(options)) expect([key, flat[key as never]]).toEqual([key, value]);

    const unset = Object.keys(options).flatMap((key) => ["--unset", kebab(key)]);
    const bare = (await profiles("edit", "full", ...unset, "--json")).json<ProfileView>();
    expect(bare).toMatchObject({ sampling: {}, engineOptions: {}, limits: {}, lifecycle: {} });
    expect({ ...bare.sampling, ...bare.engineOptions, ...bare.limits, ...bare.lifecycle }).toEqual({});
  });

  test("texts come from files, and a folder is taken from where one stands", async () => {
    const template = join(folder, "template.jinja");
    writeFileSync(template, "{{ messages }}\n");
    const made = await profiles("create", "filed", "--model", demo, "--chat-template-file", template, "--json");
    expect(made.json<ProfileView>().engineOptions).toEqual({ chatTemplate: "{{ messages }}\n" });
    const refused = await profiles("edit", "filed", "--adapter-path", "./no-such-adapter");
    expect([refused.code, refused.errorOutput]).toEqual([
      2,
      expect.stringContaining("no folder at the adapter's path"),
    ]);
  });

  test("a value outside its range, or a preset with --unset, is a wrong command", async () => {
    for (const words of [
      ["--kv-bits", "5"],
      ["--kv-group-size", "48"],
      ["--draft-tokens", "0"],
      ["--preset", "wild"],
      ["--preset", "coding", "--unset", "seed"],
    ])
      expect([words, (await profiles("edit", "filed", ...words)).code]).toEqual([words, 2]);
  });

  test("presets are listed and laid over a profile", async () => {
    expect((await profiles("presets")).output).toMatch(/^deterministic +temperature 0, seed 0/m);
    await profiles("create", "made", "--model", demo, "--preset", "deterministic", "--max-tokens", "9");
    const edited = await profiles("edit", "made", "--preset", "creative", "--top-k", "0", "--json");
    expect(edited.json<ProfileView>().sampling).toMatchObject({ temperature: 0.9, seed: 0, maxTokens: 9, topK: 0 });
    expect((await profiles("show", "made")).output).toMatch(/^batching +off: .*seed/m);
  });

  test("a profile goes out as a file and comes back under another name", async () => {
    const file = join(folder, "made.json");
    expect((await profiles("export", "made", file)).code).toBe(0);
    expect((await profiles("export", "made", file)).errorOutput).toContain("is there already");
    expect((await profiles("import", file)).code).not.toBe(0);
    expect((await profiles("import", file, "--slug", "again")).output).toBe("Created again.\n");
    const piped = await run(["profiles", "import", "-", "--slug", "third"], readFileSync(file, "utf8"));
    expect(piped.output).toBe("Created third.\n");
    expect(JSON.parse((await profiles("export", "third")).output)).toMatchObject({ profile: { slug: "third" } });
    const wrong = await run(["profiles", "import", "-"], '{"format":"mlx-manager-profile","version":7}');
    expect([wrong.code, wrong.errorOutput]).toEqual([2, expect.stringContaining("another version")]);
  });

  test("a change of a running profile names what waits, and restart takes it up", async () => {
    await profiles("create", "busy", "--model", demo);
    expect((await run(["start", "busy"])).code).toBe(0);
    expect((await profiles("edit", "busy", "--temperature", "0")).errorOutput).toBe("");
    const edited = await profiles("edit", "busy", "--prompt-cache-size", "2");
    const advice = "busy takes up engineOptions.promptCacheSize at its next start: mlx-manager profiles restart busy";
    expect(edited.errorOutput).toContain(advice);
    expect((await run(["ps"])).errorOutput).toContain(advice);
    expect((await profiles("restart", "busy")).output).toBe("busy is ready again.\n");
    expect((await run(["ps"])).errorOutput).not.toContain("next start");
    expect((await run(["stop", "busy"])).code).toBe(0);
  });

  test("names the engine and why; another one is said, and unsaid again", async () => {
    await profiles("create", "engined", "--model", demo);
    const engine = async () => /^engine +(.*)$/m.exec((await profiles("show", "engined")).output)?.[1];
    expect(await engine()).toBe("mlx-lm (The model reads and writes text, as mlx-lm does)");
    await profiles("edit", "engined", "--engine", "mlx-vlm");
    expect(await engine()).toBe("mlx-vlm (The profile says so)");
    await profiles("edit", "engined", "--engine", "auto");
    expect(await engine()).toMatch(/^mlx-lm .The model/);
    expect((await profiles("edit", "engined", "--engine", "llama")).code).toBe(2);
  });
});
