import { afterEach, describe, expect, test } from "@jest/globals";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { createLeftovers } from "../../../../service/src/library/downloads/leftovers.ts";
import { fakeDownload } from "../../../fakes/fake-service-state.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { handClock, temporaryFolder } from "../parts.ts";
import { isThere, listing, openBench, partsFolder, repositoryFolder } from "./download-bench.ts";
import type { DownloadBench } from "./download-bench.ts";

const model = "mlx-community/tiny-4bit";
const hour = 3_600_000;
const blobId = "a".repeat(64);

/** Parts as a download leaves them when the service dies; last written at `time`. */
async function leaveParts(cache: string, id: string, time: number, bytes = 4096): Promise<void> {
  const folder = partsFolder(cache, model);
  await mkdir(folder, { recursive: true });
  await mkdir(join(repositoryFolder(cache, model), "snapshots"), { recursive: true });
  for (const [name, size] of [
    [`${blobId}.${id}.part`, bytes],
    [`${id}.journal.json`, 10],
    [`${id}.intent.json`, 2],
  ] as const) {
    await writeFile(join(folder, name), Buffer.alloc(size, 1));
    await utimes(join(folder, name), time / 1000, time / 1000);
  }
}

describe("parts that no download is going to finish", () => {
  const clock = handClock();
  const rows: Record<string, Download["state"]> = {
    dl_done: "completed",
    dl_gone: "cancelled",
    dl_failed: "failed",
    dl_paused: "paused",
  };
  const find = (id: string) => (rows[id] ? fakeDownload(model, { id, state: rows[id] }) : null);

  test("are told of by model and size, without paths; those of another service only when nobody writes them", async () => {
    const folder = await temporaryFolder();
    try {
      const leftovers = createLeftovers({ cachePath: folder.path, find, clock });
      expect(await leftovers.list()).toEqual([]);
      for (const id of Object.keys(rows)) await leaveParts(folder.path, id, clock.now());
      await leaveParts(folder.path, "dl_busy-stranger", clock.now() - hour / 2);
      await leaveParts(folder.path, "dl_quiet-stranger", clock.now() - 2 * hour);
      await leaveParts(folder.path, "dl_dead-stranger", clock.now() - 8 * 24 * hour);
      const list = await leftovers.list();
      expect(list).toHaveLength(5);
      for (const { model: id, bytes, description } of list) {
        expect(id).toBe(model);
        expect(bytes).toBeGreaterThanOrEqual(4096);
        expect(description).not.toContain("/");
      }
      // A failed download is the person's to retry, a stranger's may go on: only the others go unasked.
      await leftovers.removeEnded();
      expect(await leftovers.list()).toHaveLength(2);
      expect(await leftovers.remove()).toHaveLength(2);
      expect(await leftovers.list()).toEqual([]);
      const left = (await listing(partsFolder(folder.path, model))).filter((name) => name.endsWith(".part"));
      expect(left).toEqual([`${blobId}.dl_busy-stranger.part`, `${blobId}.dl_paused.part`]);
    } finally {
      await folder.remove();
    }
  });

  test("go with the folders that were only theirs", async () => {
    const folder = await temporaryFolder();
    try {
      await leaveParts(folder.path, "dl_gone", clock.now());
      await createLeftovers({ cachePath: folder.path, find, clock }).remove();
      expect(await listing(folder.path)).toEqual([]);
    } finally {
      await folder.remove();
    }
  });
});

describe("a start of the service", () => {
  let bench: DownloadBench;
  afterEach(() => bench.close());

  test("removes what a crash after the end of a download left, and touches no lock of other clients", async () => {
    bench = await openBench({ hub: { repos: [tinyRepo(model)] } });
    const { id } = await bench.fetch(model);
    await leaveParts(bench.cache, id, Date.now());
    const lock = join(bench.cache, ".locks", "models--mlx-community--tiny-4bit", `${blobId}.lock`);
    await mkdir(join(lock, ".."), { recursive: true });
    await writeFile(lock, "");
    const before = (await listing(bench.cache)).filter((line) => !line.includes(".mlx-manager-parts"));
    await bench.restart();
    await bench.downloads.close();
    expect(await listing(bench.cache)).toEqual(before);
    expect(await isThere(lock)).toBe(true);
  });

  test("keeps the parts of a failed download for its retry, until they are cleaned away on purpose", async () => {
    const files = { "config.json": "{}", "a.bin": { size: 500_000, seed: 2 }, "big.bin": { size: 3_000_000, seed: 1 } };
    const big = { id: "own/big", files, lfs: (path: string) => path.endsWith(".bin") };
    bench = await openBench({ hub: { repos: [big] }, tuning: { attempts: 2 } });
    bench.hub.faults.add({ kind: "refuse", file: "big.bin", server: "cdn" });
    const failed = await bench.fetch(big.id);
    expect(failed.state).toBe("failed");
    await bench.restart();
    const [stale, ...more] = await bench.downloads.staleParts();
    expect(more).toEqual([]);
    expect(stale).toMatchObject({
      model: big.id,
      description: expect.stringMatching(/download of main that was failed on/),
    });
    expect(await bench.downloads.cleanParts()).toEqual([stale]);
    expect(await listing(bench.cache)).toEqual([]);
    bench.hub.reset();
    await bench.downloads.retry(failed.id);
    await bench.reaches(failed.id, "completed");
  });
});
