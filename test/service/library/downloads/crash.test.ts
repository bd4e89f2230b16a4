import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub, RecordedRequest } from "../../../fakes/fake-hub/index.ts";
import { seededRandom, trials } from "../../../tools/counts.ts";
import { temporaryFolder } from "../parts.ts";
import { contentOf, isThere, mebibyte, partsFolder, repositoryFolder } from "./download-bench.ts";
import { startDownloadProcess } from "./download-process.ts";
import type { DownloadProcess } from "./download-process.ts";

const model = "mlx-community/sharded";
const shardSize = 96 * mebibyte;
const shards = [1, 2, 3].map((seed) => ({ path: `model-0000${seed}-of-00003.safetensors`, seed }));
const filesOf = (shift: number) => ({
  "config.json": "{}",
  "notes.txt": "notes",
  ...Object.fromEntries(shards.map(({ path, seed }) => [path, { size: shardSize, seed: seed + shift }])),
});
let hub: FakeHub;
let folder: { path: string; remove: () => Promise<void> };
let child: DownloadProcess | null = null;

beforeEach(async () => {
  hub = await startFakeHub({ repos: [{ id: model, files: filesOf(0) }] });
  folder = await temporaryFolder();
});
afterEach(async () => {
  await child?.kill();
  await hub.close();
  await folder.remove();
});

const start = () =>
  startDownloadProcess({
    endpoint: hub.url,
    databasePath: join(folder.path, "downloads.db"),
    cachePath: join(folder.path, "hub"),
  });

type Interval = readonly [start: number, end: number];

/** The bytes of a shard that the Hub handed to the network in one run, over however many connections. */
function sentOf(requests: readonly RecordedRequest[], path: string): Interval[] {
  return requests
    .filter(({ file, server }) => server === "cdn" && file === path)
    .map(({ headers, bytesSent }) => {
      const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
      return [start, start + bytesSent];
    });
}

/** Bytes that `later` fetched although `earlier` had already been sent them, over all segments. */
function fetchedAgain(earlier: readonly RecordedRequest[], later: readonly RecordedRequest[]): number {
  let again = 0;
  for (const { path } of shards) {
    for (const [start, end] of sentOf(later, path)) {
      for (const [from, to] of sentOf(earlier, path)) again += Math.max(0, Math.min(end, to) - Math.max(start, from));
    }
  }
  return again;
}

describe("killed without a warning", () => {
  test(
    "a download goes on by itself, right to the last byte, with at most 64 MiB fetched again",
    async () => {
      const random = seededRandom(20_261_121);
      const cachePath = join(folder.path, "hub");
      child = await start();
      let earlier: RecordedRequest[] = [];
      for (let trial = 0; trial < trials(3, 20); trial += 1) {
        const mark = Math.floor(random() * 100 * mebibyte);
        const sent = () => hub.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
        await child.ask("create", model);
        const isDone = await Promise.race([
          hub.waitForRequest(() => sent() >= mark).then(() => false),
          child.seen((download) => download.state === "completed").then(() => true),
        ]);
        await child.kill();
        const requests = hub.requests.splice(0);
        expect(fetchedAgain(earlier, requests)).toBeLessThanOrEqual(64 * mebibyte);
        if (requests.some(({ server }) => server === "cdn")) earlier = requests;
        if (isDone) {
          // Done before it could be killed: a new commit with other bytes gives the next trial something to do.
          await hub.updateRepo(model, { files: filesOf(10 * (trial + 1)) });
          earlier = [];
        }
        child = await start();
      }
      const again = await child.ask<{ id: string }>("create", model);
      const done = await child.seen((download) => download.id === again.id && download.state === "completed");
      expect(done).toMatchObject({ error: null, bytesDone: done.bytesTotal, filesDone: 5 });
      expect(await isThere(partsFolder(cachePath, model))).toBe(false);
      for (const { path } of shards) {
        const content = await contentOf(cachePath, model, done.commit as string, path);
        const digest = createHash("sha256").update(content).digest("hex");
        expect(await isThere(join(repositoryFolder(cachePath, model), "blobs", digest))).toBe(true);
        expect(content).toHaveLength(shardSize);
      }
      expect(await readFile(join(repositoryFolder(cachePath, model), "refs", "main"), "utf8")).toBe(done.commit);
    },
    trials(90_000, 300_000),
  );

  test("what lies in the cache in between is never a revision that somebody could load", async () => {
    const cachePath = join(folder.path, "hub");
    hub.faults.add({ kind: "stall", afterBytes: 50 * mebibyte, file: shards[1]?.path ?? "", server: "cdn" });
    child = await start();
    const { id } = await child.ask<{ id: string }>("create", model);
    await child.seen(({ bytesDone }) => bytesDone > 140 * mebibyte);
    await child.kill();
    const root = repositoryFolder(cachePath, model);
    expect(await isThere(join(root, "refs"))).toBe(false);
    expect(await isThere(join(root, "blobs"))).toBe(false);
    expect(await isThere(join(root, "snapshots"))).toBe(true);
    hub.faults.clear();
    child = await start();
    await child.ask("cancel", id);
    expect(await isThere(root)).toBe(false);
  });
});
