import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, symlink, truncate, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Database } from "../../../../service/src/platform/database/open.ts";
import { createModels } from "../../../../service/src/library/models/index.ts";
import type { Models } from "../../../../service/src/library/models/index.ts";
import { handClock, memoryDatabase, recordedEvents, recordedLog, temporaryFolder, failureOf } from "../parts.ts";
import type { HandClock } from "../parts.ts";
import { addRevision, commitOf, config, modelFiles, shareBlob, weights } from "./hub-cache.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cache: string;
let demo: string;
let database: Database;
let clock: HandClock;
let seenEvents: ReturnType<typeof recordedEvents>;
let models: Models;

const start = (): Models =>
  createModels({
    ...{ cachePath: cache, demoModelPath: demo, database, clock },
    ...{ events: seenEvents.events, log: recordedLog().log },
  });
const told = () => seenEvents.list.splice(0).map(({ type, data }) => `${type} ${(data as { id: string }).id}`);

beforeEach(async () => {
  folder = await temporaryFolder();
  cache = join(folder.path, "hub");
  demo = join(folder.path, "demo");
  await mkdir(demo);
  for (const name of ["config.json", "tokenizer.json", "model.safetensors"]) {
    await writeFile(join(demo, name), modelFiles[name] ?? "");
  }
  database = memoryDatabase();
  clock = handClock();
  seenEvents = recordedEvents();
  models = start();
});
afterEach(async () => {
  await models.close();
  database.close();
  await folder.remove();
});

describe("what lies in the cache", () => {
  test("without a cache only the built-in model is here", async () => {
    await models.recover();
    expect(models.all()).toEqual([
      expect.objectContaining({
        id: "mlx-manager/demo",
        source: "built-in",
        demo: true,
        complete: true,
        location: demo,
      }),
    ]);
    const { revision, path } = models.locate("mlx-manager/demo", "main");
    expect(path).toBe(demo);
    expect(revision).toMatch(/^[0-9a-f]{40}$/);
    await writeFile(join(demo, "config.json"), JSON.stringify({ ...config, vocab_size: 301 }));
    await models.rescan("mlx-manager/demo");
    expect(models.locate("mlx-manager/demo", "main").revision).not.toBe(revision);
  });

  test.each(["links", "copies", "absolute"] as const)(
    "a model stored as %s is whole, with its facts",
    async (layout) => {
      const { commit, folder: location } = await addRevision(cache, { id: "org/one", layout });
      await models.recover();
      expect(models.get("org/one")).toEqual({
        ...{ id: "org/one", source: "hub-cache", demo: false, location, complete: true, usedAt: null },
        ...{ partial: null, problem: null, verifiedAt: null, latestRevision: null },
        weightBytes: weights.length,
        sizeBytes: Object.values(modelFiles).reduce((sum, content) => sum + Buffer.byteLength(content), 0),
        revisions: [
          {
            revision: commit,
            refs: ["main"],
            complete: true,
            sizeBytes: expect.any(Number),
            exclusiveBytes: expect.any(Number),
            path: join(location, "snapshots", commit),
          },
        ],
        facts: {
          ...{ architecture: "qwen3", parameters: 4096 + 64, contextLength: 4096, vocabularySize: 300 },
          quantization: expect.objectContaining({ bits: 4, groupSize: 64, mode: "affine", label: "4-bit" }),
          ...{ capabilities: ["chat", "tools", "thinking"], chatTemplate: true, hasWeights: true, customCode: false },
          memory: null,
        },
        addedAt: expect.any(String),
      });
    },
  );

  test("a blob of the shared store counts like any other", async () => {
    const { folder: location } = await addRevision(cache, { id: "org/one" });
    await shareBlob(cache, location, weights);
    await models.recover();
    expect(models.get("org/one")).toMatchObject({ complete: true, weightBytes: weights.length });
    expect(models.all()).toHaveLength(2);
  });

  test("two revisions share their blobs, and each is found by ref, sha and short sha", async () => {
    const older = await addRevision(cache, { id: "org/one", refs: ["v1", "refs/pr/1"], commit: commitOf("older") });
    const newer = await addRevision(cache, { id: "org/one", files: { ...modelFiles, "README.md": "# More" } });
    await models.recover();
    const model = models.get("org/one");
    expect(model.revisions.map(({ refs }) => refs)).toEqual([["main"], ["refs/pr/1", "v1"]]);
    expect(model.sizeBytes).toBeLessThan(2 * (model.revisions[0]?.sizeBytes ?? 0));
    expect(models.locate("org/one", "main").revision).toBe(newer.commit);
    for (const name of ["v1", "refs/pr/1", older.commit, older.commit.slice(0, 8)]) {
      expect(models.locate("org/one", name)).toMatchObject({ revision: older.commit, weightBytes: weights.length });
    }
    expect(() => models.locate("org/one", "v2")).toThrow(expect.objectContaining({ code: "revision_not_found" }));
    expect(() => models.locate("org/two", "main")).toThrow(expect.objectContaining({ code: "model_not_found" }));
  });

  test("a cache without refs still has a main", async () => {
    const { commit } = await addRevision(cache, { id: "org/one", refs: [] });
    await models.recover();
    expect(models.locate("org/one", "main").revision).toBe(commit);
  });

  test("an ownerless repository, a line end in a ref and the cache's other folders do no harm", async () => {
    const { folder: location, commit } = await addRevision(cache, { id: "bare" });
    await writeFile(join(location, "refs", "main"), `${commit}\n`);
    await addRevision(cache, { id: "mlx-manager/demo" });
    await mkdir(join(cache, ".locks", "models--org--one"), { recursive: true });
    await mkdir(join(cache, "datasets--org--data"), { recursive: true });
    await mkdir(join(cache, "models--..--x", "snapshots"), { recursive: true });
    await mkdir(join(cache, "models--org--empty", "snapshots"), { recursive: true });
    await writeFile(join(cache, "CACHEDIR.TAG"), "Signature");
    await models.recover();
    expect(
      models
        .all()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["_/bare", "mlx-manager/demo"]);
    expect(models.get("mlx-manager/demo").source).toBe("built-in");
    expect(models.locate("_/bare", "main").revision).toBe(commit);
  });

  test("models of other formats are not ours to show", async () => {
    await addRevision(cache, { id: "org/gguf", files: { "model.gguf": "x" } });
    await addRevision(cache, { id: "org/torch", files: { "config.json": "{}", "pytorch_model.bin": "x" } });
    await models.recover();
    expect(models.all()).toHaveLength(1);
  });
});

