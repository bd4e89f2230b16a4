import { once } from "node:events";
import { createServer, get } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@jest/globals";
import pino from "pino";
import { deliverStream } from "../../../service/src/gateway/deliver-stream.ts";
import type { DeliveryOptions } from "../../../service/src/gateway/deliver-stream.ts";
import { createChatWriter } from "../../../service/src/gateway/openai/writer.ts";
import type { Part, PartStream } from "../../../service/src/gateway/parts.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import { manualClock } from "../../tools/manual-clock.ts";

const writer = () => createChatWriter({ id: "c", model: "m", created: 1, includeUsage: false });
const opening: Part[] = [{ type: "block-start", index: 0, kind: "text" }];
const ending: Part[] = [
  { type: "block-end", index: 0 },
  { type: "finish", reason: "stop" },
];

test("a client that reads slowly holds the source back; at most 256 KiB of ours wait", async () => {
  const arrays = 600;
  const flow: Flow = { pulled: 0, response: null };
  let mostWaiting = 0;
  await withServer(
    async (response) => {
      flow.response = response;
      async function* source(): PartStream {
        yield opening;
        for (; flow.pulled < arrays; flow.pulled += 1) {
          mostWaiting = Math.max(mostWaiting, response.writableLength);
          yield [{ type: "block-delta", index: 0, text: "x".repeat(64 * 1024) }];
        }
        yield ending;
      }
      await deliver(response, source());
    },
    async (url) => {
      const answer = await open(url);
      answer.pause();
      await atStandstill(flow);
      expect(flow.pulled).toBeLessThan(arrays);
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.resume();
      await once(answer, "end");
      expect(bytes).toBeGreaterThan(arrays * 64 * 1024);
    },
  );
  expect(mostWaiting).toBeLessThanOrEqual(256 * 1024);
});

test("a client that takes nothing for five minutes is cut off, and waited for until then", async () => {
  const clock = manualClock();
  const left = new AbortController();
  const flow: Flow = { pulled: 0, response: null };
  await withServer(
    async (response) => {
      flow.response = response;
      response.once("close", () => left.abort());
      async function* source(): PartStream {
        yield opening;
        for (; ; flow.pulled += 1) yield [{ type: "block-delta", index: 0, text: "x".repeat(64 * 1024) }];
      }
      await deliver(response, source(), { clock, signal: left.signal });
    },
    async (url) => {
      const answer = await open(url);
      answer.once("error", () => undefined);
      answer.pause();
      await atStandstill(flow);
      clock.advance(299_000);
      await atStandstill(flow);
      expect(left.signal.aborted).toBe(false);
      const closed = once(left.signal, "abort");
      clock.advance(2000);
      await closed;
      answer.destroy();
    },
  );
});

test("one array of parts is one write, and the last one ends the answer", async () => {
  const writes: string[] = [];
  await withServer(
    async (response) => {
      const write = response.write.bind(response);
      response.write = ((text: string) => {
        writes.push(text);
        return write(text);
      }) as typeof response.write;
      const end = response.end.bind(response);
      response.end = ((text: string) => {
        writes.push(`end: ${text}`);
        return end(text);
      }) as typeof response.end;
      async function* source(): PartStream {
        yield [...opening, { type: "block-delta", index: 0, text: "a" }, { type: "block-delta", index: 0, text: "b" }];
        yield [{ type: "usage", input: 1, output: 2, cached: 0, reasoning: null }];
        yield ending;
      }
      await deliver(response, source());
    },
    async (url) => {
      const answer = await open(url);
      answer.resume();
      await once(answer, "end");
    },
  );
  expect(writes).toHaveLength(2);
  expect(writes[1]).toMatch(/^end: [^]*\[DONE\]/);
});

/** How far a source was read, and who writes it. */
interface Flow {
  pulled: number;
  response: ServerResponse | null;
}

/**
 * The kernel's buffers fill first; when what was written waits and nothing moves any more, all between here and the
 * source is full. A machine that has no time moves nothing either, but then nothing waits.
 */
async function atStandstill(flow: Flow): Promise<void> {
  for (let last = -1, still = 0; still < 200; still += 1) {
    if (flow.pulled !== last || flow.response?.writableNeedDrain !== true) still = 0;
    last = flow.pulled;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function deliver(response: ServerResponse, parts: PartStream, change: Partial<DeliveryOptions> = {}): Promise<void> {
  return deliverStream(response, parts, writer(), {
    ...{ clock: systemClock, log: pino({ level: "silent" }), signal: new AbortController().signal },
    ...{ onParts: () => undefined, onFailure: () => undefined },
    ...change,
  });
}

async function withServer(
  answer: (response: ServerResponse) => Promise<void>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const answers: Promise<void>[] = [];
  const server = createServer((_request, response) => void answers.push(answer(response)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await Promise.all(answers);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).once("error", reject));
}
