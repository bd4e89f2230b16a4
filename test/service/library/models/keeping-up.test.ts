import { appendFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createModels } from "../../../../service/src/library/models/index.ts";
import { createFolderWatch } from "../../../../service/src/library/models/folder-watch.ts";
import { recordedEvents, recordedLog } from "../parts.ts";
import { addRevision, commitOf, modelFiles } from "./hub-cache.ts";
import { openModelsBench } from "./models-bench.ts";
import type { ModelsBench } from "./models-bench.ts";

let bench: ModelsBench;
beforeEach(async () => {
  bench = await openModelsBench();
});
afterEach(() => bench.close());

/** A library on the same table whose reading thread cannot be started: whoever reads files fails. */
const startWithoutReading = () => {
  const log = recordedLog();
  const models = createModels({
    ...{ cachePath: bench.cache, demoModelPath: join(bench.folder, "demo"), database: bench.database },
    ...{ clock: bench.clock, events: recordedEvents().events, log: log.log },
    scanProgram: join(bench.folder, "no-such-program.mjs"),
  });
  return { models, log };
};

describe("a later start", () => {
  test("lists everything from the table, facts included, without reading a file again", async () => {
    await addRevision(bench.cache, { id: "org/one", tree: true });
    await addRevision(bench.cache, { id: "org/part", files: { "config.json": "{}", "tokenizer.json": "{}" } });
    await mkdir(join(bench.cache, "models--org--parts", "blobs"), { recursive: true });
    await writeFile(join(bench.cache, "models--org--parts", "blobs", `${"a".repeat(64)}.incomplete`), "12345");
    await bench.models.rescan();
    const before = bench.models.all();
    expect(before).toHaveLength(4);
    await bench.models.close();
    const { models, log } = startWithoutReading();
    await models.recover();
    expect(models.all()).toEqual(before);
    expect(models.locate("org/one", "main").facts.architecture).toBe("qwen3");
    expect(log.text()).toContain('"read":0');
    await models.close();
  });

  test("reads again what has changed, and forgets what has gone, meanwhile", async () => {
    const { folder } = await addRevision(bench.cache, { id: "org/one" });
    const gone = await addRevision(bench.cache, { id: "org/gone" });
    await bench.models.rescan();
    await bench.models.close();
    await rm(gone.folder, { recursive: true });
    await addRevision(bench.cache, { id: "org/one", commit: commitOf("second"), refs: ["v2"] });
    await utimes(join(folder, "snapshots"), 5, 5);
    await bench.restart();
    expect(bench.models.get("org/one").revisions).toHaveLength(2);
    expect(bench.models.find("org/gone")).toBeNull();
  });

  test("of another cache shows that one's models alone", async () => {
    await addRevision(bench.cache, { id: "org/one" });
    await bench.models.rescan();
    await bench.models.close();
    const other = createModels({
      ...{ cachePath: join(bench.folder, "other"), demoModelPath: join(bench.folder, "demo") },
      ...{ database: bench.database, clock: bench.clock, events: recordedEvents().events, log: recordedLog().log },
    });
    await other.recover();
    expect(other.all().map(({ id }) => id)).toEqual(["mlx-manager/demo"]);
    await other.close();
  });

  test("after an update of the program that knows more facts reads them anew", async () => {
    await addRevision(bench.cache, { id: "org/one" });
    await bench.models.rescan();
    bench.database.prepare("UPDATE model_facts SET facts = json_set(facts, '$.v', 0)").run();
    await bench.restart();
    expect(bench.models.get("org/one").facts.architecture).toBe("qwen3");
  });

  test("survives a reading thread that dies: the list stays, and the next look tries again", async () => {
    await addRevision(bench.cache, { id: "org/one" });
    await bench.models.rescan();
    await bench.models.close();
    await addRevision(bench.cache, { id: "org/two" });
    const { models, log } = startWithoutReading();
    await models.recover();
    expect(models.all().map(({ id }) => id)).toContain("org/one");
    expect(log.text()).toContain("the library cannot be looked at");
    await expect(models.rescan("org/two")).rejects.toThrow();
    await models.close();
  });
});

describe("what shows without a look", () => {
  test("a ref that moves in place, a folder of a commit that fills, and an unfinished file that grows", async () => {
    const { folder, commit } = await addRevision(bench.cache, { id: "org/one" });
    await addRevision(bench.cache, { id: "org/one", commit: commitOf("second"), refs: ["v2"] });
    await bench.models.rescan();
    await writeFile(join(folder, "refs", "main"), commitOf("second"));
    await bench.models.rescan();
    expect(bench.models.locate("org/one", "main").revision).toBe(commitOf("second"));
    await symlink("../../blobs/none", join(folder, "snapshots", commit, "tokenizer.model"));
    await writeFile(join(folder, "snapshots", commit, "added.txt"), "more");
    await bench.models.rescan();
    expect((await bench.models.files("org/one", commit)).map(({ path }) => path)).toContain("added.txt");
    const part = join(folder, "blobs", "a.incomplete");
    await writeFile(part, "1");
    await bench.models.rescan();
    await appendFile(part, "23");
    await bench.models.rescan();
    expect(bench.models.get("org/one").partial).toMatchObject({ foreignBytes: 3 });
  });
});

describe("watching folders", () => {
  test.each(["linux", "darwin"])("the way of %s tells of the model whose folder stirs", async (platform) => {
    const cache = await mkdtemp(join(tmpdir(), "mlx-manager-watch-"));
    const { folder } = await addRevision(cache, { id: "org/one" });
    const stirred: string[] = [];
    let told = Promise.withResolvers<void>();
    const watch = createFolderWatch(
      {
        cachePath: cache,
        log: recordedLog().log,
        stirred(id) {
          stirred.push(id);
          told.resolve();
        },
      },
      platform,
    );
    try {
      watch.begin();
      watch.add("org/one", folder);
      expect(watch.isWhole()).toBe(true);
      await addRevision(cache, { id: "org/two", files: { "config.json": modelFiles["config.json"] ?? "" } });
      await told.promise;
      told = Promise.withResolvers();
      expect(new Set(stirred)).toEqual(new Set(["org/two"]));
      await writeFile(join(folder, "blobs", "x"), "x");
      await told.promise;
      expect(stirred).toContain("org/one");
    } finally {
      watch.close();
      await rm(cache, { recursive: true, force: true });
    }
  });
});
