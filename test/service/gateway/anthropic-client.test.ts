import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "@jest/globals";
import { AnthropicMessage, MessageEvent } from "../../../service/src/contract/anthropic.ts";
import { startGateway } from "./gateway-bench.ts";
import type { BenchOptions, GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

async function start(options: BenchOptions = {}): Promise<Anthropic> {
  bench = await startGateway(options);
  return new Anthropic({ baseURL: bench.url.replace(/\/v1$/, ""), apiKey: "none", maxRetries: 0 });
}

const hi = { model: "mlx-manager/demo", max_tokens: 100, messages: [{ role: "user" as const, content: "Hi" }] };

function postRaw(body: unknown, path = "/messages?beta=true"): Promise<Response> {
  return fetch(bench.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify(body),
  });
}

describe("the official client", () => {
  test("gets a whole message and the id of its request", async () => {
    const client = await start({ flags: { text: "Hello there, friend." } });
    const message = await client.messages.create(hi);
    expect(message).toMatchObject({
      ...{
        type: "message",
        role: "assistant",
        model: "mlx-manager/demo",
        stop_reason: "end_turn",
        stop_sequence: null,
      },
      content: [{ type: "text", text: "Hello there, friend." }],
      usage: { output_tokens: 3, cache_read_input_tokens: null, cache_creation_input_tokens: null },
    });
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(message.id).toMatch(/^msg_/);
    expect(message._request_id).toMatch(/^req_/);
    expect(await bench.row()).toMatchObject({
      ...{ protocol: "anthropic", path: "/v1/messages", streamed: false, status: 200, finishReason: "stop" },
      ...{ requestedModel: "mlx-manager/demo", droppedKeys: [], outputTokens: 3 },
    });
    expect((await bench.engine.entry("request")).body).toMatchObject({ stream: true, max_tokens: 100 });
  });

  test("streams text with the helper's events, under an id of its own each time", async () => {
    const client = await start({ flags: { text: "One two three." } });
    const seen: string[] = [];
    const stream = client.messages.stream(hi).on("text", (text) => void seen.push(text));
    const first = await stream.finalMessage();
    expect(seen.join("")).toBe("One two three.");
    expect(first).toMatchObject({ content: [{ type: "text", text: "One two three." }], stop_reason: "end_turn" });
    expect(first.usage).toMatchObject({ output_tokens: 3 });
    expect(first.usage.input_tokens).toBeGreaterThan(0);
    const second = await client.messages.stream(hi).finalMessage();
    expect(second.id).not.toBe(first.id);
    const beta = await client.beta.messages.stream({ ...hi, betas: ["context-management-2025-06-27"] }).finalMessage();
    expect(beta.content).toMatchObject([{ type: "text", text: "One two three." }]);
  });

  test("every event is of the contract, message_start is first and message_stop last", async () => {
    await start({ flags: { text: "One two.", reasoning: true, prefillKeepalives: 3 } });
    const response = await postRaw({ ...hi, stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const events = namedEvents(await response.text());
    expect(events.map(({ name }) => name)).toEqual(events.map(({ data }) => data.type));
    const types = events.map(({ name }) => name);
    expect(types[0]).toBe("message_start");
    expect(types).toContain("ping");
    expect(types.slice(-2)).toEqual(["message_delta", "message_stop"]);
  });

  test.each([true, false])("a stop sequence ends the message and is named (stream %s)", async (stream) => {
    const client = await start({ flags: { tokens: 500, tokenDelayMs: 5 } });
    const asked = { ...hi, stop_sequences: ["never", " t4"] };
    const message = stream ? await client.messages.stream(asked).finalMessage() : await client.messages.create(asked);
    expect(message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: " t4" });
    expect(message.content).toMatchObject([{ type: "text", text: "t0 t1 t2 t3" }]);
    expect(message.usage.output_tokens).toBe(5);
  });

  test("is told that the answer was cut off at max_tokens", async () => {
    const client = await start({ flags: { tokens: 20 } });
    const message = await client.messages.create({ ...hi, max_tokens: 5 });
    expect(message.stop_reason).toBe("max_tokens");
  });
});

describe("while nothing comes", () => {
  test("the stream opens and pings while the model loads", async () => {
    await start({
      load: async (_target, _signal, onProgress) => onProgress?.({ phase: "loading", done: 1, total: 2 }),
    });
    const response = await postRaw({ ...hi, stream: true });
    const types = namedEvents(await response.text()).map(({ name }) => name);
    expect(types.slice(0, 2)).toEqual(["message_start", "ping"]);
    expect(types.filter((type) => type === "message_start")).toHaveLength(1);
  });
});

test("a whole answer is of the contract", async () => {
  await start({ flags: { reasoning: true } });
  const response = await postRaw(hi, "/messages");
  const message = AnthropicMessage.parse(await response.json());
  expect(message.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
});

function namedEvents(text: string): { name: string; data: MessageEvent }[] {
  const events = text.split("\n\n").filter((event) => event !== "");
  return events.map((event) => {
    const [, name = "", data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    return { name, data: MessageEvent.parse(JSON.parse(data)) };
  });
}
