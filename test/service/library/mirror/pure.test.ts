import { describe, expect, test } from "@jest/globals";
import { answerFor } from "../../../../service/src/library/mirror/file-request.ts";
import { blobOid, folderOids, lfsPointer } from "../../../../service/src/library/mirror/git-objects.ts";
import { readFilePath, readModelPath } from "../../../../service/src/library/mirror/hub-paths.ts";
import { readModelCard, wordsOf } from "../../../../service/src/library/mirror/model-card.ts";
import { listedFiles, listedPaths } from "../../../../service/src/library/mirror/shared-files.ts";
import { createTurns } from "../../../../service/src/library/mirror/turns.ts";
import { lfsPointer as hubPointer, treeOids } from "../../../fakes/fake-hub/git-objects.ts";

describe("an address below /hub/api/models", () => {
  test.each<[string[], object | null]>([
    [["own", "tiny"], { kind: "info", id: "own/tiny", revision: "main" }],
    [["gpt2"], { kind: "info", id: "_/gpt2", revision: "main" }],
    [["own", "tiny", "revision", "refs/pr/1"], { kind: "info", id: "own/tiny", revision: "refs/pr/1" }],
    [["own", "tiny", "revision", "refs", "pr", "1"], { kind: "info", id: "own/tiny", revision: "refs/pr/1" }],
    [["gpt2", "revision", "main"], { kind: "info", id: "_/gpt2", revision: "main" }],
    [["own", "tiny", "tree", "main"], { kind: "tree", id: "own/tiny", revision: "main", path: "" }],
    [["own", "tree", "tree", "main", "a", "b"], { kind: "tree", id: "own/tree", revision: "main", path: "a/b" }],
    [["gpt2", "tree", "main", "a"], { kind: "tree", id: "_/gpt2", revision: "main", path: "a" }],
    [["own", "tiny", "paths-info", "main"], { kind: "paths", id: "own/tiny", revision: "main" }],
    [["own", "tiny", "refs"], { kind: "refs", id: "own/tiny" }],
    [["gpt2", "refs"], { kind: "refs", id: "_/gpt2" }],
    [["own", "tiny", "revision"], null],
    [["own", "tiny", "commits", "main"], null],
    [["..", "tiny"], null],
    [["own", "../../etc"], null],
    [["own", "tiny", "revision", "main", "more"], null],
    [[""], null],
  ])("%j", (segments, target) => expect(readModelPath(segments)).toEqual(target));
});

describe("an address of a file", () => {
  test.each<[string[], object | null]>([
    [["own", "tiny", "resolve", "main", "a b", "c#d"], { id: "own/tiny", revision: "main", path: "a b/c#d" }],
    [["own", "tiny", "resolve", "refs/pr/1", "x"], { id: "own/tiny", revision: "refs/pr/1", path: "x" }],
    [["gpt2", "resolve", "main", "x"], { id: "_/gpt2", revision: "main", path: "x" }],
    [["own", "resolve", "resolve", "main", "x"], { id: "own/resolve", revision: "main", path: "x" }],
    [["own", "tiny", "resolve", "main"], null],
    [["own", "tiny", "raw", "main", "x"], null],
    [["api", "agent-harnesses"], null],
  ])("%j", (segments, target) => expect(readFilePath(segments)).toEqual(target && { kind: "file", ...target }));
});

describe("conditions and ranges", () => {
  const etag = "abc";
  const answer = (range?: string, size = 100, more: { ifRange?: string; ifNoneMatch?: string } = {}) =>
    answerFor({ range, ifRange: more.ifRange, ifNoneMatch: more.ifNoneMatch }, etag, size);

  test.each<[string | undefined, object]>([
    [undefined, { status: 200, start: 0, end: 100 }],
    ["bytes=0-0", { status: 206, start: 0, end: 1 }],
    ["bytes=10-", { status: 206, start: 10, end: 100 }],
    ["bytes=10-1000", { status: 206, start: 10, end: 100 }],
    ["bytes=-10", { status: 206, start: 90, end: 100 }],
    ["bytes=-1000", { status: 206, start: 0, end: 100 }],
    ["bytes=100-", { status: 416 }],
    ["bytes=-0", { status: 416 }],
    ["bytes=5-4", { status: 200, start: 0, end: 100 }],
    ["bytes=0-1,5-6", { status: 200, start: 0, end: 100 }],
    ["bytes=-", { status: 200, start: 0, end: 100 }],
    ["lines=0-1", { status: 200, start: 0, end: 100 }],
    ["bytes=99999999999999999999-", { status: 416 }],
  ])("Range %s", (range, expected) => expect(answer(range)).toEqual(expected));

  test("of an empty file cannot be satisfied, but all of it can be had", () => {
    expect(answer("bytes=0-0", 0)).toEqual({ status: 416 });
    expect(answer("bytes=-5", 0)).toEqual({ status: 416 });
    expect(answer(undefined, 0)).toEqual({ status: 200, start: 0, end: 0 });
  });

  test("a range holds only for the content it was begun with", () => {
    expect(answer("bytes=5-", 100, { ifRange: '"abc"' })).toEqual({ status: 206, start: 5, end: 100 });
    expect(answer("bytes=5-", 100, { ifRange: '"other"' })).toEqual({ status: 200, start: 0, end: 100 });
    expect(answer("bytes=5-", 100, { ifRange: 'W/"abc"' })).toEqual({ status: 200, start: 0, end: 100 });
  });

  test.each(['"abc"', 'W/"abc"', '"x", "abc"', "*"])("what a client has as %s is not sent again", (ifNoneMatch) =>
    expect(answer("bytes=5-", 100, { ifNoneMatch })).toEqual({ status: 304 }),
  );
});

