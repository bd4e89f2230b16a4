import { describe, expect, test } from "@jest/globals";
import { formatCount } from "../../../raycast/src/format/count.ts";

describe("counts", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1K"],
    [12_340, "12.3K"],
    [999_960, "1M"],
    [1_700_000_000, "1.7B"],
    [235_000_000_000, "235B"],
    [1_000_000_000_000, "1T"],
  ])("%d is %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  test("an unknown count is a dash", () => {
    expect(formatCount(null)).toBe("–");
  });
});
