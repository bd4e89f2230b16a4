import { describe, expect, test } from "@jest/globals";
import { applyPart, NEW_ANSWER, tokensPerSecond } from "../../raycast/src/hooks/answer-state.ts";
import { createFlushTimer } from "../../raycast/src/hooks/flush-timer.ts";
import { ANSWER_FLUSH_MS } from "../../raycast/src/hooks/use-answer.ts";

/** Timers that only the test moves. */
function manualTimers() {
  let time = 0;
  const waiting = new Map<number, { at: number; callback: () => void }>();
  let next = 1;
  return {
    timers: {
      set: (callback: () => void, ms: number) => {
        waiting.set(next, { at: time + ms, callback });
        return next++;
      },
      clear: (timer: unknown) => void waiting.delete(timer as number),
    },
    pass(ms: number) {
      time += ms;
      for (const [timer, { at, callback }] of waiting) {
        if (at > time) continue;
        waiting.delete(timer);
        callback();
      }
    },
    waiting: () => waiting.size,
  };
}

describe("the flush of a streamed answer", () => {
  test("a second of a hundred chunks makes at most twenty renders", () => {
    const { timers, pass } = manualTimers();
    let flushes = 0;
    const timer = createFlushTimer(() => (flushes += 1), ANSWER_FLUSH_MS, timers);
    for (let chunk = 0; chunk < 100; chunk += 1) {
      timer.request();
      pass(10);
    }
    expect(flushes).toBeGreaterThan(5);
    expect(flushes).toBeLessThanOrEqual(20);
  });

  test("the end flushes at once and leaves nothing waiting; cancelling drops what waits", () => {
    const { timers, pass, waiting } = manualTimers();
    const shown: string[] = [];
    let text = "";
    const timer = createFlushTimer(() => shown.push(text), 80, timers);
    text = "half";
    timer.request();
    text = "whole";
    timer.now();
    expect([shown, waiting()]).toEqual([["whole"], 0]);
    timer.request();
    timer.cancel();
    pass(1000);
    expect(shown).toEqual(["whole"]);
  });
});

describe("the speed of an answer", () => {
  const write = (times: number[], tokens: number) => {
    const written = times.reduce((answer, at) => applyPart(answer, { type: "text", text: "x" }, at), NEW_ANSWER);
    return applyPart(written, { type: "usage", tokens }, 0);
  };

  test("counts from the first word to the last, the wait before it aside", () => {
    expect(tokensPerSecond(write([5_000, 6_000, 7_000], 41))).toBe(20);
  });

  test("is unknown for an answer of one token or of one moment", () => {
    expect(tokensPerSecond(write([5_000], 1))).toBeUndefined();
    expect(tokensPerSecond(write([5_000, 5_000], 40))).toBeUndefined();
    expect(tokensPerSecond(NEW_ANSWER)).toBeUndefined();
  });
});
