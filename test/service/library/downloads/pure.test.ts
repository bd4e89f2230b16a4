import { describe, expect, test } from "@jest/globals";
import { downloadTransitions, isActive, isRunning } from "../../../../service/src/library/downloads/machine.ts";
import { matcher, planFiles, recordsListing } from "../../../../service/src/library/downloads/plan.ts";
import { createSpeedMeter, secondsLeft } from "../../../../service/src/library/downloads/speed.ts";
import { diskMargin } from "../../../../service/src/library/downloads/disk.ts";
import { repositoryLayout } from "../../../../service/src/library/downloads/layout.ts";
import { formatListing } from "../../../../service/src/library/downloads/worker/commit/committer.ts";
import {
  addRange,
  bytesIn,
  prefixOf,
  readRanges,
} from "../../../../service/src/library/downloads/worker/parts/ranges.ts";
import { backOff } from "../../../../service/src/library/downloads/worker/fetch/retry.ts";
import type { TreeFile } from "../../../../service/src/library/hub/index.ts";
import { handClock } from "../parts.ts";

const entry = (path: string, sizeBytes = 10): TreeFile => ({
  ...{ path, sizeBytes, blobId: Buffer.from(path).toString("hex").padEnd(40, "0").slice(0, 40) },
  ...{ algorithm: "git-sha1", xetHash: null, gitOid: "0".repeat(40) },
});
const paths = (files: readonly TreeFile[]) => files.map(({ path }) => path);

describe("the plan", () => {
  const tree = [
    ...["config.json", "model.safetensors", "model.safetensors.index.json", "vocab.bin", "tokenizer.model"],
    ...["pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json", "tf_model.h5"],
    ...["consolidated.safetensors", "original/consolidated.00.pth", "onnx/model.onnx", "model.Q4.gguf"],
  ].map((path) => entry(path));

  test("leaves weights in other formats out where there are safetensors, and nothing else", () => {
    const plan = planFiles(tree, null);
    expect(paths(plan.chosen)).toEqual([
      ...["config.json", "model.safetensors", "model.safetensors.index.json", "vocab.bin", "tokenizer.model"],
    ]);
    expect(plan.leftOut).toHaveLength(8);
    expect(recordsListing(plan, null)).toBe(false);
  });

  test("takes everything of a repository without safetensors", () => {
    const plan = planFiles([entry("pytorch_model.bin"), entry("config.json")], null);
    expect(plan.leftOut).toEqual([]);
    expect(recordsListing(plan, null)).toBe(true);
  });

  test("counts each content once", () => {
    const twin = { ...entry("b"), blobId: entry("a").blobId };
    expect(planFiles([entry("a"), twin, entry("c")], null).bytesTotal).toBe(20);
  });

  test.each([
    ["*.json", ["config.json", "onnx/model.json"]],
    ["onnx/", ["onnx/model.json"]],
    ["c?nfig.*", ["config.json"]],
    ["[!c]*", ["onnx/model.json", "a+b(1).txt", "x[y]"]],
    ["a+b(1).txt", ["a+b(1).txt"]],
    ["x[[]y]", ["x[y]"]],
    ["x[y]z", []],
    ["[", []],
  ])("reads the pattern %s as Python does", (pattern, expected) => {
    const names = ["config.json", "onnx/model.json", "a+b(1).txt", "x[y]"];
    expect(names.filter(matcher([pattern]))).toEqual(expected);
  });

  test("a pattern of many stars takes no time to speak of", () => {
    expect(matcher(["*".repeat(500) + "b"])("a".repeat(5000))).toBe(false);
  });
});

describe("the machine", () => {
  test("only completed and cancelled are the end; what runs is active", () => {
    const ends = Object.entries(downloadTransitions).filter(([, next]) => next.length === 0);
    expect(ends.map(([state]) => state)).toEqual(["completed", "cancelled"]);
    for (const state of ["planning", "downloading", "verifying", "committing"] as const) {
      expect(isRunning(state) && isActive(state)).toBe(true);
      expect(downloadTransitions[state]).toContain("queued");
    }
  });
});

describe("ranges", () => {
  test("merge, and count from the start without a hole", () => {
    const ranges = addRange(addRange(addRange([], 10, 20), 30, 40), 0, 10);
    expect(ranges).toEqual([
      [0, 20],
      [30, 40],
    ]);
    expect(prefixOf(ranges)).toBe(20);
    expect(bytesIn(ranges)).toBe(30);
    expect(addRange(ranges, 15, 35)).toEqual([[0, 40]]);
    expect(prefixOf([[5, 9]])).toBe(0);
  });

  test.each([
    [[[0, 11]]],
    [[[5, 5]]],
    [
      [
        [4, 6],
        [2, 3],
      ],
    ],
    [[["0", 3]]],
    ["x"],
    [[[0, 1.5]]],
  ])("a journal that says %j is not believed", (value) => expect(readRanges(value, 10)).toBeNull());
});

test("the listing is written as Python's json.dump writes it", () => {
  const weights: TreeFile = {
    ...entry("model.safetensors", 5),
    algorithm: "sha256",
    blobId: "a".repeat(64),
    xetHash: "b".repeat(64),
  };
  const git = entry("10").blobId;
  expect(formatListing([weights, { ...entry("10", 3), gitOid: git }, { ...entry("é"), gitOid: git }])).toBe(
    `{\n "format_version": 1,\n "files": {\n  "10": {\n   "size": 3,\n   "blob_id": "${git}"\n  },\n` +
      `  "model.safetensors": {\n   "size": 5,\n   "blob_id": "${"0".repeat(40)}",\n   "lfs_sha256": "${"a".repeat(64)}",\n` +
      `   "lfs_size": 5,\n   "xet_hash": "${"b".repeat(64)}"\n  },\n  "\\u00e9": {\n   "size": 10,\n   "blob_id": "${git}"\n  }\n }\n}`,
  );
});

test("the speed is that of the last ten seconds, and tells the time that is left", async () => {
  const clock = handClock(0);
  const meter = createSpeedMeter(clock);
  expect(meter.bytesPerSecond()).toBeNull();
  for (let second = 1; second <= 30; second += 1) {
    clock.set(second * 1000);
    meter.note(second <= 15 ? second * 1000 : 15_000 + (second - 15) * 100);
  }
  expect(meter.bytesPerSecond()).toBe(100);
  expect(secondsLeft(1000, 100)).toBe(10);
  expect(secondsLeft(1000, 0)).toBeNull();
});

test("delays double, keep half to chance and have an end", () => {
  const limits = { firstDelayMs: 500, longestDelayMs: 30_000 };
  expect([1, 2, 3, 20].map((attempt) => backOff(attempt, 1, limits))).toEqual([500, 1000, 2000, 30_000]);
  expect(backOff(1, 0, limits)).toBe(250);
});

test("the margin of free space is 1 GiB, or 2 % of a small disk", () => {
  expect(diskMargin(1e12)).toBe(1024 ** 3);
  expect(diskMargin(100e6)).toBe(2e6);
});

test("ids that are not ids never become paths", () => {
  expect(() => repositoryLayout("/c", "a/../b")).toThrow("Not a model id");
  expect(repositoryLayout("/c", "_/gpt2").root).toBe("/c/models--gpt2");
  const layout = repositoryLayout("/c", "a/b");
  expect(() => layout.blob("../x")).toThrow("file name");
  expect(() => layout.part("a".repeat(40), "../x")).toThrow("file name");
});
