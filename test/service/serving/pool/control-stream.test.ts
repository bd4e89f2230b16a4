import { describe, expect, test } from "@jest/globals";
import {
  createControlReader,
  longestLineBytes,
} from "../../../../service/src/serving/pool/units/process/control-stream.ts";

describe("the control stream", () => {
  test("is read whatever way its bytes are cut, also inside a character", () => {
    const text = '{"type":"loading","phase":"ünï","done":1,"total":2}\n\n{"type":"listening","port":10250}\n';
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size += 1) {
      const heard = listen();
      for (let start = 0; start < bytes.length; start += size) heard.push(bytes.subarray(start, start + size));
      expect(heard.messages).toEqual([
        { type: "loading", phase: "ünï", done: 1, total: 2 },
        { type: "listening", port: 10250 },
      ]);
    }
  });

  test("skips what it does not understand and goes on, without repeating it", () => {
    const heard = listen();
    heard.push('not json secret\n{"type":"future"}\n[]\nnull\n{"type":"hello","protocol":1,"pid":1,"token":7}\n');
    heard.push('{"type":"toString"}\n{"type":"listening","port":1,"more":true}\n');
    expect(heard.messages).toEqual([{ type: "listening", port: 1 }]);
    expect(heard.skipped).toHaveLength(6);
    expect(heard.skipped.join()).toContain("wrong fields in hello: token");
    expect(heard.skipped.join()).not.toContain("secret");
  });

  test("takes a traceback of the longest size", () => {
    const heard = listen();
    heard.push(`${JSON.stringify({ type: "fatal", code: "internal", message: "m", traceback: "é".repeat(60_000) })}\n`);
    expect(heard.messages).toHaveLength(1);
  });

  test("is given up at a line without end, in pieces or at once", () => {
    const heard = listen();
    for (let sent = 0; sent <= longestLineBytes; sent += 65_536) heard.push("x".repeat(65_536));
    heard.push('\n{"type":"listening","port":1}\n');
    expect([heard.broken.length, heard.messages]).toEqual([1, []]);
  });
});

function listen() {
  const messages: unknown[] = [];
  const skipped: string[] = [];
  const broken: string[] = [];
  const reader = createControlReader({
    message: (message) => messages.push(message),
    skipped: (reason) => skipped.push(reason),
    broken: (reason) => broken.push(reason),
  });
  return { messages, skipped, broken, push: (chunk: string | Uint8Array) => reader.push(Buffer.from(chunk)) };
}
