import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { byteSource, digest } from "../../../fakes/fake-hub/index.ts";
import type { RecordedRequest } from "../../../fakes/fake-hub/index.ts";
import { mlxPatterns, offlineSnapshot, pythonHub } from "../../../tools/python-hub.ts";
import type { PythonHub } from "../../../tools/python-hub.ts";
import { contentOf, listing, mebibyte, repositoryFolder } from "./download-bench.ts";
import { faultsOf, openReferee, startOf, storageRequests } from "./referee-rig.ts";
import type { Referee } from "./referee-rig.ts";

/** Referee case 8: Python's own client judges the cache, before, during and after. */
const model = "mlx-community/shared-with-python";
const weights = "model.safetensors";
const size = 48 * mebibyte;
const content = { size, seed: 8 };
let referee: Referee;
let python: PythonHub;

beforeEach(async () => {
  const repo = tinyRepo(model, { xetHash: true });
  referee = await openReferee({ hub: { repos: [{ ...repo, files: { ...repo.files, [weights]: content } }] } });
  python = await pythonHub(referee.cache, referee.hub.url);
});
afterEach(() => referee.close());

const sent = (): number => storageRequests(referee.hub, weights).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
/** Our download stands still after 16 MiB until the answer is called; Python's does not. */
function standStill(): () => void {
  const isOurs = ({ headers }: RecordedRequest): boolean => headers["user-agent"]?.startsWith("mlx-manager") === true;
  const storage = { kind: "stall", file: weights, server: "cdn" } as const;
  const faults = [
    referee.hub.faults.add({
      ...storage,
      afterBytes: 16 * mebibyte,
      when: (one) => isOurs(one) && startOf(one) < 16 * mebibyte,
    }),
    referee.hub.faults.add({ ...storage, afterBytes: 0, when: (one) => isOurs(one) && startOf(one) >= 16 * mebibyte }),
  ];
  return () => {
    for (const off of faults) off();
    referee.hub.faults.release();
  };
}

const isWhole = async (): Promise<void> => {
  const all = await offlineSnapshot(python, model, null);
  expect(await offlineSnapshot(python, model, mlxPatterns)).toBe(all);
  await python.hf("cache", "verify", model, "--fail-on-missing-files", "--fail-on-extra-files");
  expect(await python.warnings()).toEqual([]);
};

