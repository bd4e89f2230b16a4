import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { lstat, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryLayout } from "../../../../service/src/library/downloads/layout.ts";
import type { RepositoryLayout } from "../../../../service/src/library/downloads/layout.ts";
import { commitDownload } from "../../../../service/src/library/downloads/worker/commit/committer.ts";
import { discardDownload } from "../../../../service/src/library/downloads/worker/commit/files.ts";
import { readIntent } from "../../../../service/src/library/downloads/worker/commit/intent.ts";
import { writeJournal } from "../../../../service/src/library/downloads/worker/parts/journal.ts";
import { placeSnapshot } from "../../../../service/src/library/downloads/worker/commit/snapshot.ts";
import { temporaryFolder } from "../parts.ts";
import { isThere, listing } from "./download-bench.ts";

const content = Buffer.from("right content");
const blobId = createHash("sha256").update(content).digest("hex");
const file = { path: "deep/a.bin", sizeBytes: content.length, blobId, algorithm: "sha256" as const, xetHash: null };
const commit = "c".repeat(40);
let folder: { path: string; remove: () => Promise<void> };
let layout: RepositoryLayout;
let place: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  layout = repositoryLayout(folder.path, "a/b");
  place = join(layout.snapshots, commit, file.path);
  for (const path of [layout.parts, layout.blobs, join(place, "..")]) await mkdir(path, { recursive: true });
});
afterEach(() => folder.remove());

const wrongCopy = () => writeFile(place, Buffer.alloc(content.length, 1));
const plan = (ours: string[]) => ({ layout, downloadId: "dl_1", commit, files: [file], ours: new Set(ours) });
const noLinks = async () => false;

describe("a file that stands in the snapshot in the right size", () => {
  test("is replaced by what was fetched, where the disk has no links too", async () => {
    await wrongCopy();
    await writeFile(layout.blob(blobId), content);
    await placeSnapshot(plan([blobId]), noLinks);
    expect(await readFile(place)).toEqual(content);
    expect((await lstat(place)).isFile()).toBe(true);
  });

  test("stays where its content was read and nothing had to be fetched", async () => {
    await writeFile(place, content);
    const { ino } = await lstat(place);
    await placeSnapshot(plan([]), noLinks);
    await placeSnapshot(plan([]));
    expect((await lstat(place)).ino).toBe(ino);
  });

  test("gives way to a link where the blob is here", async () => {
    await wrongCopy();
    await writeFile(layout.blob(blobId), content);
    await placeSnapshot(plan([]));
    expect((await lstat(place)).isSymbolicLink()).toBe(true);
    expect(await readFile(place)).toEqual(content);
  });
});

describe("the intent of a commit", () => {
  const begin = async (downloadId: string) => {
    await writeFile(layout.part(blobId, downloadId), content);
    const record = { sizeBytes: content.length, ranges: [[0, content.length]] as const, isVerified: true };
    await writeJournal(layout, downloadId, new Map([[blobId, record]]));
    return {
      layout,
      cachePath: folder.path,
      downloadId,
      commit,
      revision: "main",
      files: [file],
      listing: null,
      movesRef: true,
    };
  };
  const breakOff = () => {
    throw new Error("broken off");
  };

  test("of a download that another one completed is no longer its to take back", async () => {
    await rm(join(layout.snapshots, commit), { recursive: true });
    await expect(commitDownload(await begin("dl_1"), breakOff)).rejects.toThrow("broken off");
    expect(await readIntent(layout, "dl_1")).toMatchObject({ commit, blobs: [blobId], bringsSnapshot: true });
    await commitDownload(await begin("dl_2"));
    await writeFile(join(layout.refs, "main"), "d".repeat(40));
    await discardDownload(layout, "dl_1");
    expect(await readFile(place)).toEqual(content);
    expect(await isThere(layout.parts)).toBe(false);
  });

  test("that was cut while it was written takes nothing back", async () => {
    await writeFile(layout.intent("dl_1"), '{"commit":"ccc');
    await writeFile(layout.blob(blobId), content);
    await discardDownload(layout, "dl_1");
    expect(await readFile(layout.blob(blobId))).toEqual(content);
  });

  test("without the files it speaks of ends in a conflict, and takes only its own back", async () => {
    const begun = await begin("dl_1");
    await rm(layout.part(blobId, "dl_1"));
    await expect(commitDownload(begun)).rejects.toMatchObject({ code: "conflict" });
    await discardDownload(layout, "dl_1");
    expect((await listing(layout.root)).filter((line) => !line.endsWith("/"))).toEqual([]);
  });
});
