import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ProfileCreate, ProfileExport } from "../../../../service/src/contract/profiles.ts";
import type { Profile } from "../../../../service/src/contract/profiles.ts";
import { batchingOf } from "../../../../service/src/serving/profiles/batching.ts";
import { launcherOptions } from "../../../../service/src/serving/profiles/launcher-options.ts";
import { restartKeys } from "../../../../service/src/serving/profiles/restart-keys.ts";
import { writeDemoAdapter } from "../../../fixtures/lora-adapter.ts";
import { createWorld, demo, other } from "./profiles-world.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "mlx-manager-profiles-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = { architecture: "llama", capabilities: ["chat"] } as const;
const invalid = (text: string) =>
  expect.objectContaining({ code: "invalid_request", message: expect.stringContaining(text) });
const request = (change: object): ProfileCreate => ProfileCreate.parse({ slug: "calm", model: demo, ...change });

describe("engine options", () => {
  test.each([
    ["draftTokens", 4, "draftModel"],
    ["kvGroupSize", 32, "kvBits"],
    ["quantizedKvStart", 0, "kvBits"],
  ])("%s is refused without what it belongs to", (name, value, needed) => {
    const { profiles } = createWorld(demo);
    const refused = invalid(`"${name}" does nothing without "${needed}"`);
    expect(() => profiles.create(request({ engineOptions: { [name]: value } }))).toThrow(refused);
    expect(() => profiles.update(profiles.implicitFor(demo).id, { engineOptions: { [name]: value } })).toThrow(refused);
  });

  test.each([
    [{ kvBits: 5 }, "kvBits"],
    [{ kvGroupSize: 48 }, "kvGroupSize"],
    [{ draftModel: "../elsewhere" }, "draftModel"],
    [{ adapterPath: "relative/../folder" }, "adapterPath"],
    [{ chatTemplate: "" }, "chatTemplate"],
    [{ promptCacheSize: 0 }, "promptCacheSize"],
    [{ noSuchOption: 1 }, "noSuchOption"],
  ])("%j is outside the contract", (engineOptions, name) => {
    const parsed = ProfileCreate.safeParse({ slug: "calm", model: demo, engineOptions });
    expect(JSON.stringify(parsed.error?.issues)).toContain(name);
  });

  test("of another engine are refused, with the engine that has them", () => {
    const { profiles } = createWorld(demo);
    const refused = invalid('"promptCacheSize" is no option of the engine mlx-vlm; mlx-lm has it');
    const other = { engine: "mlx-vlm", engineOptions: { promptCacheSize: 2 } };
    expect(() => profiles.create(request(other))).toThrow(refused);
    const { id } = profiles.create(request({ engineOptions: { promptCacheSize: 2 } }));
    expect(() => profiles.update(id, { engine: "mlx-vlm" })).toThrow(refused);
    expect(profiles.update(id, { engine: "mlx-vlm", engineOptions: { kvBits: 8 } }).engine).toBe("mlx-vlm");
  });

  test("a draft model must be here when it is chosen", () => {
    const { profiles } = createWorld(demo);
    const draft = { engineOptions: { draftModel: other } };
    expect(() => profiles.create(request(draft))).toThrow(expect.objectContaining({ code: "model_not_found" }));
    expect(profiles.create(request({ engineOptions: { draftModel: demo } })).engineOptions.draftModel).toBe(demo);
  });

  test("an adapter is a folder with its two files, or a model of the library that holds them", () => {
    const world = createWorld(demo, other);
    const adapter = writeDemoAdapter(join(folder, "adapter"));
    const create = (slug: string, adapterPath: string): Profile =>
      world.profiles.create(request({ slug, engineOptions: { adapterPath } }));
    expect(create("by-folder", adapter).engineOptions.adapterPath).toBe(adapter);
    world.folders.set(other, adapter);
    expect(create("by-model", other).engineOptions.adapterPath).toBe(other);
    world.folders.set(other, folder);
    expect(() => create("no-adapter", other)).toThrow(invalid("adapter_config.json"));
  });

  test.each([
    ["nothing", () => undefined, "no folder"],
    ["a link", (path: string) => symlinkSync(writeDemoAdapter(`${path}-real`), path), "links are not followed"],
    ["an empty folder", (path: string) => mkdirSync(path), "no adapter_config.json"],
    ["a folder without weights", (path: string) => configured(path, {}), "no adapters.safetensors"],
    ["PEFT's format", (path: string) => complete(path, { peft_type: "LORA" }), "PEFT"],
    ["an unknown kind", (path: string) => complete(path, { fine_tune_type: "magic" }), "unknown kind"],
    ["a configuration with holes", (path: string) => complete(path, { num_layers: 1 }), "names no num_layers"],
    ["a configuration that is no object", (path: string) => complete(path, []), "not a JSON object"],
    ["a configuration that is no JSON", (path: string) => complete(path, "{"), "cannot be read"],
  ])("%s is no adapter, and the refusal says why", (_what, make, text) => {
    const { profiles } = createWorld(demo);
    const adapterPath = join(folder, "adapter");
    make(adapterPath);
    expect(() => profiles.create(request({ engineOptions: { adapterPath } }))).toThrow(invalid(text));
  });

  function configured(path: string, config: unknown): void {
    mkdirSync(path);
    const text = typeof config === "string" ? config : JSON.stringify(config);
    writeFileSync(join(path, "adapter_config.json"), text);
  }

  function complete(path: string, config: unknown): void {
    configured(path, config);
    writeFileSync(join(path, "adapters.safetensors"), "");
  }

  test("that act at a start go to the launcher with models as folders, the others with each request", () => {
    const companions = { draftModel: other, adapterPath: other };
    const engineOptions: Profile["engineOptions"] = { ...companions, kvBits: 4, chatTemplateArguments: { a: 1 } };
    const draft = { model: other, revision: "r", path: "/models/draft", weightBytes: 1 };
    const adapter = { path: "/models/adapter", held: null };
    expect(
      launcherOptions(
        { engine: "mlx-lm", engineOptions, limits: { contextTokens: 512, concurrency: 2 } },
        { draft, adapter },
        text,
      ),
    ).toEqual({
      ...{
        draftModel: "/models/draft",
        adapterPath: "/models/adapter",
        kvBits: 4,
        quantizedKvStart: 0,
        contextTokens: 512,
      },
    });
    const none = { draft: null, adapter: null };
    expect(launcherOptions({ engine: "mlx-lm", engineOptions: {}, limits: {} }, none, text)).toEqual({});
  });

  test.each([
    ["lm", "llama", ["chat"]],
    ["multimodal", "qwen2_vl", ["chat", "vision"]],
    ["embeddings", "bert", ["embeddings"]],
    ["whisper", "whisper", ["audio"]],
  ] as const)("mlx-openai-server is told that it serves %s", (modelType, architecture, capabilities) => {
    const profile = { engine: "mlx-openai-server", engineOptions: {}, limits: {} } as const;
    const options = launcherOptions(profile, { draft: null, adapter: null }, { architecture, capabilities });
    expect(options).toEqual({ modelType });
  });
});

