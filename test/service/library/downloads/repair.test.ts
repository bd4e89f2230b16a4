import { afterEach, describe, expect, test } from "@jest/globals";
import { readFile, readdir, realpath, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { contentOf, isThere, openBench, partsFolder, repositoryFolder } from "./download-bench.ts";
import type { DownloadBench } from "./download-bench.ts";

const model = "mlx-community/tiny-4bit";
const weights = "model.safetensors";
let bench: DownloadBench;
afterEach(() => bench.close());

const resolved = () => [
  ...new Set(bench.hub.requests.filter(({ path }) => path.includes("/resolve/")).map(({ file }) => file)),
];
const ended = (id: string): Promise<Download> => bench.reaches(id, "completed");

/** Changes one byte of a file behind its link; the size and, where asked for, the time stay. */
async function damage(path: string, isSilent = true): Promise<Buffer> {
  const before = await readFile(path);
  const { atime, mtime } = await stat(path);
  const wrong = Buffer.from(before);
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
  await writeFile(path, wrong);
  if (isSilent) await utimes(path, atime, mtime);
  return before;
}

async function openWithModel() {
  bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
  await bench.models.recover();
  const { commit } = await bench.fetch(model);
  bench.hub.requests.splice(0);
  return {
    commit: commit as string,
    snapshot: join(repositoryFolder(bench.cache, model), "snapshots", commit as string),
  };
}

/** What a check of the library leaves in its table. */
function found(revision: string, stamp: string, wrong: readonly string[]): void {
  bench.models.keepVerification({
    ...{ model, revision, result: wrong.length > 0 ? "wrong" : "right", filesChecked: 7, filesUnknown: 0 },
    ...{ bytesChecked: 1, stamp, verifiedAt: new Date().toISOString() },
    wrongFiles: wrong.map((path) => ({ path, state: "wrong-content", sizeBytes: null, foundBytes: null })),
  });
}

describe("a repair", () => {
  test("fetches what the check found wrong and missing, nothing else, and leaves the name of the revision alone", async () => {
    const { commit, snapshot } = await openWithModel();
    const before = await damage(join(snapshot, weights));
    await rm(join(snapshot, "extra/notes.txt"));
    found(commit, await bench.models.stampNow(model), [weights, "extra/notes.txt"]);
    const { download, created } = bench.downloads.repair(model);
    expect({ created, download }).toMatchObject({ created: true, download: { revision: commit, model } });
    const done = await ended(download.id);
    expect(done).toMatchObject({ commit, filesTotal: 2, filesDone: 2, bytesVerified: done.bytesTotal });
    // The notes only lacked their link: the blob was here, and right.
    expect(resolved()).toEqual([weights]);
    expect(await contentOf(bench.cache, model, commit, weights)).toEqual(before);
    expect(await isThere(join(snapshot, "extra/notes.txt"))).toBe(true);
    const root = repositoryFolder(bench.cache, model);
    expect(await readdir(join(root, "refs"))).toEqual(["main"]);
    expect(await isThere(partsFolder(bench.cache, model))).toBe(false);
    expect(bench.models.get(model)).toMatchObject({ complete: true });
  });

  test("without a check reads all that is here and fetches what is missing or wrong", async () => {
    const { commit, snapshot } = await openWithModel();
    const before = await damage(join(snapshot, "config.json"));
    const notes = await realpath(join(snapshot, "extra/notes.txt"));
    await rm(notes);
    const done = await ended(bench.downloads.repair(model).download.id);
    expect(done.filesDone).toBe(done.filesTotal);
    expect(resolved().sort()).toEqual(["config.json", "extra/notes.txt"]);
    expect(await isThere(notes)).toBe(true);
    expect(await contentOf(bench.cache, model, commit, "config.json")).toEqual(before);
  });

  test("of files that changed since the check looks at everything", async () => {
    const { commit, snapshot } = await openWithModel();
    const before = await damage(join(snapshot, weights));
    found(commit, "another look", []);
    const done = await ended(bench.downloads.repair(model).download.id);
    expect(done.filesTotal).toBeGreaterThan(2);
    expect(resolved()).toEqual([weights]);
    expect(await contentOf(bench.cache, model, commit, weights)).toEqual(before);
  });

  test("puts the blob's link back where a copy or another file stands in the snapshot", async () => {
    const { commit, snapshot } = await openWithModel();
    const right = await readFile(join(snapshot, "config.json"));
    await rm(join(snapshot, "config.json"));
    await writeFile(join(snapshot, "config.json"), Buffer.alloc(right.length, 32));
    found(commit, await bench.models.stampNow(model), ["config.json"]);
    await ended(bench.downloads.repair(model).download.id);
    expect(resolved()).toEqual([]);
    expect(await contentOf(bench.cache, model, commit, "config.json")).toEqual(right);
  });

  test("of a model in which the check found nothing, or that is not from the Hub, is refused with a reason", async () => {
    const { commit } = await openWithModel();
    found(commit, await bench.models.stampNow(model), []);
    const refused = (id: string, code: string) =>
      expect(() => bench.downloads.repair(id)).toThrow(expect.objectContaining({ code }));
    refused(model, "conflict");
    refused("mlx-manager/demo", "unsupported");
    refused("own/nowhere", "model_not_found");
  });

  test("asked for twice is one repair", async () => {
    const { commit, snapshot } = await openWithModel();
    await damage(join(snapshot, weights));
    found(commit, await bench.models.stampNow(model), [weights]);
    const first = bench.downloads.repair(model);
    expect(bench.downloads.repair(model)).toMatchObject({ created: false, download: { id: first.download.id } });
    await ended(first.download.id);
  });
});

describe("blobs that are here already", () => {
  test("are taken without reading when we have proven them and nobody wrote since, and read otherwise", async () => {
    const { snapshot } = await openWithModel();
    await bench.hub.updateRepo(model, { files: { "README.md": "second" } });
    // Silent damage shows only in a check: this proves that the blob was not read again.
    const weightsBefore = await damage(join(snapshot, weights));
    const configBefore = await damage(join(snapshot, "config.json"), false);
    const second = await bench.fetch(model);
    expect(second.state).toBe("completed");
    expect(resolved().sort()).toEqual(["README.md", "config.json"]);
    expect(await contentOf(bench.cache, model, second.commit as string, "config.json")).toEqual(configBefore);
    expect((await contentOf(bench.cache, model, second.commit as string, weights)).equals(weightsBefore)).toBe(false);
  });

  test("of another client are read first, and fetched again when wrong", async () => {
    const { commit } = await openWithModel();
    const root = repositoryFolder(bench.cache, model);
    const right = await contentOf(bench.cache, model, commit, weights);
    const blob = join(root, "blobs", (await readdir(join(root, "blobs"))).find((name) => name.length === 64) as string);
    const wasWeights = (await readFile(blob)).equals(right);
    // Ours is gone, and somebody puts a file of the same name and size there.
    await rm(join(root, "snapshots"), { recursive: true });
    await writeFile(blob, Buffer.alloc((await stat(blob)).size, 7));
    const again = await bench.fetch(model);
    expect(again.state).toBe("completed");
    expect(resolved()).toEqual([wasWeights ? weights : "tokenizer.json"]);
    expect((await contentOf(bench.cache, model, commit, weights)).equals(right)).toBe(true);
  });
});

describe("several revisions of one model", () => {
  test("a revision in use stays loadable, file by file, while the new one comes in and after it", async () => {
    const { commit, snapshot } = await openWithModel();
    const { sha } = await bench.hub.updateRepo(model, {
      files: { "README.md": "second", "big.txt": { size: 500_000, seed: 5 } },
    });
    const release = bench.models.hold(model, commit, "A server uses it.");
    const read = () => Promise.all(["config.json", weights, "README.md"].map((path) => readFile(join(snapshot, path))));
    const before = await read();
    bench.hub.faults.add({ kind: "stall", afterBytes: 1000, file: "big.txt" });
    const { download } = bench.downloads.create({ model, revision: "main" });
    await bench.hub.waitForRequest(({ faults }) => faults.includes("stall"));
    const ref = join(repositoryFolder(bench.cache, model), "refs", "main");
    expect(await readFile(ref, "utf8")).toBe(commit);
    expect(bench.models.locate(model, "main")).toMatchObject({ revision: commit });
    expect(await read()).toEqual(before);
    bench.hub.faults.clear();
    bench.hub.faults.release();
    await ended(download.id);
    expect(await readFile(ref, "utf8")).toBe(sha);
    expect(await read()).toEqual(before);
    expect(bench.models.locate(model, commit)).toMatchObject({ revision: commit });
    expect(bench.models.locate(model, "main")).toMatchObject({ revision: sha });
    release();
  });

  test("a branch, a pull request and a commit can be wished for at once; they come one after the other and share blobs", async () => {
    const repo = tinyRepo(model);
    bench = await openBench({
      hub: { repos: [{ ...repo, branches: { "refs/pr/1": { ...repo.files, "a.txt": "a" } } }] },
    });
    const wishes = ["main", "refs/pr/1"].map((revision) => bench.downloads.create({ model, revision }).download.id);
    const done = [];
    for (const id of wishes) done.push(await ended(id));
    const commit = done[1]?.commit as string;
    const pinned = await bench.fetch(model, commit);
    expect(pinned).toMatchObject({ state: "completed", commit });
    expect(resolved()).toHaveLength(Object.keys(repo.files).length + 1);
    expect(
      bench.hub.requests.filter(({ path }) => path.includes(`/resolve/`) && path.endsWith("/config.json")),
    ).toHaveLength(1);
    expect(
      bench.models
        .get(model)
        .revisions.map(({ refs }) => refs)
        .sort(),
    ).toEqual([["main"], ["refs/pr/1"]]);
  });
});
