import { afterEach, describe, expect, test } from "@jest/globals";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { failureOf } from "../parts.ts";
import { contentOf, isThere, listing, mebibyte, openBench, partsFolder, repositoryFolder } from "./download-bench.ts";
import type { DownloadBench } from "./download-bench.ts";

const model = "mlx-community/weights";
const file = "model.safetensors";
// Small enough to come over one connection: where it stalls is then known, however slow the machine is.
const size = 30 * mebibyte;
const repo = { id: model, files: { "config.json": "{}", [file]: { size, seed: 3 } } };
let bench: DownloadBench;
afterEach(() => bench.close());

const sent = () =>
  bench.hub.requests.filter(({ server }) => server === "cdn").reduce((sum, { bytesSent }) => sum + bytesSent, 0);

/** Starts the download and lets it stand still once it has 20 MiB. */
async function halfway(): Promise<string> {
  bench.hub.faults.add({ kind: "stall", afterBytes: 20 * mebibyte, file, server: "cdn" });
  const { download } = bench.downloads.create({ model, revision: "main" });
  await bench.seen(download.id, ({ bytesDone }) => bytesDone >= 19 * mebibyte);
  return download.id;
}

describe("pause and resume", () => {
  test("a paused download goes on where it was", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    expect(await bench.downloads.pause(id)).toMatchObject({
      state: "paused",
      pauseReason: "user",
      bytesPerSecond: null,
    });
    bench.hub.reset();
    expect(await bench.downloads.pause(id)).toMatchObject({ state: "paused" });
    await bench.downloads.resume(id);
    expect(await bench.reaches(id, "completed")).toMatchObject({ pauseReason: null, bytesDone: size + 2 });
    expect(sent()).toBeLessThanOrEqual(size - 19 * mebibyte);
  });

  test("stays paused over a restart of the service, and goes on afterwards", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    await bench.downloads.pause(id);
    await bench.restart();
    expect(bench.downloads.get(id)).toMatchObject({ state: "paused" });
    bench.hub.reset();
    await bench.downloads.resume(id);
    await bench.reaches(id, "completed");
    expect(sent()).toBeLessThanOrEqual(size - 19 * mebibyte);
  });

  test("a running download goes on by itself after a restart, pinned to the commit it began with", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    const { commit } = bench.downloads.get(id);
    await bench.hub.updateRepo(model, { files: { [file]: { size, seed: 9 } } });
    bench.hub.faults.clear();
    const requests = bench.hub.requests.length;
    await bench.restart();
    expect(await bench.reaches(id, "completed")).toMatchObject({ commit });
    expect(bench.hub.requests.slice(requests).filter(({ path }) => path.startsWith("/api/models/"))).toEqual([]);
  });

  test("pausing while it waits in the queue or plans takes effect at once", async () => {
    const other = "mlx-community/other";
    bench = await openBench({ hub: { repos: [repo, tinyRepo(other)] }, settings: { downloadConcurrency: 1 } });
    const first = await halfway();
    const { download } = bench.downloads.create({ model: other, revision: "main" });
    expect(download.state).toBe("queued");
    expect(await bench.downloads.pause(download.id)).toMatchObject({ state: "paused" });
    await bench.downloads.cancel(first);
    bench.hub.faults.add({ kind: "latency", milliseconds: 2000, path: "/api/models/" });
    await bench.downloads.resume(download.id);
    await bench.reaches(download.id, "planning");
    expect(await bench.downloads.pause(download.id)).toMatchObject({ state: "paused" });
  });
});

describe("cancel", () => {
  test("leaves nothing of a model that was not here", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    expect(await isThere(partsFolder(bench.cache, model))).toBe(true);
    expect(await bench.downloads.cancel(id)).toMatchObject({ state: "cancelled" });
    expect(await listing(bench.cache)).toEqual([]);
    expect(await bench.downloads.cancel(id)).toMatchObject({ state: "cancelled" });
    expect(bench.downloads.activeFor(model)).toBeNull();
  });

  test("works on paused and failed downloads, and after a restart", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    await bench.downloads.pause(id);
    await bench.restart();
    await bench.downloads.cancel(id);
    expect(await listing(bench.cache)).toEqual([]);
    bench.hub.reset();
    bench.hub.faults.add({ kind: "refuse", file, server: "cdn" });
    const failed = await bench.fetch(model);
    expect(failed.state).toBe("failed");
    expect(await isThere(partsFolder(bench.cache, model))).toBe(true);
    await bench.downloads.cancel(failed.id);
    expect(await listing(bench.cache)).toEqual([]);
  });

  test("keeps every foreign file, and the parts of other downloads", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const root = repositoryFolder(bench.cache, model);
    await mkdir(join(root, "blobs"), { recursive: true });
    await writeFile(join(root, "blobs", "theirs.incomplete"), "x");
    await mkdir(join(root, ".mlx-manager-parts"));
    await writeFile(join(root, ".mlx-manager-parts", "abc.dl_other.part"), "x");
    const id = await halfway();
    await bench.downloads.cancel(id);
    expect(await listing(root)).toEqual(
      [
        ".mlx-manager-parts/",
        ".mlx-manager-parts/abc.dl_other.part",
        "blobs/",
        "blobs/theirs.incomplete",
        "snapshots/",
      ].sort(),
    );
  });

  test("one revision goes while another of the same model comes in, which then has its folders", async () => {
    bench = await openBench({ hub: { repos: [{ ...repo, branches: { other: { ...repo.files, "b.txt": "b" } } }] } });
    const id = await halfway();
    await bench.downloads.pause(id);
    bench.hub.reset();
    bench.hub.faults.add({ kind: "latency", milliseconds: 300, file: "b.txt" });
    const { download } = bench.downloads.create({ model, revision: "other" });
    await bench.reaches(download.id, "downloading");
    expect(await bench.downloads.cancel(id)).toMatchObject({ state: "cancelled" });
    await bench.reaches(download.id, "completed");
    expect(await isThere(partsFolder(bench.cache, model))).toBe(false);
  });
});

