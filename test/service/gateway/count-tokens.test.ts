import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "@jest/globals";
import pino from "pino";
import { createPromptTokens } from "../../../service/src/gateway/index.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { findPlace } from "../../../service/src/platform/place.ts";
import { startGateway } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

const place = findPlace();
let bench: GatewayBench;
let close: () => Promise<void>;

afterEach(async () => {
  await bench.close();
  await close();
});

async function start(locate = (): { path: string } => ({ path: place.demoModel })): Promise<Anthropic> {
  const program = place.worker("gateway/tokens/main");
  const log = pino({ level: "silent" });
  const tokens = createPromptTokens({ models: { locate }, program, clock: systemClock, log });
  close = () => tokens.close();
  bench = await startGateway({ change: { tokens } });
  return new Anthropic({ baseURL: bench.url.replace(/\/v1$/, ""), apiKey: "none", maxRetries: 0 });
}

const hi = { model: "mlx-manager/demo", messages: [{ role: "user" as const, content: "Hi" }] };
const tool = { name: "get_weather", input_schema: { type: "object" as const, properties: { city: {} } } };

describe("counting tokens", () => {
  test("answers the official client with the model's own count, and asks no engine", async () => {
    const client = await start();
    expect(await client.messages.countTokens(hi)).toEqual({ input_tokens: 10 });
    expect(bench.engine.entries().filter(({ type }) => type === "request")).toEqual([]);
    expect(await bench.row()).toMatchObject({
      ...{ protocol: "anthropic", path: "/v1/messages/count_tokens", status: 200, model: "mlx-manager/demo" },
      ...{ inputTokens: null, serverId: null },
    });
  });

  test("counts tools, thoughts and results; cache marks and the billing line weigh nothing", async () => {
    const client = await start();
    const count = async (change: object) => (await client.messages.countTokens({ ...hi, ...change })).input_tokens;
    expect(await count({ tools: [tool] })).toBeGreaterThan(15);
    expect(await count({ tools: [tool], tool_choice: { type: "none" } })).toBe(10);
    expect(await count({ thinking: { type: "disabled" } })).toBe(14);
    const marked = [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }];
    expect(await count({ messages: [{ role: "user", content: marked }] })).toBe(10);
    const billing = [{ type: "text", text: "x-anthropic-billing-header: cc_version=2.1.329.3c4; cc_entrypoint=cli;" }];
    expect(await count({ system: billing })).toBe(10);
    const turns = [
      { role: "user", content: "Weather?" },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "get_weather", input: { city: "Rome" } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "sunny" }] },
    ];
    expect(await count({ messages: turns, tools: [tool] })).toBeGreaterThan(50);
  });

  test("25 at once, as Claude Code sends them: without a length, with no tools, with keys that nobody knows", async () => {
    const client = await start();
    const asked = Array.from({ length: 25 }, (_, index) => {
      const body = { ...hi, tools: [], context_management: { edits: [] }, system: "x".repeat(index * 100) };
      return client.messages.countTokens(body as Anthropic.MessageCountTokensParams, { query: { beta: "true" } });
    });
    // The demo model's template drops what the system says.
    expect(new Set((await Promise.all(asked)).map(({ input_tokens: tokens }) => tokens))).toEqual(new Set([10]));
    expect(bench.rows.every(({ droppedKeys }) => droppedKeys.includes("context_management"))).toBe(true);
  });

  test("of a model that is not here is a guess, and says so", async () => {
    const client = await start(() => {
      throw new AppError("revision_not_found", "The files are not complete.");
    });
    const { data, response } = await client.messages.countTokens(hi).withResponse();
    expect(data.input_tokens).toBeGreaterThan(0);
    expect(response.headers.get("x-mlx-manager-token-count")).toBe("estimated");
  });

  test("refuses what a message refuses, in the same shape", async () => {
    const client = await start();
    await expect(client.messages.countTokens({ ...hi, model: "nobody/nothing" })).rejects.toMatchObject({
      ...{ status: 404, error: { type: "error", error: { type: "not_found_error" } } },
    });
    await expect(client.messages.countTokens({ ...hi, messages: [] })).rejects.toMatchObject({ status: 400 });
    const picture = { type: "base64" as const, media_type: "image/png" as const, data: "AAAA" };
    const messages = [{ role: "user" as const, content: [{ type: "image" as const, source: picture }] }];
    await expect(client.messages.countTokens({ ...hi, messages })).rejects.toThrow("reads text only");
  });
});
