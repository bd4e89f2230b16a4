import { describe, expect, test } from "@jest/globals";
import { formatDuration, formatTimeLeft } from "../../../raycast/src/format/duration.ts";

describe("durations", () => {
  test.each([
    [0, "0s"],
    [0.4, "0s"],
    [45, "45s"],
    [60, "1m"],
    [200, "3m 20s"],
    [3_600, "1h"],
    [7_500, "2h 5m"],
    [3_605, "1h"],
    [273_600, "3d 4h"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  test("an unknown span is a dash", () => {
    expect([null, undefined, -1, Number.POSITIVE_INFINITY].map(formatDuration)).toEqual(["–", "–", "–", "–"]);
  });
});

describe("time left", () => {
  test("is the rest at the present speed, rounded up", () => {
    expect(formatTimeLeft(1_250_000_000, 10_000_000)).toBe("2m 5s left");
    expect(formatTimeLeft(1, 10_000_000)).toBe("1s left");
  });

  test("is not guessed while nothing moves", () => {
    expect([formatTimeLeft(100, 0), formatTimeLeft(100, null), formatTimeLeft(null, 5)]).toEqual(["", "", ""]);
  });
});