describe("git objects", () => {
  test("of blobs, pointers and folders are those that git makes", () => {
    expect(blobOid("")).toBe("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    expect(blobOid("hello\n")).toBe("ce013625030ba8dba906f756967f9e9ca394464a");
    expect(lfsPointer("ab".repeat(32), 12)).toBe(hubPointer("ab".repeat(32), 12));
    const files = ["b.txt", "a/x.txt", "a/b/y.txt", "a-b/z.txt", "a.txt", "c/d/e/f"].map((path) => ({
      path,
      gitOid: blobOid(path),
    }));
    const expected = treeOids(new Map(files.map(({ path, gitOid }) => [path, gitOid])));
    expect(new Map([...folderOids(files)].sort())).toEqual(new Map([...expected].sort()));
  });
});

describe("a model card", () => {
  test("gives text, numbers, switches and lists of its first block", () => {
    const card = readModelCard(
      [
        "---",
        "license: apache-2.0 # a comment",
        'library_name: "mlx"',
        "tags:",
        "- mlx",
        "  - '4-bit'",
        "language: [en, 'de']",
        "base_model: org/base",
        "gated: false",
        "size: 4.5",
        "model-index:",
        "- name: deep",
        "  results: []",
        "quote: >",
        "  folded",
        "---",
        "# Title",
        "tags: none",
      ].join("\n"),
    );
    expect(card).toEqual({
      ...{ license: "apache-2.0", library_name: "mlx", tags: ["mlx", "4-bit"], language: ["en", "de"] },
      ...{ base_model: "org/base", gated: false, size: 4.5 },
    });
    expect(wordsOf(card, "base_model")).toEqual(["org/base"]);
    expect(wordsOf(card, "nothing")).toEqual([]);
  });

  test.each(["", "# Only text", "---\nlicense: mit\n", "text\n---\nlicense: mit\n---\n"])("without one: %j", (text) =>
    expect(readModelCard(text)).toEqual({}),
  );
});

describe("the files that can be vouched for", () => {
  const sha256 = "a".repeat(64);
  const sha1 = "b".repeat(40);

  test("are named by their links, or by the commit's listing", () => {
    const files = listedFiles(
      [
        { path: "config.json", sizeBytes: 10, blobId: sha1 },
        { path: "model.safetensors", sizeBytes: 20, blobId: null },
        { path: "own-notes.txt", sizeBytes: 5, blobId: null },
        { path: "changed.txt", sizeBytes: 6, blobId: null },
        { path: "odd.txt", sizeBytes: 6, blobId: '"etag"' },
      ],
      {
        files: {
          "model.safetensors": { size: 133, blob_id: sha1, lfs_sha256: sha256, lfs_size: 20 },
          "changed.txt": { size: 7, blob_id: sha1 },
          "left-out.bin": { size: 7, blob_id: sha1 },
        },
      },
    );
    expect(files?.map(({ path, blobId, gitOid }) => [path, blobId, gitOid])).toEqual([
      ["config.json", sha1, sha1],
      ["model.safetensors", sha256, sha1],
    ]);
  });

  test("keep the name that the commit gave them, whatever Unicode form the disk has", () => {
    const [file] = listedFiles([{ path: "e\u0301.txt", sizeBytes: 6, blobId: null }], {
      files: { "\u00e9.txt": { size: 6, blob_id: sha1 } },
    }) as { path: string; localPath: string }[];
    expect(file).toMatchObject({ path: "\u00e9.txt", localPath: "e\u0301.txt" });
  });

  test("are none when the weights or the configuration are not among them", () => {
    for (const path of ["model.safetensors", "config.json"])
      expect(listedFiles([{ path, sizeBytes: 5, blobId: null }], null)).toBeNull();
    expect(listedFiles([], null)).toBeNull();
  });

  test("a listing tells what the commit has; without one nothing is known", () => {
    expect(listedPaths({ files: { a: { size: 1, blob_id: sha1 } } })).toEqual(new Set(["a"]));
    expect(listedPaths(null)).toBeNull();
    expect(listedPaths({ files: { a: { size: 1, blob_id: "../x" } } })).toBeNull();
  });
});

test("turns run at most so many tasks at once, in the order they came, and go on after one fails", async () => {
  const turns = createTurns(2);
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const tasks = gates.map((gate, index) =>
    turns(async () => {
      begun.push(index);
      await gate.promise;
      return index;
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  gates[0]?.reject(new Error("broken"));
  await expect(tasks[0]).rejects.toThrow("broken");
  gates[1]?.resolve();
  await tasks[1];
  gates[2]?.resolve();
  gates[3]?.resolve();
  expect(await Promise.all(tasks.slice(1))).toEqual([1, 2, 3]);
  expect(begun).toEqual([0, 1, 2, 3]);
});
