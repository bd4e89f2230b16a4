import { describe, expect, test } from "@jest/globals";
import { formatPercent, fraction } from "../../../raycast/src/format/percent.ts";

describe("percent", () => {
  test("100% stands only for what is complete", () => {
    expect(formatPercent(999_999, 1_000_000)).toBe("99%");
    expect(formatPercent(1_000_000, 1_000_000)).toBe("100%");
    expect(formatPercent(0, 10)).toBe("0%");
  });

  test("more than planned is still 100%", () => {
    expect(formatPercent(12, 10)).toBe("100%");
  });

  test("without a total there is no figure", () => {
    expect([formatPercent(5, null), formatPercent(5, 0)]).toEqual(["", ""]);
    expect([fraction(5, null), fraction(null, 5)]).toEqual([0, 0]);
  });
});
