/** The pure parts of the extension's API layer. */
import { describe, expect, test } from "@jest/globals";
import { answerError, ApiError, errorReport, isAbort, networkError } from "../../raycast/src/api/errors.ts";
import { followEvents } from "../../raycast/src/api/events.ts";
import { createSseParser } from "../../raycast/src/api/sse.ts";
import type { SseMessage } from "../../raycast/src/api/sse.ts";
import { closeFence, fenced } from "../../raycast/src/format/fence.ts";
import { startFakeService } from "../fakes/fake-service.ts";
import { fakeDownload } from "../fakes/fake-service-state.ts";

describe("server-sent events", () => {
  const stream = ': hello\r\n\r\nid: 1\r\nevent: a\r\ndata: {"x":\r\ndata: 1}\r\n\r\n: beat\n\ndata:last\n\n';
  const expected: SseMessage[] = [
    { kind: "comment", text: "hello" },
    { kind: "event", event: "a", data: '{"x":\n1}', id: "1" },
    { kind: "comment", text: "beat" },
    { kind: "event", event: "message", data: "last", id: undefined },
  ];

  test("are read whole however the text is cut", () => {
    for (let size = 1; size <= stream.length; size += 1) {
      const parse = createSseParser();
      const messages: SseMessage[] = [];
      for (let at = 0; at < stream.length; at += size) messages.push(...parse(stream.slice(at, at + size)));
      expect(messages).toEqual(expected);
    }
  });
});

describe("following the service's events", () => {
  test("resumes with the last id, waits longer each time in vain, and ends with the signal", async () => {
    const service = await startFakeService();
    const ending = new AbortController();
    const waits: number[] = [];
    const seen: string[] = [];
    const connection = { address: service.address, key: undefined, keyFromPreferences: false };
    const following = followEvents(
      {
        connection,
        topics: ["downloads"],
        signal: ending.signal,
        wait: async (ms) => {
          waits.push(ms);
          if (waits.length === 2) await service.close();
          if (waits.length === 5) ending.abort();
        },
      },
      {
        onSnapshot: () => {
          seen.push("snapshot");
          service.publish("download.changed", fakeDownload("a/b"));
        },
        onEvent: (event) => {
          seen.push(event.type);
          service.dropFollowers();
        },
        onInterrupted: () => seen.push("interrupted"),
      },
    );
    await following;
    const turn = ["snapshot", "download.changed", "interrupted"];
    expect(seen).toEqual([...turn, ...turn, "interrupted", "interrupted", "interrupted"]);
    expect(waits).toEqual([250, 250, 500, 1000, 2000]);
    expect(service.requests.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "fake-1"]);
  });
});

describe("errors", () => {
  test("tell the service's answer from a stranger's and from nobody's", () => {
    const body = { error: { code: "disk_full", message: "The disk is full.", requestId: "r-1" } };
    expect(answerError(507, body)).toMatchObject({ kind: "answer", code: "disk_full", requestId: "r-1" });
    expect(answerError(502, "<html>")).toMatchObject({ kind: "foreign", status: 502 });
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    expect(networkError(refused, "http://x")).toMatchObject({ kind: "network", code: "ECONNREFUSED" });
  });

  test("an abort stays an abort", () => {
    const abort = new DOMException("gone", "AbortError");
    expect(networkError(abort, "http://x")).toBe(abort);
    expect([isAbort(abort), isAbort(new ApiError("network", "x"))]).toEqual([true, false]);
  });

  test("the report for the clipboard holds what the service said of the failure", () => {
    const body = { error: { code: "conflict", message: "Busy.", details: { job: "j" }, requestId: "r" } };
    expect(errorReport(answerError(409, body))).toBe(
      'Busy.\ncode: conflict\nstatus: 409\nrequest: r\ndetails: {\n  "job": "j"\n}',
    );
  });
});

describe("code fences", () => {
  test("an open one is closed with its own mark, a closed one is left alone", () => {
    expect(closeFence("a\n```js\nlet x")).toBe("a\n```js\nlet x\n```");
    expect(closeFence("~~~~\n```\nx")).toBe("~~~~\n```\nx\n~~~~");
    expect(closeFence("```\nx\n```")).toBe("```\nx\n```");
    expect(closeFence("````\n```\nx\n```")).toBe("````\n```\nx\n```\n````");
  });

  test("a log that holds fences is fenced with a longer one", () => {
    expect(fenced("a ``` b")).toBe("````\na ``` b\n````");
  });
});
