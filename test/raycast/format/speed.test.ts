import { describe, expect, test } from "@jest/globals";
import { formatTokenSpeed, formatTransferSpeed } from "../../../raycast/src/format/speed.ts";

describe("speeds", () => {
  test("bytes and tokens each carry their unit", () => {
    expect(formatTransferSpeed(12_400_000)).toBe("12.4 MB/s");
    expect(formatTokenSpeed(38.24)).toBe("38.2 tok/s");
    expect(formatTokenSpeed(212.6)).toBe("213 tok/s");
  });

  test("what is not measured is not shown", () => {
    expect([
      formatTransferSpeed(null),
      formatTransferSpeed(0),
      formatTokenSpeed(undefined),
      formatTokenSpeed(0),
    ]).toEqual(["", "", "", ""]);
  });
});
