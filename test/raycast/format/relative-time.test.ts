import { describe, expect, test } from "@jest/globals";
import { formatRelativeTime } from "../../../raycast/src/format/relative-time.ts";

const now = new Date(2026, 10, 21, 12, 0, 0);
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

describe("relative times", () => {
  test.each([
    [-3, "just now"],
    [59, "just now"],
    [300, "5m ago"],
    [3 * 3_600 + 100, "3h ago"],
    [6 * 86_400, "6d ago"],
    [30 * 86_400, "Oct 22"],
    [400 * 86_400, "Oct 17, 2025"],
  ])("%d seconds before is %s", (seconds, text) => {
    expect(formatRelativeTime(ago(seconds), now)).toBe(text);
  });

  test("an unknown moment is a dash", () => {
    expect([formatRelativeTime(null, now), formatRelativeTime("never", now)]).toEqual(["–", "–"]);
  });
});