describe("commands", () => {
  test("a second request for the same model and revision gets the same download", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    expect(bench.downloads.create({ model, revision: "main" })).toMatchObject({ created: false, download: { id } });
    expect(bench.downloads.activeFor(model)).toBe(id);
    bench.hub.faults.release();
    await bench.reaches(id, "completed");
    const asked = bench.hub.requests.filter(({ path }) => path.includes("/resolve/") && path.includes(file));
    expect(asked).toHaveLength(1);
    expect(sent()).toBeLessThan(2 * size);
  });

  test("pause, resume and cancel given at once leave one clear state", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    const states = await Promise.all([
      bench.downloads.pause(id),
      bench.downloads.resume(id),
      bench.downloads.pause(id),
      bench.downloads.cancel(id),
      bench.downloads.resume(id),
    ]);
    expect(states.at(-1)).toMatchObject({ state: "cancelled" });
    expect(await listing(bench.cache)).toEqual([]);
  });

  test("at most so many run at once, one per model, oldest first", async () => {
    const ids = Array.from({ length: 4 }, (_, index) => `mlx-community/m${index}`);
    bench = await openBench({ hub: { repos: ids.map((id) => tinyRepo(id)) }, settings: { downloadConcurrency: 2 } });
    const downloads = ids.map((id) => bench.downloads.create({ model: id, revision: "main" }).download);
    for (const { id } of downloads) await bench.reaches(id, "completed");
    const running = new Set<string>();
    let most = 0;
    for (const event of bench.events) {
      if (event.type !== "download.changed") continue;
      if (["planning", "downloading", "verifying", "committing"].includes(event.data.state)) running.add(event.data.id);
      else running.delete(event.data.id);
      most = Math.max(most, running.size);
    }
    expect(most).toBe(2);
  });

  test("names of reserved owners, unknown ids and patterns without a match are refused with a code", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    expect(() => bench.downloads.create({ model: "mlx-manager/demo", revision: "main" })).toThrow(
      expect.objectContaining({ code: "invalid_request" }),
    );
    expect(() => bench.downloads.get("dl_none")).toThrow(expect.objectContaining({ code: "not_found" }));
    const { download } = bench.downloads.create({ model, revision: "main", files: ["*.nothing"] });
    const failed = await bench.seen(download.id, ({ state }) => state === "failed");
    expect(failed.error?.code).toBe("invalid_request");
    expect(await failureOf(Promise.resolve().then(() => bench.downloads.get("x")))).toMatchObject({
      code: "not_found",
    });
  });

  test("a worker that dies is started again and its downloads go on", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    bench.hub.faults.clear();
    bench.killWorker();
    const download = await bench.reaches(id, "completed");
    expect(await contentOf(bench.cache, model, download.commit as string, file)).toHaveLength(size);
  });

  test("a download whose files another program removed says so, and a retry brings the model", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    const id = await halfway();
    await rm(repositoryFolder(bench.cache, model), { recursive: true });
    bench.hub.faults.clear();
    bench.hub.faults.release();
    const failed = await bench.seen(id, ({ state }) => state === "failed");
    expect(failed.error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Another program removed"),
    });
    await bench.downloads.retry(id);
    const done = await bench.reaches(id, "completed");
    expect(await contentOf(bench.cache, model, done.commit as string, file)).toHaveLength(size);
  });

  test("a model that is being downloaded lists with progress no faster than twice a second", async () => {
    bench = await openBench({ hub: { repos: [repo] } });
    bench.hub.faults.add({ kind: "bandwidth", bytesPerSecond: 40 * mebibyte, file, server: "cdn" });
    const { id } = await bench.fetch(model);
    const samples = bench.events.filter(({ type }) => type === "download.progress");
    expect(samples.length).toBeGreaterThan(0);
    const times = samples.map(({ at }) => Date.parse(at));
    for (let index = 1; index < times.length; index += 1)
      expect((times[index] ?? 0) - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(480);
    expect(samples.every(({ data }) => (data as { id: string }).id === id)).toBe(true);
    expect(bench.downloads.list({ limit: 10, active: false }).items).toHaveLength(1);
    expect(bench.downloads.list({ limit: 10, active: true }).items).toHaveLength(0);
  });
});
