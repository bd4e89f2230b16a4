import { afterEach, describe, expect, test } from "@jest/globals";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { contentOf, isThere, listing, mebibyte, openBench, repositoryFolder } from "./download-bench.ts";
import type { DownloadBench } from "./download-bench.ts";

const model = "mlx-community/tiny-4bit";
let bench: DownloadBench;
afterEach(() => bench.close());

describe("a finished download", () => {
  test("lies in the cache as the Hub's own tools would have put it, file by file", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model, { xetHash: true })] } });
    const download = await bench.fetch(model);
    expect(download).toMatchObject({ state: "completed", error: null, secondsLeft: null });
    expect(download.bytesDone).toBe(download.bytesTotal);
    expect(download.filesDone).toBe(download.filesTotal);

    const root = repositoryFolder(bench.cache, model);
    const commit = download.commit as string;
    expect(await readFile(join(root, "refs", "main"), "utf8")).toBe(commit);
    const tree = JSON.parse(await readFile(join(root, "trees", `${commit}.json`), "utf8")) as {
      files: Record<string, { size: number; blob_id: string; lfs_sha256?: string; xet_hash?: string }>;
    };
    const blobs = Object.fromEntries(
      Object.entries(tree.files).map(([path, file]) => [path, file.lfs_sha256 ?? file.blob_id]),
    );
    expect(await listing(root)).toEqual(
      [
        ...[
          "blobs/",
          "refs/",
          "refs/main",
          "snapshots/",
          "trees/",
          `snapshots/${commit}/`,
          `snapshots/${commit}/extra/`,
        ],
        `trees/${commit}.json`,
        ...Object.values(blobs).map((blob) => `blobs/${blob}`),
        ...Object.entries(blobs).map(
          ([path, blob]) => `snapshots/${commit}/${path} -> ${"../".repeat(path.split("/").length + 1)}blobs/${blob}`,
        ),
      ].sort(),
    );
    for (const [path, { size }] of Object.entries(tree.files))
      expect(await contentOf(bench.cache, model, commit, path)).toHaveLength(size);
    expect(tree.files["model.safetensors"]).toHaveProperty("xet_hash");
    expect((await stat(join(root, "trees", `${commit}.json`))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(bench.cache, "CACHEDIR.TAG"), "utf8")).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
    expect(bench.models.get(model)).toMatchObject({ complete: true });
  });

  test("asks for each small file once and gives the token to the Hub alone", async () => {
    const token = "a-token-of-a-mirror";
    bench = await openBench({ hub: { repos: [tinyRepo(model)], tokens: { [token]: { name: "me" } } }, token });
    const { filesTotal } = await bench.fetch(model);
    const resolved = bench.hub.requests.filter(({ path }) => path.includes("/resolve/"));
    expect(resolved).toHaveLength(filesTotal as number);
    expect(resolved.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
    const storage = bench.hub.requests.filter(({ server }) => server === "cdn");
    expect(storage.length).toBeGreaterThan(0);
    expect(storage.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(bench.hub.requests.every(({ headers }) => headers["user-agent"]?.startsWith("mlx-manager"))).toBe(true);
    expect(bench.logText() + JSON.stringify(bench.events)).not.toContain(token);
  });

  test("takes blobs that are there already, and fetches only what a new commit changed", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    const first = await bench.fetch(model);
    const { sha } = await bench.hub.updateRepo(model, { files: { "README.md": "changed" } });
    bench.hub.requests.splice(0);
    const second = await bench.fetch(model);
    expect(second).toMatchObject({ state: "completed", commit: sha });
    expect(bench.hub.requests.filter(({ path }) => path.includes("/resolve/")).map(({ file }) => file)).toEqual([
      "README.md",
    ]);
    expect(await readFile(join(repositoryFolder(bench.cache, model), "refs", "main"), "utf8")).toBe(sha);
    expect(String(await contentOf(bench.cache, model, first.commit as string, "README.md"))).not.toBe("changed");
    expect(String(await contentOf(bench.cache, model, sha, "README.md"))).toBe("changed");
  });

  test("adds what a snapshot of another client lacks without touching the rest", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    const { download } = bench.downloads.create({ model, revision: "main", files: ["*.json"] });
    const { commit } = await bench.reaches(download.id, "completed");
    const snapshot = join(repositoryFolder(bench.cache, model), "snapshots", commit as string);
    expect(await isThere(join(snapshot, "config.json"))).toBe(true);
    expect(await isThere(join(snapshot, "model.safetensors"))).toBe(false);
    await writeFile(join(snapshot, "foreign.txt"), "mine");
    await bench.fetch(model);
    expect(await isThere(join(snapshot, "model.safetensors"))).toBe(true);
    expect(await readFile(join(snapshot, "foreign.txt"), "utf8")).toBe("mine");
  });

  test("leaves the ref of a whole revision alone when only some files of a newer one were asked for", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    const first = await bench.fetch(model);
    await bench.hub.updateRepo(model, { files: { "README.md": "changed" } });
    const { download } = bench.downloads.create({ model, revision: "main", files: ["README.md"] });
    await bench.reaches(download.id, "completed");
    expect(await readFile(join(repositoryFolder(bench.cache, model), "refs", "main"), "utf8")).toBe(first.commit);
  });

  test("gives a pull request's revision its nested ref, and a commit none", async () => {
    const repo = tinyRepo(model);
    bench = await openBench({
      hub: { repos: [{ ...repo, branches: { "refs/pr/1": { ...repo.files, "a.txt": "a" } } }] },
    });
    const request = await bench.fetch(model, "refs/pr/1");
    const root = repositoryFolder(bench.cache, model);
    expect(await readFile(join(root, "refs", "refs", "pr", "1"), "utf8")).toBe(request.commit);
    expect(await isThere(join(root, "refs", "main"))).toBe(false);
    const main = (await bench.hub.addRepo(tinyRepo("mlx-community/other"))).sha;
    expect(await bench.fetch("mlx-community/other", main)).toMatchObject({ state: "completed", commit: main });
    expect(await isThere(join(repositoryFolder(bench.cache, "mlx-community/other"), "refs"))).toBe(false);
  });

  test("handles empty files, shared contents, odd names and many files", async () => {
    const files = {
      ...tinyRepo(model).files,
      "empty.txt": "",
      "copy a.txt": "same",
      "deep/er/copy#100%25.txt": "same",
      ...Object.fromEntries(
        Array.from({ length: 300 }, (_, index) => [`part-${index}.txt`, { size: 4096, seed: index }]),
      ),
    };
    bench = await openBench({ hub: { repos: [{ ...tinyRepo(model), files }] } });
    const download = await bench.fetch(model);
    expect(download).toMatchObject({ state: "completed", filesDone: Object.keys(files).length });
    const commit = download.commit as string;
    expect(await contentOf(bench.cache, model, commit, "empty.txt")).toHaveLength(0);
    expect(String(await contentOf(bench.cache, model, commit, "deep/er/copy#100%25.txt"))).toBe("same");
    expect(await bench.database.prepare("SELECT DISTINCT state FROM download_files").pluck().all()).toEqual([
      "verified",
    ]);
  });

  test("replaces a blob of the wrong size and never follows a file name out of the cache", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    const { commit } = await bench.fetch(model);
    const root = repositoryFolder(bench.cache, model);
    const { files } = JSON.parse(await readFile(join(root, "trees", `${commit}.json`), "utf8")) as {
      files: Record<string, { blob_id: string }>;
    };
    const blob = join(root, "blobs", files["config.json"]?.blob_id as string);
    await writeFile(blob, "short");
    await bench.fetch(model);
    expect((await stat(blob)).size).toBeGreaterThan(100);

    await bench.hub.addRepo({ id: "mlx-community/evil", files: { "../../../escaped.txt": "x", "config.json": "{}" } });
    expect(await bench.fetch("mlx-community/evil")).toMatchObject({ state: "failed", error: { code: "unsupported" } });
    expect(await isThere(repositoryFolder(bench.cache, "mlx-community/evil"))).toBe(false);
  });
});

