import { describe, expect, test } from "@jest/globals";
import { formatBytes, formatMemory } from "../../../raycast/src/format/bytes.ts";

describe("sizes on disk", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [999_400, "999 kB"],
    [999_600, "1 MB"],
    [4_300_000_000, "4.3 GB"],
    [260_400_000, "260 MB"],
    [1_000_000_000_000, "1 TB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test("an unknown or impossible size is a dash", () => {
    expect([null, undefined, Number.NaN, -1].map(formatBytes)).toEqual(["–", "–", "–", "–"]);
  });
});

test("memory counts in powers of 1024, so that a Mac's memory is a round figure", () => {
  expect(formatMemory(17_179_869_184)).toBe("16 GB");
  expect(formatMemory(1.5 * 1024 ** 3)).toBe("1.5 GB");
});
