import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { failureOf } from "../parts.ts";
import { addRevision, modelFiles } from "./hub-cache.ts";
import { openModelsBench } from "./models-bench.ts";
import type { ModelsBench } from "./models-bench.ts";

let bench: ModelsBench;
let studio: string;
beforeEach(async () => {
  studio = await mkdtemp(join(tmpdir(), "mlx-manager-studio-"));
  bench = await openModelsBench({ importFolders: [studio, join(studio, "absent")] });
});
afterEach(async () => {
  await bench.close();
  await rm(studio, { recursive: true, force: true });
});

const here = ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"];
async function plainModel(name: string, names = here): Promise<string> {
  const folder = join(studio, name);
  await mkdir(folder, { recursive: true });
  for (const file of names) await writeFile(join(folder, file), modelFiles[file] ?? "x");
  return folder;
}

describe("importing by reference", () => {
  test("finds the models of other programs with the names they would get", async () => {
    const one = await plainModel("publisher/Qwen3 4B (MLX)");
    const two = await plainModel("publisher/plain");
    await plainModel("publisher/gguf", ["model.gguf"]);
    await mkdir(join(studio, ".hidden", "model"), { recursive: true });
    expect(await bench.models.importable()).toEqual([
      { path: one, name: "Qwen3-4B-MLX-", sizeBytes: expect.any(Number), imported: null },
      { path: two, name: "plain", sizeBytes: expect.any(Number), imported: null },
    ]);
    await bench.models.import(two);
    expect((await bench.models.importable())[1]?.imported).toBe("local/plain");
    expect((await bench.models.importable(join(studio, "publisher"))).map(({ name }) => name)).toHaveLength(2);
    expect((await failureOf(bench.models.importable(join(studio, "absent")))).code).toBe("invalid_request");
  });

  test("makes a model of a plain folder that engines get by its own path", async () => {
    const path = await plainModel("publisher/plain");
    const model = await bench.models.import(path, "mine");
    expect(model).toMatchObject({ id: "local/mine", source: "folder", location: path, complete: true, problem: null });
    expect(model.facts).toMatchObject({ architecture: "qwen3", chatTemplate: true });
    const { revision, path: located } = bench.models.locate("local/mine", "main");
    expect(located).toBe(path);
    expect(revision).toMatch(/^[0-9a-f]{40}$/);
    expect(bench.told()).toContain("model.changed local/mine");
    await bench.models.rescan("local/mine");
    expect(bench.models.locate("local/mine", "main").revision).toBe(revision);
    await appendFile(join(path, "tokenizer_config.json"), " ");
    await bench.models.rescan();
    expect(bench.models.locate("local/mine", "main").revision).not.toBe(revision);
  });

  test("is remembered over a restart; a folder that is away is shown with the reason and comes back by itself", async () => {
    const path = await plainModel("publisher/plain");
    const { addedAt } = await bench.models.import(path);
    await bench.restart();
    expect(bench.models.get("local/plain")).toMatchObject({ complete: true, addedAt });
    await rename(path, `${path}-away`);
    await bench.models.rescan();
    expect(bench.models.get("local/plain")).toMatchObject({
      complete: false,
      problem: expect.stringContaining("disk"),
    });
    expect(() => bench.models.locate("local/plain", "main")).toThrow(
      expect.objectContaining({ code: "revision_not_found" }),
    );
    await bench.restart();
    expect(bench.models.get("local/plain").problem).not.toBeNull();
    await rename(`${path}-away`, path);
    await bench.models.rescan();
    expect(bench.models.get("local/plain")).toMatchObject({ complete: true, problem: null });
  });

  test("deleting it drops the entry and never a file, and waits for its users", async () => {
    const path = await plainModel("publisher/plain");
    await bench.models.import(path);
    const release = bench.models.hold("local/plain", "main", "It is served.");
    expect((await failureOf(bench.models.remove("local/plain"))).code).toBe("model_in_use");
    release();
    expect(await bench.models.remove("local/plain")).toMatchObject({ freedBytes: 0, revision: null });
    expect(bench.models.find("local/plain")).toBeNull();
    expect(here.every((name) => existsSync(join(path, name)))).toBe(true);
    await bench.restart();
    await bench.models.rescan();
    expect(bench.models.find("local/plain")).toBeNull();
  });

  test("a name or a folder twice is a conflict", async () => {
    const one = await plainModel("publisher/plain");
    const two = await plainModel("other/plain");
    await bench.models.import(one);
    expect(await failureOf(bench.models.import(one, "again"))).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("local/plain"),
    });
    expect((await failureOf(bench.models.import(two))).code).toBe("conflict");
    expect((await bench.models.import(two, "other")).id).toBe("local/other");
  });

  test("what is no model says so", async () => {
    const cases: [string, string][] = [
      ["plain", "root"],
      [join(studio, "absent"), "no such folder"],
      [join(await plainModel("a"), "config.json"), "not a folder"],
      [await plainModel("b", ["model.safetensors"]), "config.json"],
      [await plainModel("c", ["config.json", "model.gguf"]), "GGUF"],
      [await plainModel("d", ["config.json"]), "safetensors"],
    ];
    const { folder, commit } = await addRevision(bench.cache, { id: "org/one", layout: "copies" });
    cases.push([join(folder, "snapshots", commit), "Hub cache"]);
    const linked = join(studio, "linked");
    await symlink(await plainModel("e"), linked);
    cases.push([linked, "not a folder"]);
    for (const [path, said] of cases) {
      const failure = await failureOf(bench.models.import(path));
      expect(failure).toMatchObject({ code: "invalid_request", message: expect.stringContaining(said) });
    }
    expect(bench.models.all().map(({ id }) => id)).toEqual(["mlx-manager/demo"]);
  });
});
