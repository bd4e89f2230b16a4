import { describe, expect, test } from "@jest/globals";
import { formatContextLength } from "../../../raycast/src/format/context-length.ts";

describe("context lengths", () => {
  test.each([
    [512, "512"],
    [4096, "4K"],
    [32_768, "32K"],
    [40_960, "40K"],
    [131_072, "128K"],
    [200_000, "200K"],
    [262_144, "256K"],
    [1_000_000, "1M"],
    [1_048_576, "1M"],
    [1_010_000, "1M"],
  ])("%d tokens are %s", (tokens, text) => {
    expect(formatContextLength(tokens)).toBe(text);
  });

  test("an unknown window is a dash", () => {
    expect([null, undefined, 0].map(formatContextLength)).toEqual(["–", "–", "–"]);
  });
});
