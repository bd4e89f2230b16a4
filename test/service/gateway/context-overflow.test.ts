import { afterEach, describe, expect, test } from "@jest/globals";
import type { GatewayDependencies } from "../../../service/src/gateway/index.ts";
import { createPromptTokens } from "../../../service/src/gateway/index.ts";
import { contextOverflow } from "../../../service/src/gateway/context-overflow.ts";
import { writeAnthropicError } from "../../../service/src/gateway/anthropic/errors.ts";
import { readAnswerError } from "../../../service/src/gateway/engines/mlx-lm/answer-errors.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import { findPlace } from "../../../service/src/platform/place.ts";
import pino from "pino";
import { chat, post, startGateway } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

const place = findPlace();
let bench: GatewayBench;
let close: () => Promise<void> = () => Promise.resolve();

afterEach(async () => {
  await bench.close();
  await close();
});

/** The demo model's real files are counted; the bench's model has 2,048 positions. */
async function start(): Promise<{ counted: number }> {
  const models = { locate: () => ({ path: place.demoModel }) };
  const program = place.worker("gateway/tokens/main");
  const real = createPromptTokens({ models, program, clock: systemClock, log: pino({ level: "silent" }) });
  close = () => real.close();
  const seen = { counted: 0 };
  const count: NonNullable<GatewayDependencies["tokens"]>["count"] = (prompt, signal) => {
    seen.counted += 1;
    return real.count(prompt, signal);
  };
  bench = await startGateway({ change: { tokens: { count } } });
  return seen;
}

const words = (count: number) => [{ role: "user", content: "weather ".repeat(count) }];
const maxTokens = async () => (await bench.engine.entry("request")).body?.["max_tokens"];

describe("a prompt near the end of its context", () => {
  test.each([true, false])(
    "is refused before an engine is asked for, in words that agents know (stream %s)",
    async (stream) => {
      await start();
      const response = await post(bench, chat({ messages: words(3000), stream }));
      expect(response.status).toBe(400);
      const { error } = (await response.json()) as { error: { message: string } };
      expect(error).toMatchObject({ code: "context_length_exceeded", type: "invalid_request_error" });
      expect(error.message).toMatch(/maximum context length is 2048 tokens\. The prompt has \d{4,5} tokens/);
      expect(bench.leases).toEqual({ open: 0, tokens: 0 });
      expect(bench.engine.entries().filter(({ type }) => type === "request")).toEqual([]);
      expect(await bench.row()).toMatchObject({ status: 400, errorCode: "context_overflow", errorSource: "gateway" });
    },
  );

  test("of a text that is written on is refused too", async () => {
    await start();
    const body = JSON.stringify({ model: "mlx-manager/demo", prompt: "weather ".repeat(3000) });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${bench.url}/completions`, { method: "POST", headers, body });
    expect(await response.json()).toMatchObject({ error: { code: "context_length_exceeded" } });
  });

  test("gets an answer as long as the room behind it, whatever was asked for", async () => {
    await start();
    await post(bench, chat({ messages: words(60), max_tokens: 4000 }));
    const room = await maxTokens();
    expect(room).toBeLessThan(2048 - 60);
    expect(room).toBeGreaterThan(1000);
  });

  test("without a length said, gets the whole room", async () => {
    const seen = await start();
    await post(bench, chat({ messages: words(300) }));
    expect(seen.counted).toBe(1);
    expect(await maxTokens()).toBeGreaterThan(256);
  });

  test("far from the end nothing is counted and what was asked for stays", async () => {
    const seen = await start();
    await post(bench, chat({ max_tokens: 100 }));
    expect([await maxTokens(), seen.counted]).toEqual([100, 0]);
  });

  test("that cannot be counted goes to the engine, which may refuse it", async () => {
    bench = await startGateway({ change: { tokens: { count: () => Promise.resolve(null) } } });
    expect((await post(bench, chat({ messages: words(3000), max_tokens: 7 }))).status).toBe(200);
    expect(await maxTokens()).toBe(7);
  });
});

test("each protocol says it in its own words; the launcher's own count is understood", async () => {
  bench = await startGateway();
  const { body } = writeAnthropicError(contextOverflow(3000, 2048), "req_1");
  expect(body).toMatchObject({
    type: "error",
    error: { type: "invalid_request_error", message: "prompt is too long: 3000 tokens > 2048 maximum" },
  });
  async function* answer(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"error": "context overflow: the prompt has 300 tokens, the limit is 256"}');
  }
  expect(await readAnswerError(400, answer())).toMatchObject({
    ...{ code: "context_overflow", details: { promptTokens: 300, contextTokens: 256 } },
  });
});
