import { expect, test } from "@jest/globals";
import { watchStall } from "../../../service/src/gateway/stall-watch.ts";
import { manualClock } from "../../tools/manual-clock.ts";

function start() {
  const clock = manualClock();
  let stalls = 0;
  const watch = watchStall(clock, 300_000, () => (stalls += 1));
  return { clock, watch, stalls: () => stalls };
}

test.each<[string, readonly (number | "noteLife" | "pause" | "resume")[]]>([
  ["an engine without a sign of life for the deadline is told", [299_000]],
  ["any sign begins it anew", [299_000, "noteLife", 299_000]],
  ["the time that a client takes to read is not the engine's", [100_000, "pause", 900_000, "resume", 199_000]],
])("%s, once", (_what, steps) => {
  const { clock, watch, stalls } = start();
  for (const step of steps) {
    if (typeof step === "number") clock.advance(step);
    else watch[step]();
  }
  expect(stalls()).toBe(0);
  clock.advance(1000);
  expect(stalls()).toBe(1);
  clock.advance(900_000);
  expect(stalls()).toBe(1);
});

test("reads that bring no life do not put it off", () => {
  const { clock, watch, stalls } = start();
  for (let second = 0; second < 300; second += 1) {
    clock.advance(1000);
    watch.pause();
    watch.resume();
  }
  expect(stalls()).toBe(1);
});

test("after the end there is no timer left", () => {
  const { clock, watch } = start();
  watch.pause();
  clock.advance(400_000);
  watch.resume();
  watch.stop();
  expect(clock.timers()).toBe(0);
});