describe("what is not whole says so", () => {
  const shards = { weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" } };
  const { "model.safetensors": _, ...withoutWeights } = modelFiles;

  test.each([
    ["weights are missing", { files: withoutWeights }],
    [
      "a shard is missing",
      {
        files: {
          ...withoutWeights,
          "model.safetensors.index.json": JSON.stringify(shards),
          "model-00001-of-00002.safetensors": weights,
        },
      },
    ],
    ["the commit's list names more", { tree: { ...modelFiles, "chat_template.jinja": "x" } }],
    [
      "the commit's list has another size",
      { tree: { ...modelFiles, "tokenizer.json": "longer than that by far ".repeat(9) } },
    ],
    ["the weights were cut", { files: { ...modelFiles, "model.safetensors": weights.subarray(0, -1) } }],
  ])("%s", async (_title, change) => {
    await addRevision(cache, { id: "org/part", ...change });
    await models.recover();
    expect(models.get("org/part").complete).toBe(false);
    expect(() => models.locate("org/part", "main")).toThrow(expect.objectContaining({ code: "revision_not_found" }));
  });

  test("a README that was not fetched does no harm", async () => {
    const { "README.md": __, ...needed } = modelFiles;
    await addRevision(cache, { id: "org/part", files: needed, tree: modelFiles });
    await models.recover();
    expect(models.get("org/part").complete).toBe(true);
  });

  test("a link to a blob that is gone", async () => {
    const { folder: location, commit } = await addRevision(cache, { id: "org/part" });
    const snapshot = join(location, "snapshots", commit);
    await unlink(join(snapshot, "model.safetensors"));
    await symlink("../../blobs/gone", join(snapshot, "model.safetensors"));
    await models.recover();
    expect(models.get("org/part")).toMatchObject({ complete: false, facts: { hasWeights: false } });
  });

  test("another program's unfinished download is shown with its size, our own parts are not", async () => {
    const blobs = join(cache, "models--org--foreign", "blobs");
    await mkdir(blobs, { recursive: true });
    await writeFile(join(blobs, `${"a".repeat(64)}.1a2b3c4d.incomplete`), "12345");
    const parts = join(cache, "models--org--ours", ".mlx-manager-parts");
    await mkdir(parts, { recursive: true });
    await mkdir(join(cache, "models--org--ours", "snapshots"));
    await writeFile(join(parts, "x"), "12345");
    await models.recover();
    expect(models.find("org/foreign")).toMatchObject({ complete: false, sizeBytes: 5, revisions: [] });
    expect(models.find("org/ours")).toBeNull();
  });

  test("broken JSON and a broken header are no reason to lose the list", async () => {
    await addRevision(cache, {
      id: "org/broken",
      files: { "config.json": "{", "model.safetensors": Buffer.alloc(64, 255) },
    });
    await addRevision(cache, { id: "org/well" });
    await models.recover();
    expect(models.get("org/broken")).toMatchObject({
      complete: false,
      facts: { architecture: null, parameters: null },
    });
    expect(models.get("org/well").complete).toBe(true);
  });
});

describe("keeping up", () => {
  test("a look after a change tells what came, changed and went, and nothing else", async () => {
    await addRevision(cache, { id: "org/old" });
    await models.recover();
    told();
    const seen: string[] = [];
    const removed: string[] = [];
    models.onSeen((id) => void seen.push(id));
    models.onRemoved((id) => void removed.push(id));
    await addRevision(cache, { id: "org/new" });
    await models.rescan("org/new");
    await models.rescan();
    await rm(join(cache, "models--org--old"), { recursive: true });
    await models.rescan();
    expect(told()).toEqual(["model.changed org/new", "model.removed org/old"]);
    expect([seen, removed]).toEqual([["org/new"], ["org/old"]]);
    await addRevision(cache, {
      id: "org/new",
      commit: commitOf("second"),
      files: { ...modelFiles, "README.md": "# 2" },
    });
    await models.rescan("org/new");
    expect(told()).toEqual(["model.changed org/new"]);
  });

  test("calls that wait for the same look share it", async () => {
    await models.recover();
    const looks = [models.rescan(), models.rescan(), models.rescan()];
    expect(new Set(looks).size).toBe(1);
    await Promise.all(looks);
  });

  test("a restart keeps when a model came and was used, and forgets what is gone", async () => {
    const { folder: location } = await addRevision(cache, { id: "org/one" });
    await addRevision(cache, { id: "org/two" });
    await models.recover();
    models.touch("org/one");
    const { addedAt, usedAt } = models.get("org/one");
    expect(usedAt).toBe("2026-11-21T12:00:00.000Z");
    await utimes(join(location, "blobs"), 1, 1);
    await rm(join(cache, "models--org--two"), { recursive: true });
    const next = start();
    await next.recover();
    expect(next.get("org/one")).toMatchObject({ addedAt, usedAt });
    expect(next.find("org/two")).toBeNull();
    expect(database.prepare("SELECT count(*) AS n FROM downloaded_models").get()).toEqual({ n: 2 });
    expect(database.prepare("SELECT count(*) AS n FROM model_facts").get()).toEqual({ n: 2 });
    await next.close();
  });

  test("use is noted once a minute", async () => {
    await addRevision(cache, { id: "org/one" });
    await models.recover();
    told();
    models.touch("org/one");
    models.touch("org/one");
    clock.set(clock.now() + 61_000);
    models.touch("org/one");
    models.touch("org/absent");
    expect(told()).toEqual(["model.changed org/one", "model.changed org/one"]);
  });

  test("a list comes in pages, newest first, and every word of a query counts", async () => {
    for (const name of ["a", "b", "c", "d"]) await addRevision(cache, { id: `org/${name}` });
    await models.recover();
    const first = models.list({ limit: 2 });
    const second = models.list({ limit: 2, cursor: first.nextCursor ?? "" });
    const third = models.list({ limit: 2, cursor: second.nextCursor ?? "" });
    expect(third.nextCursor).toBeNull();
    expect([first, second, third].flatMap(({ items }) => items)).toEqual(models.all());
    expect(models.list({ limit: 9, query: "ORG/ 4-bit thinking" }).items).toHaveLength(4);
    expect(models.list({ limit: 9, query: "qwen3 demo" }).items.map(({ id }) => id)).toEqual(["mlx-manager/demo"]);
    expect(() => models.list({ limit: 9, cursor: "?" })).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});

describe("deleting", () => {
  test("takes everything of the model and nothing else", async () => {
    const { folder: location } = await addRevision(cache, { id: "org/one", tree: true });
    await mkdir(join(location, ".mlx-manager-parts"));
    await writeFile(join(location, ".mlx-manager-parts", "x"), "part");
    const other = await addRevision(cache, { id: "org/other" });
    await models.recover();
    told();
    expect((await models.remove("org/one")).model.id).toBe("org/one");
    expect(existsSync(location)).toBe(false);
    expect(existsSync(join(other.folder, "refs", "main"))).toBe(true);
    expect(told()).toEqual(["model.removed org/one"]);
    expect((await failureOf(models.remove("org/one"))).code).toBe("model_not_found");
  });

  test("waits for all who hold it, naming each reason once", async () => {
    await addRevision(cache, { id: "org/one" });
    await models.recover();
    const first = models.hold("org/one", "main", "server coder");
    const second = models.hold("org/one", "main", "server coder");
    const third = models.hold("org/one", "v1", "download");
    expect(await failureOf(models.remove("org/one"))).toMatchObject({
      code: "model_in_use",
      details: { reasons: ["server coder", "download"] },
    });
    first();
    first();
    third();
    expect((await failureOf(models.remove("org/one"))).details).toEqual({ reasons: ["server coder"] });
    second();
    await models.remove("org/one");
  });

  test("while it runs nobody can take hold", async () => {
    await addRevision(cache, { id: "org/one" });
    await models.recover();
    const gone = models.remove("org/one");
    await Promise.resolve();
    await Promise.resolve();
    expect(() => models.hold("org/one", "main", "server")).toThrow(expect.objectContaining({ code: "conflict" }));
    await gone;
    models.hold("org/one", "main", "download")();
  });

  test("the built-in model stays", async () => {
    await models.recover();
    expect((await failureOf(models.remove("mlx-manager/demo"))).code).toBe("conflict");
    expect(existsSync(join(demo, "config.json"))).toBe(true);
  });

  test("a folder that was moved elsewhere and linked is left alone", async () => {
    const { folder: location } = await addRevision(cache, { id: "org/one" });
    const elsewhere = join(folder.path, "elsewhere");
    await rename(location, elsewhere);
    await symlink(elsewhere, location);
    await models.recover();
    expect(models.get("org/one").complete).toBe(true);
    expect((await failureOf(models.remove("org/one"))).code).toBe("conflict");
    expect(existsSync(join(elsewhere, "refs", "main"))).toBe(true);
    expect(models.get("org/one").complete).toBe(true);
  });

  test("links out of the cache are removed, never what they point to", async () => {
    const { folder: location, commit } = await addRevision(cache, { id: "org/one" });
    const outside = join(folder.path, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "precious"), "mine");
    await symlink(outside, join(location, "snapshots", commit, "linked"));
    await symlink(join(outside, "precious"), join(location, "blobs", "b".repeat(64)));
    await symlink(outside, join(location, "trees"));
    await symlink(outside, join(location, "snapshots", commitOf("linked")));
    await models.recover();
    await models.remove("org/one");
    expect(existsSync(location)).toBe(false);
    expect(await readFile(join(outside, "precious"), "utf8")).toBe("mine");
  });

  test("a shared blob goes with the last repository that links to it", async () => {
    const one = await addRevision(cache, { id: "org/one" });
    const two = await addRevision(cache, { id: "org/two" });
    await shareBlob(cache, one.folder, weights);
    const payload = await shareBlob(cache, two.folder, weights);
    await models.recover();
    await models.remove("org/one");
    expect(existsSync(payload)).toBe(true);
    expect(models.get("org/two").complete).toBe(true);
    await utimes(`${payload}.refs`, 1, 1);
    await models.remove("org/two");
    expect(existsSync(payload)).toBe(false);
    expect(existsSync(`${payload}.refs`)).toBe(false);
  });

  test.each([
    ["its list is gone", (payload: string) => unlink(`${payload}.refs`)],
    ["its list holds something else", (payload: string) => writeFile(`${payload}.refs`, "what is this?\n")],
    ["the store is not marked", (payload: string) => unlink(join(payload, "..", "..", ".huggingface-shared-blobs"))],
    ["a writer may be at work", (payload: string) => utimes(`${payload}.refs`, new Date(), clock.now() / 1000)],
  ])("a shared blob stays when %s", async (_title, spoil) => {
    const one = await addRevision(cache, { id: "org/one" });
    const payload = await shareBlob(cache, one.folder, weights);
    await utimes(`${payload}.refs`, 1, 1);
    await models.recover();
    await spoil(payload);
    await models.remove("org/one");
    expect(existsSync(one.folder)).toBe(false);
    expect(existsSync(payload)).toBe(true);
  });

  test("files of a revision carry the names of their blobs", async () => {
    const { folder: location } = await addRevision(cache, { id: "org/one" });
    await models.recover();
    const files = await models.files("org/one", "main");
    expect(files.map(({ path }) => path)).toEqual(Object.keys(modelFiles).sort());
    expect(existsSync(join(location, "blobs", files[0]?.blobId ?? "none"))).toBe(true);
    await truncate(join(location, "refs", "main"), 0);
    await models.rescan("org/one");
    expect(models.get("org/one").revisions[0]?.refs).toEqual([]);
  });
});