describe("referee case 8: Python's client beside ours", () => {
  test("during, paused, done, deleted and cancelled: its scan has no warnings; done: it loads, lists and verifies", async () => {
    const goOn = standStill();
    const { id } = await referee.create(model);
    await referee.seen(id, ({ bytesDone }) => bytesDone > 10 * mebibyte);
    expect(await python.warnings()).toEqual([]);
    await expect(offlineSnapshot(python, model, mlxPatterns)).rejects.toThrow("LocalEntryNotFoundError");
    await referee.command(id, "pause");
    expect(await python.warnings()).toEqual([]);
    goOn();
    await referee.command(id, "resume");
    const done = await referee.reaches(id, "completed");
    await isWhole();
    // What the server of mlx_lm wants to see before it lists a model.
    const rule =
      "from huggingface_hub import scan_cache_dir\n" +
      `repo = next(one for one in scan_cache_dir().repos if one.repo_id == "${model}")\n` +
      'print(sorted(file.file_name for file in repo.refs["main"].files if file.file_name.endswith(".json")))';
    expect(await python.run(rule)).toBe("['config.json', 'tokenizer.json', 'tokenizer_config.json']");
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);

    await referee.api.send("DELETE", `/api/models/${model}`);
    expect(await python.warnings()).toEqual([]);
    standStill();
    const again = await referee.create(model);
    await referee.seen(again.id, ({ bytesDone }) => bytesDone > 10 * mebibyte);
    await referee.cancel(again.id);
    expect(await python.warnings()).toEqual([]);
    expect(await listing(repositoryFolder(referee.cache, model))).toEqual([]);
  }, 120_000);

  test("`hf download` of the same model at the same time: both finish, and the cache is one", async () => {
    const goOn = standStill();
    const { id } = await referee.create(model);
    await referee.seen(id, ({ bytesDone }) => bytesDone > 2 * mebibyte);
    const theirs = python.hf("download", model, "--quiet");
    await referee.hub.waitForRequest(
      (one) => one.file === weights && one.headers["user-agent"]?.includes("hf_hub") === true && one.bytesSent > 0,
    );
    goOn();
    const done = await referee.reaches(id, "completed");
    await theirs;
    await isWhole();
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    const blobs = await readdir(join(repositoryFolder(referee.cache, model), "blobs"));
    expect(blobs.filter((name) => !/^[0-9a-f]{40,64}$/.test(name))).toEqual([]);
  }, 120_000);

  test("what `hf download` brought is taken as it is, checked, and not fetched again", async () => {
    await python.hf("download", model, "--quiet");
    const before = sent();
    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", bytesDone: done.bytesTotal, bytesVerified: done.bytesTotal });
    expect(sent()).toBe(before);
    await isWhole();
  }, 120_000);

  test("`hf cache prune` while paused takes nothing of ours", async () => {
    const goOn = standStill();
    const { id } = await referee.create(model);
    await referee.seen(id, ({ bytesDone }) => bytesDone > 10 * mebibyte);
    await referee.command(id, "pause");
    await python.hf("cache", "prune", "--yes");
    goOn();
    await referee.command(id, "resume");
    await referee.reaches(id, "completed");
    // Only what was on its way when it was paused comes twice.
    expect(sent()).toBeLessThanOrEqual(size + 16 * mebibyte);
    await isWhole();
  }, 120_000);

  test("an update comes in while the old revision is loaded offline; the name moves only when all is there", async () => {
    const first = await referee.fetch(model);
    const old = await offlineSnapshot(python, model, null);
    await referee.hub.updateRepo(model, { files: { [weights]: { size, seed: 88 }, "config.json": '{"new":true}' } });
    const goOn = standStill();
    const { id } = await referee.create(model);
    await referee.seen(id, ({ bytesDone }) => bytesDone > 10 * mebibyte);
    expect(await offlineSnapshot(python, model, mlxPatterns)).toBe(old);
    expect(await contentOf(referee.cache, model, first.commit as string, weights)).toHaveLength(size);
    expect(await python.warnings()).toEqual([]);
    goOn();
    const second = await referee.reaches(id, "completed");
    expect(await offlineSnapshot(python, model, null)).toContain(second.commit);
    // The one that somebody has open stays whole until it is deleted.
    expect(await contentOf(referee.cache, model, first.commit as string, weights)).toHaveLength(size);
    await isWhole();
  }, 120_000);

  test("a payload in the store that repositories share is linked, not fetched, and counts as in use there", async () => {
    const sha256 = await digest(await byteSource(content), "sha256");
    const xet = createHash("sha256").update(`xet ${sha256}`).digest("hex");
    const store = join(referee.cache, "blobs");
    const payload = join(store, xet.slice(0, 2), xet);
    await mkdir(join(payload, ".."), { recursive: true });
    await writeFile(join(store, ".huggingface-shared-blobs"), "1\n");
    const reader = await (await byteSource(content)).open();
    const bytes = Buffer.alloc(size);
    for (let done = 0; done < size;) done += await reader.read(bytes.subarray(done), done);
    await writeFile(payload, bytes, { mode: 0o444 });

    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", error: null });
    expect(sent()).toBe(0);
    const blob = join(repositoryFolder(referee.cache, model), "blobs", sha256);
    expect(await readlink(blob)).toBe(join("..", "..", "blobs", xet.slice(0, 2), xet));
    const reference = `models--${model.replace("/", "--")}/blobs/${sha256}`;
    expect((await readFile(`${payload}.refs`, "utf8")).split("\n")).toContain(reference);
    await isWhole();
    await python.hf("cache", "prune", "--yes");
    expect((await stat(payload)).size).toBe(size);

    // With the model goes its reference, and then the payload has no user left.
    await referee.api.send("DELETE", `/api/models/${model}`);
    expect(await python.warnings()).toEqual([]);
    await python.hf("cache", "prune", "--yes");
    await expect(stat(payload)).rejects.toThrow("ENOENT");
  }, 120_000);

  test("a payload of the right size and the wrong bytes is not believed", async () => {
    const sha256 = await digest(await byteSource(content), "sha256");
    const xet = createHash("sha256").update(`xet ${sha256}`).digest("hex");
    const store = join(referee.cache, "blobs");
    await mkdir(join(store, xet.slice(0, 2)), { recursive: true });
    await writeFile(join(store, ".huggingface-shared-blobs"), "1\n");
    await writeFile(join(store, xet.slice(0, 2), xet), Buffer.alloc(size), { mode: 0o444 });
    const done = await referee.fetch(model);
    expect(done).toMatchObject({ state: "completed", error: null });
    expect(await faultsOf(referee.cache, model, done)).toEqual([]);
    expect(sent()).toBeGreaterThanOrEqual(size);
    await python.hf("cache", "verify", model);
  }, 120_000);
});