describe("batching", () => {
  test.each([
    ["nothing special", {}, null],
    ["a draft model", { engineOptions: { draftModel: other } }, "draft model"],
    ["a quantized cache", { engineOptions: { kvBits: 8 } }, "key-value cache"],
    ["a seed, zero too", { sampling: { seed: 0 } }, "seed"],
  ] as const)("with %s", (_what, change, reason) => {
    const { on, reason: said } = batchingOf({ engine: "mlx-lm", engineOptions: {}, sampling: {}, ...change });
    expect([on, said]).toEqual([reason === null, reason === null ? null : expect.stringContaining(reason)]);
  });
});

test("an engine that batches in any case says so", () => {
  const profile = { engineOptions: { kvBits: 8 }, sampling: { seed: 0 } } as const;
  expect(batchingOf({ engine: "mlx-vlm", ...profile })).toEqual({ on: true, reason: null });
});

describe("a change of a running profile", () => {
  const world = createWorld(demo);
  const before = world.profiles.create(request({ engineOptions: { promptCacheSize: 2 } }));

  test.each([
    [{ sampling: { temperature: 0 } }, []],
    [{ systemPrompt: "Be brief.", name: "other", lifecycle: { pinned: true } }, []],
    [{ engineOptions: { promptCacheSize: 2, chatTemplateArguments: { enable_thinking: false } } }, []],
    [{ limits: { concurrency: 2, memoryBytes: 2_000_000 } }, []],
    [{ limits: { contextTokens: 512 } }, ["limits.contextTokens"]],
    [{ engineOptions: { promptCacheSize: 3 } }, ["engineOptions.promptCacheSize"]],
    [
      { engineOptions: { kvBits: 8 }, revision: "v2" },
      ["engineOptions.kvBits", "engineOptions.promptCacheSize", "revision"],
    ],
  ] as const)("%j waits for a restart with %j", (patch, keys) => {
    expect(restartKeys(before, { ...before, ...patch } as Profile)).toEqual(keys);
  });

  test("says so in the answer, until it is back as it was started", () => {
    world.serving.set(before.id, [before]);
    const change = (promptCacheSize: number) =>
      world.profiles.viewChange(world.profiles.update(before.id, { engineOptions: { promptCacheSize } }));
    expect(change(3)).toMatchObject({ needsRestart: true, restartKeys: ["engineOptions.promptCacheSize"] });
    expect(change(2)).toMatchObject({ needsRestart: false, restartKeys: [] });
    world.serving.clear();
    expect(change(4)).toMatchObject({ needsRestart: false, restartKeys: [] });
  });
});

