import { expect, test } from "@jest/globals";
import { watchStall } from "../../../service/src/gateway/stall-watch.ts";
import { manualClock } from "../../tools/manual-clock.ts";

function start() {
  const clock = manualClock();
  let stalls = 0;
  const watch = watchStall(clock, 300_000, () => (stalls += 1));
  return { clock, watch, stalls: () => stalls };
}

test("an engine without a sign of life for the deadline is told once, and any sign begins it anew", () => {
  const { clock, watch, stalls } = start();
  clock.advance(299_000);
  watch.noteLife();
  clock.advance(299_000);
  expect(stalls()).toBe(0);
  clock.advance(1000);
  expect(stalls()).toBe(1);
  clock.advance(900_000);
  expect(stalls()).toBe(1);
});

test("the time that a client takes to read is not the engine's, however long", () => {
  const { clock, watch, stalls } = start();
  clock.advance(100_000);
  watch.pause();
  clock.advance(900_000);
  watch.resume();
  clock.advance(199_000);
  expect(stalls()).toBe(0);
  clock.advance(1000);
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