describe("what a download does not do", () => {
  test("fetches weights twice when a repository has them in several formats", async () => {
    const files = { ...tinyRepo(model).files, "pytorch_model.bin": { size: 2 * mebibyte, seed: 5 } };
    bench = await openBench({ hub: { repos: [{ ...tinyRepo(model), files }] } });
    const { commit, state } = await bench.fetch(model);
    expect(state).toBe("completed");
    const root = repositoryFolder(bench.cache, model);
    expect(await isThere(join(root, "snapshots", commit as string, "pytorch_model.bin"))).toBe(false);
    // A listing that names a file left out on purpose would make offline calls of other tools fail.
    expect(await isThere(join(root, "trees"))).toBe(false);
  });

  test("touches the unfinished files of other clients", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    const blobs = join(repositoryFolder(bench.cache, model), "blobs");
    await mkdir(blobs, { recursive: true });
    await writeFile(join(blobs, "abc.incomplete"), "theirs");
    bench.hub.faults.add({ kind: "stall", afterBytes: 100, file: "model.safetensors" });
    const { download } = bench.downloads.create({ model, revision: "main" });
    await bench.hub.waitForRequest(({ faults }) => faults.includes("stall"));
    await bench.downloads.cancel(download.id);
    expect(await readFile(join(blobs, "abc.incomplete"), "utf8")).toBe("theirs");
  });
});
