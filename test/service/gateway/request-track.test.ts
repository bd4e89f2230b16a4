import { expect, test } from "@jest/globals";
import type { RequestRow } from "../../../service/src/core/requests/index.ts";
import { trackRequest } from "../../../service/src/gateway/request-track.ts";
import type { Part } from "../../../service/src/gateway/parts.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { manualClock } from "../../tools/manual-clock.ts";

function start() {
  const rows: RequestRow[] = [];
  const clock = manualClock();
  const about = { id: "req_1", protocol: "openai", path: "/v1/chat/completions", clock };
  return { rows, clock, track: trackRequest({ ...about, record: (row) => void rows.push(row) }) };
}

test("a client that leaves is told as such, whatever its leaving makes fail", () => {
  const { rows, track } = start();
  track.failed(new AppError("invalid_request", "request aborted"));
  track.end({ left: true });
  track.failed(new AppError("internal", "too late"));
  track.end({ left: false });
  expect(rows).toEqual([
    expect.objectContaining({ status: 499, clientLeft: true, errorCode: null, errorSource: null }),
  ]);
});

test("a client that goes once it has read of the engine's failure does not hide it", () => {
  const { rows, track } = start();
  track.see([{ type: "error", code: "engine_failed", message: "It died.", source: "engine", retryable: true }]);
  track.end({ left: true });
  expect(rows).toEqual([expect.objectContaining({ status: 502, clientLeft: false, errorCode: "engine_failed" })]);
});

const deltas = (count: number): Part[] =>
  Array.from({ length: count }, () => ({ type: "block-delta", index: 0, text: "x" }));
const counted = (output: number): Part => ({ type: "usage", input: 1, output, cached: null, reasoning: null });

test("the pace is that of the tokens after those that came first", () => {
  const { rows, clock, track } = start();
  clock.advance(500);
  track.see(deltas(4));
  clock.advance(100);
  track.see(deltas(3));
  clock.advance(100);
  track.see([...deltas(3), counted(10)]);
  clock.advance(1000);
  track.end({ left: false });
  expect(rows).toMatchObject([{ firstTokenMs: 500, durationMs: 1700, outputTokens: 10, tokensPerSecond: 30 }]);
});

test("an answer that came at once has no pace", () => {
  const { rows, track } = start();
  track.see([...deltas(8), counted(8)]);
  track.end({ left: false });
  expect(rows).toMatchObject([{ outputTokens: 8, tokensPerSecond: null }]);
});
