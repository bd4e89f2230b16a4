import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { failureOf } from "../parts.ts";
import { addRevision, commitOf, modelFiles, shareBlob, weights } from "./hub-cache.ts";
import { bytesBelow, openModelsBench } from "./models-bench.ts";
import type { ModelsBench } from "./models-bench.ts";
import { scanWithPython } from "./python-scan.ts";

let bench: ModelsBench;
beforeEach(async () => {
  bench = await openModelsBench();
});
afterEach(() => bench.close());

const id = "org/one";
const newFiles = { ...modelFiles, "README.md": "# Newer", "extra/more.txt": "more of it" };

/** An old revision with a tag and the present one; they share the weights. */
async function twoRevisions() {
  const older = await addRevision(bench.cache, {
    id,
    refs: ["v1", "refs/pr/1"],
    commit: commitOf("older"),
    tree: true,
  });
  const newer = await addRevision(bench.cache, { id, files: newFiles, tree: true });
  await bench.models.rescan(id);
  return { older: older.commit, newer: newer.commit, folder: newer.folder };
}

const revisionOf = (commit: string) => bench.models.get(id).revisions.find(({ revision }) => revision === commit);

describe("deleting one revision", () => {
  test("frees exactly what was shown, keeps what the other shares, and drops the names that pointed to it", async () => {
    const { older, newer, folder } = await twoRevisions();
    const shown = revisionOf(older)?.exclusiveBytes ?? 0;
    const before = await bytesBelow(bench.cache);
    const deleted = await bench.models.removeRevision(id, older.slice(0, 10));
    expect(deleted).toMatchObject({ revision: older, freedBytes: shown });
    expect(before - (await bytesBelow(bench.cache))).toBe(shown);
    expect(shown).toBeLessThan(weights.length);
    expect(bench.models.get(id).revisions.map(({ revision }) => revision)).toEqual([newer]);
    expect(existsSync(join(folder, "refs", "refs"))).toBe(false);
    expect(existsSync(join(folder, "trees", `${older}.json`))).toBe(false);
    const python = await scanWithPython(bench.cache, [{ id, revision: "main" }]);
    expect(python).toMatchObject({ warnings: [], failures: {}, repos: { [id]: [newer] } });
  });

  test("of the one that main means, leaves no main: the newest complete one stands for it here", async () => {
    const { older, newer, folder } = await twoRevisions();
    await bench.models.removeRevision(id, "main");
    expect(await readdir(join(folder, "snapshots"))).toEqual([older]);
    expect(existsSync(join(folder, "refs", "main"))).toBe(false);
    expect(bench.models.locate(id, "main").revision).toBe(older);
    expect(bench.models.get(id).revisions.some(({ revision }) => revision === newer)).toBe(false);
    const python = await scanWithPython(bench.cache, [{ id, revision: "v1" }]);
    expect(python).toMatchObject({ warnings: [], failures: {} });
  });

  test("of the last one, takes the repository with it", async () => {
    const { older, folder } = await twoRevisions();
    await bench.models.removeRevision(id, "main");
    const left = await bytesBelow(bench.cache);
    expect((await bench.models.removeRevision(id, older)).freedBytes).toBe(left);
    expect(existsSync(folder)).toBe(false);
    expect(bench.models.find(id)).toBeNull();
    expect((await scanWithPython(bench.cache)).warnings).toEqual([]);
  });

  test("of the last one, leaves another program's unfinished download where it is", async () => {
    const { commit, folder } = await addRevision(bench.cache, { id });
    await writeFile(join(folder, "blobs", `${"e".repeat(64)}.1a2b3c4d.incomplete`), "12345");
    await bench.models.rescan(id);
    await bench.models.removeRevision(id, commit);
    expect(bench.models.get(id)).toMatchObject({ revisions: [], partial: { foreignBytes: 5 } });
    expect((await scanWithPython(bench.cache)).warnings).toEqual([]);
  });

  test("is refused while exactly that revision is in use, by its commit or by a name for it", async () => {
    const { older, newer } = await twoRevisions();
    const release = bench.models.hold(id, newer, "It is served.");
    expect(await failureOf(bench.models.removeRevision(id, "main"))).toMatchObject({
      code: "model_in_use",
      details: { reasons: ["It is served."] },
    });
    const named = bench.models.hold(id, "v1", "It is wanted.");
    expect((await failureOf(bench.models.removeRevision(id, older))).code).toBe("model_in_use");
    named();
    await bench.models.removeRevision(id, older);
    release();
    bench.downloading.add(id);
    expect((await failureOf(bench.models.removeRevision(id, newer))).details).toEqual({
      reasons: ["A download of it is not over."],
    });
    bench.downloading.clear();
    expect((await failureOf(bench.models.removeRevision(id, "v9"))).code).toBe("revision_not_found");
  });

  test("gives a shared blob back only with its last user", async () => {
    const one = await addRevision(bench.cache, { id });
    const two = await addRevision(bench.cache, { id: "org/two" });
    await shareBlob(bench.cache, one.folder, weights);
    const payload = await shareBlob(bench.cache, two.folder, weights);
    await utimes(`${payload}.refs`, 1, 1);
    await bench.models.rescan();
    expect(revisionOf(one.commit)?.exclusiveBytes).toBeLessThan(weights.length);
    const first = await bench.models.removeRevision(id, one.commit);
    expect(first.freedBytes).toBeLessThan(weights.length);
    expect(existsSync(payload)).toBe(true);
    await bench.models.rescan("org/two");
    expect(bench.models.get("org/two").revisions[0]?.exclusiveBytes).toBeGreaterThan(weights.length);
    expect((await bench.models.remove("org/two")).freedBytes).toBeGreaterThan(weights.length);
    expect(existsSync(payload)).toBe(false);
  });

  test("leaves a cache that Python takes for whole at every step", async () => {
    const steps: { warnings: string[] }[] = [];
    const { older, folder } = await twoRevisions();
    // What a death after each step would leave: the steps are done by hand in the order the deletion has.
    for (const step of [
      () => unlink(join(folder, "refs", "v1")),
      () => rm(join(folder, "refs", "refs"), { recursive: true }),
      () => unlink(join(folder, "snapshots", older, "model.safetensors")),
      () => rm(join(folder, "snapshots", older), { recursive: true }),
      () => unlink(join(folder, "trees", `${older}.json`)),
    ]) {
      await step();
      steps.push(await scanWithPython(bench.cache, [{ id, revision: "main" }]));
    }
    expect(steps).toEqual(steps.map(() => expect.objectContaining({ warnings: [], failures: {} })));
    await bench.models.rescan(id);
    expect(bench.models.get(id)).toMatchObject({ complete: true });
    expect(bench.models.get(id).revisions).toHaveLength(1);
  }, 120_000);
});

