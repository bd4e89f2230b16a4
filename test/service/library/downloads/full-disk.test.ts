import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import { byteSource, digest as digestOf, startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { openSmallDisk } from "../../../tools/small-disk.ts";
import type { SmallDisk } from "../../../tools/small-disk.ts";
import { temporaryFolder } from "../parts.ts";
import { mebibyte, repositoryFolder } from "./download-bench.ts";
import { startDownloadProcess } from "./download-process.ts";
import type { DownloadProcess } from "./download-process.ts";

const file = "model.safetensors";
// Small enough to come over one connection: where it stalls is then known, however slow the machine is.
const size = 30 * mebibyte;
const first = "mlx-community/first";
const second = "mlx-community/second";
let hub: FakeHub;
let disk: SmallDisk;
let folder: { path: string; remove: () => Promise<void> };
let child: DownloadProcess;

beforeEach(async () => {
  const repos = [first, second].map((id, index) => ({ id, files: { [file]: { size, seed: index + 1 } } }));
  hub = await startFakeHub({ repos });
  folder = await temporaryFolder();
  disk = openSmallDisk(52 * mebibyte);
  child = await startDownloadProcess({
    endpoint: hub.url,
    databasePath: join(folder.path, "downloads.db"),
    cachePath: join(disk.path, "hub"),
    command: disk.command,
  });
});
afterEach(async () => {
  await child.kill();
  disk.remove();
  await hub.close();
  await folder.remove();
});

const stallAt = (bytes: number) => hub.faults.add({ kind: "stall", afterBytes: bytes, repo: first, server: "cdn" });

describe("a full disk", () => {
  test("pauses the download, loses nothing, and it goes on when there is space", async () => {
    stallAt(20 * mebibyte);
    const { id } = await child.ask<Download>("create", first);
    await child.seen(({ bytesDone }) => bytesDone >= 19 * mebibyte);
    const ballast = join(disk.path, "ballast");
    await child.ask("fill", ballast, 3 * mebibyte);
    hub.faults.clear();
    hub.faults.release();
    const paused = await child.seen(({ state }) => state === "paused");
    expect(paused).toMatchObject({ pauseReason: "disk_full", error: { code: "disk_full" } });
    // Still no space: it looks first and asks for nothing.
    const requests = hub.requests.length;
    await child.ask("resume", id);
    const refused = await child.seen(({ state, updatedAt }) => state === "paused" && updatedAt > paused.updatedAt);
    expect(refused).toMatchObject({
      pauseReason: "disk_full",
      error: { details: { neededBytes: expect.any(Number) } },
    });
    expect(hub.requests).toHaveLength(requests);

    await child.ask("remove", ballast);
    await child.ask("resume", id);
    const done = await child.seen(({ state }) => state === "completed");
    const path = join(repositoryFolder(join(disk.path, "hub"), first), "snapshots", done.commit as string, file);
    const digest = await child.ask<string>("digest", path);
    const sent = hub.requests
      .filter(({ server }) => server === "cdn")
      .reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    // What was in the sockets when the disk filled up, and the little given up to make room for the journal.
    expect(sent).toBeLessThanOrEqual(size + 16 * mebibyte);
    expect(digest).toBe(await digestOf(await byteSource({ size, seed: 1 }), "sha256"));
  });

  test("keeps nobody waiting who has room again: the download goes on by itself, and says so", async () => {
    stallAt(20 * mebibyte);
    const { id } = await child.ask<Download>("create", first);
    await child.seen(({ bytesDone }) => bytesDone >= 19 * mebibyte);
    const ballast = join(disk.path, "ballast");
    await child.ask("fill", ballast, 3 * mebibyte);
    hub.faults.clear();
    hub.faults.release();
    const paused = await child.seen(({ state }) => state === "paused");
    expect(paused.error?.message).toMatch(/GB are needed, .* GB are free.*goes on by itself/);
    await child.ask("look", "");
    await child.ask("remove", ballast);
    await child.ask("look", "");
    expect(await child.seen(({ state }) => state === "completed")).toMatchObject({ id, error: null });
  });

  test("is foreseen: two models that fit alone but not together", async () => {
    stallAt(10 * mebibyte);
    const { id } = await child.ask<Download>("create", first);
    await child.seen(({ bytesDone }) => bytesDone >= 9 * mebibyte);
    const other = await child.ask<Download>("create", second);
    const refused = await child.seen((download) => download.id === other.id && download.state === "failed");
    expect(refused.error).toMatchObject({ code: "disk_full", details: { freeBytes: expect.any(Number) } });
    expect(refused.error?.message).toMatch(/GB are needed, .* GB are free/);
    expect(hub.requests.filter(({ repo, server }) => repo === second && server === "cdn")).toEqual([]);
    await child.ask("cancel", id);
    await child.ask("retry", other.id);
    await child.seen((download) => download.id === other.id && download.state === "completed");
  });
});
