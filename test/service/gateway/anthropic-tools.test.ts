import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { GatewayDependencies } from "../../../service/src/gateway/index.ts";
import { startGateway, testProfile } from "./gateway-bench.ts";
import type { BenchOptions, GatewayBench } from "./gateway-bench.ts";
import { testPicture } from "../../../service/src/serving/probing/test-picture.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

async function start(options: BenchOptions = {}): Promise<Anthropic> {
  bench = await startGateway(options);
  return new Anthropic({ baseURL: bench.url.replace(/\/v1$/, ""), apiKey: "none", maxRetries: 0 });
}

const weather: Anthropic.Tool = {
  name: "get_weather",
  description: "The weather of a city.",
  input_schema: { type: "object", properties: { city: { type: "string" } } },
};
const asked: Anthropic.MessageCreateParamsNonStreaming = {
  ...{ model: "mlx-manager/demo", max_tokens: 100, tools: [weather] },
  messages: [{ role: "user", content: "Weather?" }],
};

/** What the engine was sent, request by request. */
function sent(): Record<string, unknown>[] {
  return bench.engine.entries().flatMap(({ type, body }) => (type === "request" && body ? [body] : []));
}

describe("tools", () => {
  test("a call streams its input in pieces, and its result goes back to the model", async () => {
    const client = await start({ flags: { toolCall: true, reasoning: true } });
    const pieces: string[] = [];
    const stream = client.messages.stream(asked).on("inputJson", (piece) => void pieces.push(piece));
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe("tool_use");
    expect(JSON.parse(pieces.join(""))).toEqual({ city: "Paris" });
    const [thinking, call] = message.content;
    expect(thinking).toMatchObject({ type: "thinking", thinking: "The user wants an answer." });
    expect(call).toMatchObject({ type: "tool_use", name: "get_weather", input: { city: "Paris" } });
    const callId = call?.type === "tool_use" ? call.id : "";
    const answer = await client.messages.create({
      ...asked,
      messages: [
        ...asked.messages,
        { role: "assistant", content: message.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: callId, content: "Sunny" }] },
      ],
    });
    expect(answer).toMatchObject({ stop_reason: "end_turn" });
    expect(answer.content.at(-1)).toMatchObject({ type: "text", text: "Hello from the fake engine." });
    expect(sent()[1]?.["messages"]).toEqual([
      { role: "user", content: "Weather?" },
      {
        ...{ role: "assistant", content: "", reasoning_content: "The user wants an answer." },
        tool_calls: [
          { id: callId, type: "function", function: { name: "get_weather", arguments: '{"city":"Paris"}' } },
        ],
      },
      { role: "tool", tool_call_id: callId, content: "Sunny" },
    ]);
    expect(sent()[0]?.["tools"]).toEqual([
      {
        type: "function",
        function: {
          ...{ name: "get_weather", description: "The weather of a city." },
          parameters: weather.input_schema,
        },
      },
    ]);
  });

  test("a whole answer holds the same call", async () => {
    const client = await start({ flags: { toolCall: true } });
    const message = await client.messages.create(asked);
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", name: "get_weather", input: { city: "Paris" } }],
    });
  });

  test("with tool_choice none the model is offered none", async () => {
    const client = await start({ flags: { toolCall: true } });
    const message = await client.messages.create({ ...asked, tool_choice: { type: "none" } });
    expect(message.stop_reason).toBe("end_turn");
    expect(sent()[0]).not.toHaveProperty("tools");
  });

  test("Anthropic's own tools are refused by name, a search for tools is not needed", async () => {
    const client = await start();
    const search = { type: "web_search_20250305", name: "web_search" } as const;
    await expect(client.messages.create({ ...asked, tools: [weather, search] })).rejects.toMatchObject({
      ...{ status: 400, type: "invalid_request_error" },
      message: expect.stringContaining("web_search_20250305"),
    });
    const finder = { type: "tool_search_tool_regex_20251119", name: "tool_search_tool_regex" } as const;
    await client.messages.create({ ...asked, tools: [{ ...weather, defer_loading: true }, finder] });
    expect(sent()[0]?.["tools"]).toHaveLength(1);
    expect(bench.rows[1]?.droppedKeys).toEqual(["tools.defer_loading"]);
  });
});

describe("thinking", () => {
  test("is a block of its own with a signature, streamed and whole alike", async () => {
    const client = await start({ flags: { reasoning: true } });
    const thoughts: string[] = [];
    const stream = client.messages.stream(asked).on("thinking", (text) => void thoughts.push(text));
    const streamed = await stream.finalMessage();
    const whole = await client.messages.create(asked);
    expect(streamed.content).toEqual(whole.content);
    expect(thoughts.join("")).toBe("The user wants an answer.");
    const [block] = streamed.content;
    expect(block).toMatchObject({ type: "thinking", thinking: "The user wants an answer." });
    expect(block?.type === "thinking" && block.signature).toMatch(/^[\w+/]{43}=$/);
  });

  test.each([
    [
      { type: "enabled" as const, budget_tokens: 1024 },
      { enable_thinking: true, thinking: true, thinking_budget: 1024 },
    ],
    [{ type: "disabled" as const }, { enable_thinking: false, thinking: false }],
    [{ type: "adaptive" as const }, undefined],
  ])("%j is told to the template", async (thinking, template) => {
    const client = await start();
    await client.messages.create({ ...asked, max_tokens: 2000, thinking });
    expect(sent()[0]?.["chat_template_kwargs"]).toEqual(template);
  });

  test("the effort is told to the template", async () => {
    const client = await start();
    await client.messages.create({ ...asked, thinking: { type: "adaptive" }, output_config: { effort: "high" } });
    expect(sent()[0]?.["chat_template_kwargs"]).toMatchObject({ reasoning_effort: "high" });
  });
});

describe("images", () => {
  const png = testPicture().split(",")[1]!;
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: png } } as const;

  test("a model that does not see refuses them", async () => {
    const client = await start();
    const messages = [{ role: "user" as const, content: [image] }];
    await expect(client.messages.create({ ...asked, messages })).rejects.toMatchObject({
      ...{ status: 400, type: "invalid_request_error", message: expect.stringContaining("reads text only") },
    });
  });

  test("a model that sees gets them, those of a tool's result too", async () => {
    const sees = testProfile({ engine: "mlx-vlm" });
    const facts = { contextLength: 2048, vocabularySize: 1536, architecture: "x", capabilities: ["chat", "vision"] };
    const model = { id: sees.model, demo: true, complete: true, addedAt: sees.createdAt, facts };
    const models = { all: () => [model], find: () => model } as unknown as GatewayDependencies["models"];
    const profiles = {
      all: () => [sees],
      resolve: () => ({ profile: sees, revision: "main", by: "model" as const }),
    };
    const client = await start({ change: { models, profiles } });
    await client.messages.create({
      ...asked,
      messages: [
        { role: "user", content: [image, { type: "text", text: "And this?" }] },
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "look", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: [image] }] },
      ],
    });
    const shown = { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } };
    expect(sent()[0]?.["messages"]).toMatchObject([
      { role: "user", content: [shown, { type: "text", text: "And this?" }] },
      { role: "assistant", tool_calls: [{ id: "t1" }] },
      { role: "tool", tool_call_id: "t1" },
      { role: "user", content: [shown, { type: "text", text: "The image of the tool's result." }] },
    ]);
  });
});
