import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, statfs, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download, DownloadState } from "../../../../service/src/contract/downloads.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { isFull } from "../../../tools/counts.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import { startServiceProcess } from "../../../tools/service-process.ts";
import type { ServiceProcess } from "../../../tools/service-process.ts";
import { openSmallDisk } from "../../../tools/small-disk.ts";
import type { SmallDisk } from "../../../tools/small-disk.ts";
import { listing, mebibyte } from "./download-bench.ts";
import { faultsOf, rangedRepo } from "./referee-rig.ts";

/** Referee case 7: the whole service with its cache on a disk of 112 MiB. */
const first = "mlx-community/first";
const second = "mlx-community/second";
const size = 60 * mebibyte;
let hub: FakeHub;
let disk: SmallDisk;
let home: string;
let service: ServiceProcess;
/** The cache as this process sees it. */
let cache: string;

beforeEach(async () => {
  hub = await startFakeHub({ repos: [first, second].map((id, seed) => rangedRepo(id, seed + 1, size)) });
  home = await mkdtemp(join(tmpdir(), "mlx-manager-referee-"));
  disk = openSmallDisk(112 * mebibyte);
  service = await startServiceProcess({
    ...{ home, command: disk.command },
    environment: { HF_ENDPOINT: hub.url, MLX_MANAGER_HF_CACHE_PATH: join(disk.path, "hub") },
  });
  cache = join(disk.seenThrough(service.pid), "hub");
});
afterEach(async () => {
  await service.kill("SIGKILL");
  disk.remove();
  await hub.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

const api = () => serviceApi(service.address);
const create = (model: string): Promise<Download> => api().send("POST", "/api/downloads", { model });
const command = (id: string, verb: string): Promise<Download> => api().send("POST", `/api/downloads/${id}/${verb}`);
const seen = (id: string, fits: (download: Download) => boolean): Promise<Download> =>
  api().until("downloads", ({ snapshot, event }) => {
    const all = [...(snapshot?.downloads ?? [])];
    if (event?.type === "download.changed" || event?.type === "download.progress") all.push(event.data);
    return all.find((download) => download.id === id && fits(download));
  });
const rests = ({ state }: Download): boolean =>
  (["completed", "failed", "paused", "cancelled"] as DownloadState[]).includes(state);
const sent = (repo: string): number =>
  hub.requests
    .filter((request) => request.server === "cdn" && request.repo === repo)
    .reduce((sum, { bytesSent }) => sum + bytesSent, 0);
const freeBytes = async (): Promise<number> => {
  const { bavail, bsize } = await statfs(disk.seenThrough(service.pid));
  return bavail * bsize;
};
/** Takes space as another program would. */
const ballast = (): string => join(disk.seenThrough(service.pid), "ballast");
async function fill(left: number): Promise<void> {
  try {
    await writeFile(ballast(), Buffer.alloc((await freeBytes()) - left, 1));
  } catch (error) {
    // The download wrote meanwhile, and both are out of space: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

describe("referee case 7: a full disk", () => {
  test("a model that does not fit is refused before a byte of it is fetched", async () => {
    await fill(20 * mebibyte);
    const { id } = await create(first);
    const refused = await seen(id, rests);
    expect(refused.error).toMatchObject({ code: "disk_full", details: { neededBytes: expect.any(Number) } });
    expect(refused.error?.message).toMatch(/GB are needed.*GB are free/);
    expect(hub.requests.filter(({ path }) => path.includes("/resolve"))).toEqual([]);
    await api().send("DELETE", `/api/downloads/${id}`);
    expect(await listing(cache)).toEqual([]);
  });

  test("a disk that fills up on the way pauses it; nothing is lost, and it goes on when there is space", async () => {
    // Slow enough that the other program is always faster, also on a busy machine.
    await api().send("PATCH", "/api/settings", { downloadBytesPerSecond: 6 * mebibyte });
    const { id } = await create(first);
    await seen(id, ({ bytesDone }) => bytesDone >= 20 * mebibyte);
    await fill(2 * mebibyte);
    const paused = await seen(id, rests);
    expect(paused).toMatchObject({ state: "paused", pauseReason: "disk_full", error: { code: "disk_full" } });
    await api().send("PATCH", "/api/settings", { downloadBytesPerSecond: null });
    // Still no space: it looks first and asks for nothing.
    const requests = hub.requests.length;
    await command(id, "resume");
    await seen(id, ({ state, updatedAt }) => state === "paused" && updatedAt > paused.updatedAt);
    expect(hub.requests).toHaveLength(requests);

    await truncate(ballast(), 0);
    // By itself too, within half a minute: only the full run waits for that.
    if (!isFull) await command(id, "resume");
    const done = await seen(id, ({ state }) => state === "completed");
    expect(await faultsOf(cache, first, done)).toEqual([]);
    // Twice comes only what was on its way when the disk was full.
    expect(sent(first)).toBeLessThanOrEqual(size + 64 * mebibyte);
  }, 120_000);

  test("two that fit alone but not together: one comes, the other waits for space and costs nothing", async () => {
    expect(await freeBytes()).toBeGreaterThan(size);
    const downloads = await Promise.all([create(first), create(second)]);
    const ended = await Promise.all(downloads.map(({ id }) => seen(id, rests)));
    const done = ended.filter(({ state }) => state === "completed");
    const refused = ended.filter(({ error }) => error?.code === "disk_full");
    expect([done.length, refused.length]).toEqual([1, 1]);
    expect(sent(refused[0]!.model)).toBe(0);
    expect(await faultsOf(cache, done[0]!.model, done[0]!)).toEqual([]);

    await api().send("DELETE", `/api/models/${done[0]!.model}`);
    const { id, state, model } = refused[0]!;
    await command(id, state === "paused" ? "resume" : "retry");
    const later = await seen(id, ({ state: now }) => now === "completed");
    expect(await faultsOf(cache, model, later)).toEqual([]);
  });
});
