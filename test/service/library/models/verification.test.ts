import { appendFile, mkdir, readFile, readdir, rm, symlink, truncate, unlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import type { Job } from "../../../../service/src/contract/jobs.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import type { ApiFailure } from "../../../tools/service-api.ts";
import { addRevision, modelFiles } from "./hub-cache.ts";
import { openLibrary } from "./library-rig.ts";
import type { Library, LibraryOptions } from "./library-rig.ts";

const id = "own/tiny";
let library: Library;
afterEach(() => library.close());

const open = async (options: LibraryOptions = {}): Promise<void> => {
  library = await openLibrary({ hub: { repos: [tinyRepo(id)] }, ...options });
};
const repository = () => join(library.cache, "models--own--tiny");
const snapshot = async (): Promise<string> => {
  const [commit = ""] = await readdir(join(repository(), "snapshots"));
  return join(repository(), "snapshots", commit);
};

/** Paths of all files and links below a folder. */
const filesOf = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)));
};

describe("verification", () => {
  test("finds every file of a fresh download right, and says when", async () => {
    await open();
    await library.fetch(id);
    expect((await library.model(id)).verifiedAt).toBeNull();
    const { job, found } = await library.verify(id);
    expect(job).toMatchObject({ kind: "verify", state: "succeeded" });
    const files = await filesOf(await snapshot());
    expect(found).toMatchObject({ model: id, result: "right", current: true, filesUnknown: 0, wrongFiles: [] });
    expect(found.filesChecked).toBe(files.length);
    expect((await library.model(id)).verifiedAt).toBe(found.verifiedAt);
    expect(library.hub.requests.filter(({ path }) => path.includes("/tree/"))).toHaveLength(1);
  });

  test("names what is flipped, cut, gone or closed, and the model says what to do", async () => {
    await open();
    await library.fetch(id);
    const folder = await snapshot();
    const weights = await readFile(join(folder, "model.safetensors"));
    weights[weights.length - 1] = (weights.at(-1) ?? 0) ^ 1;
    await writeFile(join(folder, "model.safetensors"), weights);
    await appendFile(join(folder, "tokenizer.json"), "x");
    await unlink(join(folder, "config.json"));
    const { found } = await library.verify(id);
    expect(found.result).toBe("wrong");
    expect(found.wrongFiles.map(({ path, state }) => `${path} ${state}`)).toEqual([
      "config.json missing",
      "model.safetensors wrong-content",
      "tokenizer.json wrong-size",
    ]);
    const shown = await library.shown(id, ({ problem }) => problem !== null);
    expect(shown).toMatchObject({ verifiedAt: null, problem: "3 files are damaged or missing. Repair the model." });
  });

  test("a repair fetches only what was found wrong, and then all is right", async () => {
    await open();
    await library.fetch(id);
    const folder = await snapshot();
    await truncate(join(folder, "tokenizer.json"), 3);
    expect((await library.verify(id)).found.result).toBe("wrong");
    const asked = library.hub.requests.length;
    const { id: download } = await library.api.send<Download>("POST", `/api/models/${id}/repair`);
    await library.seen(
      ({ type, data }) => type === "download.changed" && data.id === download && data.finishedAt !== null,
    );
    expect(await library.api.get(`/api/downloads/${download}`)).toMatchObject({ state: "completed" });
    const bytes = library.hub.requests.slice(asked).filter(({ path }) => path.includes("/resolve/"));
    expect(new Set(bytes.map(({ file }) => file))).toEqual(new Set(["tokenizer.json"]));
    await library.shown(id, ({ problem }) => problem === null);
    expect((await library.verify(id)).found).toMatchObject({ result: "right", current: true });
  });

  test("what was wrong is past as soon as the files change", async () => {
    await open();
    await library.fetch(id);
    const folder = await snapshot();
    await truncate(join(folder, "tokenizer.json"), 3);
    expect((await library.verify(id)).found).toMatchObject({ result: "wrong", current: true });
    await rm(repository(), { recursive: true });
    await library.hf("download", id);
    await library.shown(id, ({ problem, complete }) => complete && problem === null);
    const later = library.api.get(`/api/models/${id}/verification`);
    const answer = await later.catch((error: unknown) => (error as ApiFailure).status);
    // Either the model was noticed gone meanwhile, and its past with it, or the result is marked as past.
    if (answer !== 404) expect(answer).toMatchObject({ current: false });
    expect((await library.verify(id)).found.result).toBe("right");
  });

  test("copies without links are compared by the commit's list, and by the Hub where there is none", async () => {
    await open();
    await library.fetch(id);
    const folder = await snapshot();
    for (const name of await filesOf(folder)) {
      const content = await readFile(join(folder, name));
      await unlink(join(folder, name));
      await writeFile(join(folder, name), content);
    }
    await rm(join(repository(), "blobs"), { recursive: true });
    expect((await library.verify(id)).found).toMatchObject({ result: "right", filesUnknown: 0 });
    await rm(join(repository(), "trees"), { recursive: true });
    const asked = library.hub.requests.length;
    expect((await library.verify(id)).found).toMatchObject({ result: "right", filesUnknown: 0 });
    expect(library.hub.requests.slice(asked).filter(({ path }) => path.includes("/tree/"))).toHaveLength(1);
  });

  test("where neither the cache nor the Hub knows the checksums it says so", async () => {
    await open({ hub: { repos: [] } });
    const { commit } = await addRevision(library.cache, { id, layout: "copies" });
    await library.service.service.models.rescan(id);
    const { job, found } = await library.verify(id);
    expect(found).toMatchObject({ result: "unknown", revision: commit, filesChecked: 0, wrongFiles: [] });
    expect(found.filesUnknown).toBe(Object.keys(modelFiles).length);
    const logs = await fetch(`${library.service.address}/api/jobs/${job.id}/logs`).then((answer) => answer.text());
    expect(logs).toContain("The Hub did not tell the checksums");
    expect((await library.model(id)).verifiedAt).toBeNull();
  });

  test("a link to a blob that is gone is a missing file, found without the Hub", async () => {
    await open({ environment: { MLX_MANAGER_OFFLINE_MODE: "true" } });
    const { folder, commit } = await addRevision(library.cache, { id, tree: false });
    const link = join(folder, "snapshots", commit, "tokenizer.json");
    await unlink(link);
    await symlink(`../../blobs/${"c".repeat(64)}`, link);
    await library.service.service.models.rescan(id);
    const { found } = await library.verify(id);
    expect(found).toMatchObject({ result: "wrong", wrongFiles: [{ path: "tokenizer.json", state: "missing" }] });
    expect(library.hub.requests).toEqual([]);
  });

  test("nothing is deleted while it is read, a second wish is the same job, and a cancelled one leaves no result", async () => {
    await open();
    const big = { size: 1_500_000_000, seed: 1 };
    await mkdir(library.cache, { recursive: true });
    const { folder, commit } = await addRevision(library.cache, { id });
    const blob = join(folder, "blobs", "d".repeat(64));
    await writeFile(blob, "");
    await truncate(blob, big.size);
    await symlink(`../../blobs/${"d".repeat(64)}`, join(folder, "snapshots", commit, "extra.bin"));
    await library.service.service.models.rescan(id);
    const first = await library.api.send<Job>("POST", `/api/models/${id}/verify`);
    const second = await library.api.send<Job>("POST", `/api/models/${id}/verify`);
    expect(second.id).toBe(first.id);
    await library.seen(({ type, data }) => type === "job.progress" && (data.done ?? 0) > 0);
    const refused = library.api.send("DELETE", `/api/models/${id}`);
    await expect(refused).rejects.toMatchObject({ body: { error: { code: "model_in_use" } } });
    const cancelled = await library.api.send<Job>("POST", `/api/jobs/${first.id}/cancel`);
    expect(cancelled.state).toBe("cancelled");
    await expect(library.api.get(`/api/models/${id}/verification`)).rejects.toMatchObject({ status: 404 });
    await library.api.send("DELETE", `/api/models/${id}`);
  });

  test("a stop in the middle begins it anew at the next start", async () => {
    await open();
    const { folder, commit } = await addRevision(library.cache, { id });
    const blob = join(folder, "blobs", "d".repeat(64));
    await writeFile(blob, "");
    await truncate(blob, 1_500_000_000);
    await symlink(`../../blobs/${"d".repeat(64)}`, join(folder, "snapshots", commit, "extra.bin"));
    await library.service.service.models.rescan(id);
    const { id: jobId } = await library.api.send<Job>("POST", `/api/models/${id}/verify`);
    await library.seen(({ type, data }) => type === "job.progress" && (data.done ?? 0) > 0);
    const { home } = library.service;
    await library.service.service.close({ hurry: Promise.resolve() });
    await truncate(blob, 100);
    await library.hub.close();
    library = await openLibrary({ home, hub: { repos: [] } });
    expect(await library.job(jobId)).toMatchObject({ state: "succeeded", subject: `${id}@${commit}` });
    const found = await library.api.get(`/api/models/${id}/verification`);
    expect(found).toMatchObject({ result: "wrong", wrongFiles: [{ path: "extra.bin", state: "wrong-content" }] });
    await rm(home, { recursive: true, force: true });
  });

  test("the built-in model has no checksums to compare with", async () => {
    await open();
    expect((await library.verify("mlx-manager/demo")).found.result).toBe("unknown");
  });
});