describe("usage", () => {
  test("counts shared blobs once, and tells apart what is exclusive, unfinished and unused", async () => {
    const one = await addRevision(bench.cache, { id });
    await addRevision(bench.cache, { id: "org/two" });
    const payload = await shareBlob(bench.cache, one.folder, weights);
    await shareBlob(bench.cache, join(bench.cache, "models--org--two"), weights);
    await writeFile(join(one.folder, "blobs", `${"e".repeat(64)}.incomplete`), "12345");
    await writeFile(join(one.folder, "blobs", "f".repeat(64)), "1234567");
    bench.stale.push({ model: id, bytes: 11 });
    const usage = await bench.models.usage();
    const perModel = new Map(usage.models.map((model) => [model.model, model]));
    expect(usage.sharedBytes).toBe(weights.length);
    expect(usage.staleBytes).toBe(11);
    expect(perModel.get(id)).toMatchObject({ foreignBytes: 5, unusedBytes: 7 });
    expect(perModel.get("org/two")).toMatchObject({ foreignBytes: 0, unusedBytes: 0 });
    const exclusive = usage.models.reduce((sum, { exclusiveBytes }) => sum + exclusiveBytes, 0);
    expect(usage.totalBytes).toBe(exclusive + weights.length);
    const meta =
      (await readFile(`${payload}.refs`)).length +
      (await readFile(join(payload, "../../.huggingface-shared-blobs"))).length;
    expect(usage.totalBytes).toBe((await bytesBelow(bench.cache)) - meta);
    expect(usage.freeBytes).toBeGreaterThan(0);
  });

  test("of a cache that is not there is nothing", async () => {
    expect(await bench.models.usage()).toEqual({
      ...{ models: [], totalBytes: 0, sharedBytes: 0, staleBytes: 0, freeBytes: null, diskBytes: null },
    });
    await mkdir(bench.cache);
    expect((await bench.models.usage()).diskBytes).toBeGreaterThan(0);
  });
});
