import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { addRevision, modelFiles } from "./hub-cache.ts";
import { openLibrary } from "./library-rig.ts";
import type { Library, LibraryOptions } from "./library-rig.ts";

const id = "own/tiny";
let library: Library;
afterEach(() => library.close());
const open = async (options: LibraryOptions = {}): Promise<void> => {
  library = await openLibrary({ hub: { repos: [tinyRepo(id)] }, ...options });
};
const gone = (model: string) =>
  library.seen(({ type, data }) => type === "model.removed" && (data as { id: string }).id === model);

describe("what other programs do shows without being asked", () => {
  test("a model that hf downloads appears, an update of it too, and hf cache rm makes it vanish", async () => {
    await open();
    await library.hf("download", id);
    const first = await library.shown(id, ({ complete }) => complete);
    expect(first).toMatchObject({ partial: null, revisions: [{ refs: ["main"] }] });
    const { sha } = await library.hub.updateRepo(id, { files: { "README.md": "# Newer" } });
    await library.hf("download", id);
    const second = await library.shown(id, ({ revisions }) => revisions[0]?.revision === sha && revisions[0].complete);
    expect(second.revisions).toHaveLength(2);
    await library.hf("cache", "prune", "--yes");
    await library.shown(id, ({ revisions }) => revisions.length === 1);
    await library.hf("cache", "rm", `model/${id}`, "--yes");
    await gone(id);
    expect(existsSync(join(library.cache, "models--own--tiny"))).toBe(false);
  }, 120_000);

  test("a cache that does not exist yet is noticed when it comes", async () => {
    await open();
    expect(existsSync(library.cache)).toBe(false);
    await mkdir(library.cache);
    await library.hf("download", id);
    await library.service.service.models.rescan();
    await library.shown(id, ({ complete }) => complete);
  });

  test("an unfinished download of another program is shown as that, grows, and gives way to the model", async () => {
    await open();
    await library.fetch(id);
    const other = join(library.cache, "models--org--other", "blobs");
    await mkdir(other, { recursive: true });
    const part = join(other, `${"a".repeat(64)}.1a2b3c4d.incomplete`);
    await writeFile(part, "12345");
    const begun = await library.shown("org/other", () => true);
    expect(begun).toMatchObject({ complete: false, revisions: [] });
    expect(begun.partial).toEqual({ missingFiles: null, missingBytes: null, foreignBytes: 5 });
    await appendFile(part, "6789");
    await library.shown("org/other", ({ partial }) => partial?.foreignBytes === 9);
    await rm(part);
    await addRevision(library.cache, { id: "org/other" });
    await library.shown("org/other", ({ complete, partial }) => complete && partial === null);
  });

  test("a download that was given up says how much is missing, by the commit's list or the index of the weights", async () => {
    const shards = {
      metadata: { total_size: 10_000 },
      weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" },
    };
    const { "model.safetensors": weights = "", ...others } = modelFiles;
    const indexed = { ...others, "model.safetensors.index.json": JSON.stringify(shards) };
    await open();
    await mkdir(library.cache, { recursive: true });
    await addRevision(library.cache, { id: "org/listed", files: others, tree: modelFiles });
    await addRevision(library.cache, {
      id: "org/indexed",
      files: { ...indexed, "model-00001-of-00002.safetensors": weights },
    });
    await library.service.service.models.rescan();
    expect((await library.model("org/listed")).partial).toEqual({
      ...{ missingFiles: 1, missingBytes: weights.length, foreignBytes: 0 },
    });
    expect((await library.model("org/indexed")).partial).toEqual({
      ...{ missingFiles: 1, missingBytes: 10_000 - weights.length, foreignBytes: 0 },
    });
  });

  test("what hf was killed over is shown, and a download of ours makes it whole", async () => {
    await open();
    await library.fetch(id);
    const folder = join(library.cache, "models--own--tiny");
    const [commit = ""] = await readdir(join(folder, "snapshots"));
    await rm(join(folder, "snapshots", commit, "model.safetensors"));
    for (const name of await readdir(join(folder, "blobs"))) {
      if (name.length === 64) await rm(join(folder, "blobs", name));
    }
    await writeFile(join(folder, "blobs", `${"a".repeat(64)}.1a2b3c4d.incomplete`), "12345");
    const broken = await library.shown(id, ({ complete }) => !complete);
    expect(broken.partial).toMatchObject({ foreignBytes: 5 });
    expect(broken.partial?.missingFiles).toBeGreaterThan(0);
    expect((await library.fetch(id)).state).toBe("completed");
    expect((await library.shown(id, ({ complete }) => complete)).partial).toMatchObject({ missingFiles: 0 });
    expect((await library.verify(id)).found.result).toBe("right");
  });
});
