import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { appendFile, lstat, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryLayout } from "../../../../service/src/library/downloads/layout.ts";
import { defaultTuning } from "../../../../service/src/library/downloads/messages.ts";
import { openPartStore } from "../../../../service/src/library/downloads/worker/parts/part-store.ts";
import type { PartStore } from "../../../../service/src/library/downloads/worker/parts/part-store.ts";
import { placeSnapshot } from "../../../../service/src/library/downloads/worker/commit/snapshot.ts";
import { handClock, temporaryFolder } from "../parts.ts";
import { isThere } from "./download-bench.ts";

let folder: { path: string; remove: () => Promise<void> };
let stores: PartStore[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const store of stores) await store.close();
  stores = [];
  await folder.remove();
});

const content = Buffer.from("0123456789".repeat(1000));
const blobId = createHash("sha256").update(content).digest("hex");
const blob = { blobId, sizeBytes: content.length };
const layoutOf = () => repositoryLayout(folder.path, "a/b");
async function openStore(): Promise<PartStore> {
  const clock = handClock();
  const options = { layout: layoutOf(), downloadId: "dl_1", blobs: [blob], tuning: defaultTuning, clock };
  stores.push(await openPartStore(options));
  return stores.at(-1)!;
}

async function writtenPart(flushed: number, written: number) {
  const store = await openStore();
  const part = store.parts.get(blobId)!;
  await part.open();
  await part.write([content.subarray(0, flushed)], 0);
  await store.flush();
  await part.write([content.subarray(flushed, written)], flushed);
  return { store, part };
}

describe("the part store", () => {
  test("trusts after a crash what the journal says, and not a byte more", async () => {
    await writtenPart(4000, 9000); // and no close before the next: as after kill -9
    const again = (await openStore()).parts.get(blobId)!;
    expect(again.prefix()).toBe(4000);
  });

  test("forgets a part that is shorter than the journal says, and one without a journal", async () => {
    await writtenPart(4000, 4000);
    const path = layoutOf().part(blobId, "dl_1");
    await truncate(path, 3000);
    expect((await openStore()).parts.get(blobId)!.prefix()).toBe(0);
    expect(await isThere(path)).toBe(false);
    await writeFile(path, content);
    expect((await openStore()).parts.get(blobId)!.prefix()).toBe(0);
  });

  test("does not believe a journal that was cut or is of another form", async () => {
    await writtenPart(4000, 4000);
    const journal = layoutOf().journal("dl_1");
    await appendFile(journal, "}");
    expect((await openStore()).parts.get(blobId)!.prefix()).toBe(0);
    await writeFile(
      journal,
      JSON.stringify({ version: 9, parts: { [blobId]: { sizeBytes: 10_000, ranges: [[0, 10]] } } }),
    );
    expect((await openStore()).parts.get(blobId)!.prefix()).toBe(0);
  });

  test("forgets in the journal first when a part begins anew", async () => {
    const { part } = await writtenPart(4000, 4000);
    await part.reset();
    expect(await readFile(layoutOf().journal("dl_1"), "utf8")).not.toContain(blobId);
    expect((await openStore()).parts.get(blobId)!.prefix()).toBe(0);
  });

  test("keeps its files hidden from every other client, under no name that one would append to", async () => {
    await writtenPart(4000, 4000);
    const layout = layoutOf();
    expect(layout.part(blobId, "dl_1")).toMatch(/\/\.mlx-manager-parts\/[0-9a-f]{64}\.dl_1\.part$/);
    expect(await isThere(layout.snapshots)).toBe(true);
    expect(await isThere(layout.blobs)).toBe(false);
  });
});

describe("the snapshot", () => {
  const commit = "c".repeat(40);
  const files = ["a.txt", "deep/er/b.txt"].map((path) => ({
    path,
    ...blob,
    algorithm: "sha256" as const,
    xetHash: null,
  }));

  test("holds copies where the disk has no symbolic links, and moves what is its own", async () => {
    const layout = layoutOf();
    await mkdir(layout.parts, { recursive: true });
    await mkdir(layout.blobs);
    await writeFile(layout.blob(blobId), content);
    const plan = { layout, downloadId: "dl_1", commit, files, ours: new Set([blobId]) };
    await placeSnapshot(plan, async () => false);
    for (const { path } of files) {
      const place = join(layout.snapshots, commit, path);
      expect((await lstat(place)).isFile()).toBe(true);
      expect(await readFile(place)).toEqual(content);
    }
    expect(await isThere(layout.blob(blobId))).toBe(false);
    expect(await isThere(layout.aside("dl_1", "snapshot"))).toBe(false);
  });
});
