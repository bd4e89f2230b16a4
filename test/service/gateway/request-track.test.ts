import { expect, test } from "@jest/globals";
import type { RequestRow } from "../../../service/src/core/requests/index.ts";
import { trackRequest } from "../../../service/src/gateway/request-track.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { manualClock } from "../../tools/manual-clock.ts";

function start() {
  const rows: RequestRow[] = [];
  const about = { id: "req_1", protocol: "openai", path: "/v1/chat/completions", clock: manualClock() };
  return { rows, track: trackRequest({ ...about, record: (row) => void rows.push(row) }) };
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
