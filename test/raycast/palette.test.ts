import { describe, expect, test } from "@jest/globals";
import { downloadLook, engineLook, fitLook, jobLook, serverLook } from "../../raycast/src/palette.ts";

describe("the palette", () => {
  test("every look has an icon and a color that Raycast knows", () => {
    const looks = [
      ..."queued starting warming ready unhealthy restarting stopping stopped evicted failed"
        .split(" ")
        .map(serverLook),
      ..."queued planning downloading paused verifying committing completed failed cancelled"
        .split(" ")
        .map(downloadLook),
      ..."queued running succeeded failed cancelled".split(" ").map(jobLook),
      ..."absent installing installed updating broken unsupported".split(" ").map(engineLook),
      ..."easy fits tight too-large unknown".split(" ").map(fitLook),
    ];
    for (const look of looks) {
      expect(look).toEqual({
        icon: expect.any(String),
        color: expect.any(String),
        label: expect.stringMatching(/^[A-Z]/),
      });
    }
  });

  test("a state of a newer service is shown by its name", () => {
    expect(serverLook("hibernating").label).toBe("hibernating");
  });
});