describe("presets", () => {
  test("fill what a new profile leaves open", () => {
    const { profiles } = createWorld(demo);
    const made = profiles.create(request({ preset: "deterministic", sampling: { maxTokens: 9 } }));
    expect(made).toMatchObject({ sampling: { temperature: 0, seed: 0, maxTokens: 9 }, limits: { concurrency: 1 } });
    expect(made).not.toHaveProperty("preset");
    const own = profiles.create(request({ slug: "own", preset: "deterministic", sampling: { temperature: 1 } }));
    expect(own.sampling).toMatchObject({ temperature: 1, seed: 0 });
  });

  test("are laid over a profile, which keeps what they do not say", () => {
    const { profiles } = createWorld(demo);
    const { id } = profiles.create(request({ sampling: { temperature: 1, maxTokens: 9 }, systemPrompt: "Hi." }));
    const changed = profiles.update(id, { preset: "coding", sampling: { topK: 0 } });
    expect(changed.sampling).toMatchObject({ temperature: 0.2, topP: 0.95, topK: 0 });
    expect(changed.systemPrompt).toBe("Hi.");
  });
});

describe("a profile as a file", () => {
  test("comes back the same on a machine that has the model, under its slug or another", () => {
    const here = createWorld(demo);
    const source = here.profiles.create(
      request({
        name: "Calm",
        sampling: { temperature: 0 },
        engineOptions: { promptCacheSize: 2 },
        systemPrompt: "Hi.",
      }),
    );
    const file = ProfileExport.parse(JSON.parse(JSON.stringify(here.profiles.export(source.id))));
    expect(JSON.stringify(file)).not.toContain(source.id);
    const there = createWorld(demo);
    const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...said } = source;
    expect(there.profiles.import(file)).toMatchObject(said);
    expect(there.profiles.import(file, "second")).toMatchObject({ ...said, slug: "second" });
    expect(() => there.profiles.import(file)).toThrow(expect.objectContaining({ code: "conflict" }));
    expect(() => createWorld().profiles.import(file)).toThrow(expect.objectContaining({ code: "model_not_found" }));
  });

  test("of a model's own profile needs a name", () => {
    const { profiles } = createWorld(demo);
    const file = profiles.export(profiles.implicitFor(demo).id);
    expect(() => profiles.import(file)).toThrow(invalid("short name"));
    expect(profiles.import(file, "named")).toMatchObject({ slug: "named", implicit: false, model: demo });
  });

  test("of another version, another kind or with anything unknown in it is refused", () => {
    const { profiles } = createWorld(demo);
    const file = profiles.export(profiles.implicitFor(demo).id);
    const problem = (change: object) => JSON.stringify(ProfileExport.safeParse({ ...file, ...change }).error?.issues);
    expect(problem({ version: 2 })).toContain("another version");
    expect(problem({ format: "other" })).toContain("not a profile of MLX Manager");
    expect(problem({ profile: { ...file.profile, key: "secret" } })).toContain("key");
    expect(problem({ extra: 1 })).toContain("extra");
  });
});
