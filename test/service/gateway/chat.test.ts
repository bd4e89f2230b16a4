import { afterEach, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { ChatChunk, ChatCompletion } from "../../../service/src/contract/openai.ts";
import { chat, events, post, startGateway } from "./gateway-bench.ts";
import type { BenchOptions, GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

async function start(options: BenchOptions = {}): Promise<void> {
  bench = await startGateway(options);
}

const weather = {
  type: "function" as const,
  function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

describe("a chat through a real engine process", () => {
  test("streams chunks of the contract, under the name that was asked, and writes one row", async () => {
    await start({ flags: { text: "Hello there, friend." } });
    const response = await post(bench, chat({ stream: true, stream_options: { include_usage: true }, zeta: 1 }));
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const all = events(await response.text());
    expect(all.at(-1)).toBe("[DONE]");
    const chunks = all.slice(0, -1).map((event) => ChatChunk.parse(event));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe("Hello there, friend.");
    expect(new Set(chunks.map(({ model, id }) => `${model} ${id}`)).size).toBe(1);
    expect(chunks[0]?.model).toBe("mlx-manager/demo");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 3 } });
    expect(await bench.row()).toMatchObject({
      ...{ protocol: "openai", path: "/v1/chat/completions", streamed: true, status: 200, finishReason: "stop" },
      ...{
        requestedModel: "mlx-manager/demo",
        model: "mlx-manager/demo",
        profileId: "profile_demo",
        serverId: "server_1",
      },
      ...{ engine: "mlx-lm", errorCode: null, clientLeft: false, outputTokens: 3, droppedKeys: ["zeta"] },
      ...{ waitMs: expect.any(Number), firstTokenMs: expect.any(Number), durationMs: expect.any(Number) },
    });
    expect(bench.leases).toEqual({ open: 0, tokens: 3 });
  });

  test("a whole answer is streamed from the engine and put together", async () => {
    await start({ flags: { reasoning: true } });
    const response = await post(bench, chat());
    const completion = ChatCompletion.parse(await response.json());
    expect(completion.choices[0]).toMatchObject({
      message: { content: "Hello from the fake engine.", reasoning_content: "The user wants an answer." },
      finish_reason: "stop",
    });
    expect((await bench.engine.entry("request")).body).toMatchObject({ stream: true, model: "default_model" });
    expect(await bench.row()).toMatchObject({ streamed: false, status: 200, finishReason: "stop" });
  });

  test("a profile's name, sampling and system prompt are used; no name means the default", async () => {
    await start();
    const { model: _name, ...unnamed } = chat() as { model: string };
    expect(ChatCompletion.parse(await (await post(bench, unnamed)).json()).model).toBe("mlx-manager/demo");
    expect(ChatCompletion.parse(await (await post(bench, chat({ model: "coder" }))).json()).model).toBe("coder");
    expect(bench.engine.entries().filter(({ type }) => type === "request")[1]?.body).toMatchObject({
      temperature: 0.3,
      max_tokens: 64,
      messages: [{ role: "system", content: "You write code." }, { role: "user" }],
    });
  });

  test.each([true, false])("a stop text ends the answer and the engine's work (stream %s)", async (stream) => {
    await start({ flags: { tokens: 500, tokenDelayMs: 5 } });
    const response = await post(bench, chat({ stop: [" t4"], stream }));
    const text = await response.text();
    const content = stream
      ? events(text)
          .map((event) => (event as ChatChunk).choices?.[0]?.delta.content ?? "")
          .join("")
      : ChatCompletion.parse(JSON.parse(text)).choices[0]?.message.content;
    expect(content).toBe("t0 t1 t2 t3");
    expect(text).toContain('"finish_reason":"stop"');
    expect((await bench.engine.entry("disconnect")).tokensSent).toBeLessThan(500);
    expect(await bench.row()).toMatchObject({ finishReason: "stop-sequence", clientLeft: false, outputTokens: 5 });
    expect((await bench.engine.entry("request")).body).not.toHaveProperty("stop");
  });
});

describe("the official client", () => {
  function client(): OpenAI {
    return new OpenAI({ baseURL: bench.url, apiKey: "none", maxRetries: 0 });
  }

  test("lists models and looks one up, its slash encoded or not", async () => {
    await start();
    const ids: string[] = [];
    for await (const model of client().models.list()) ids.push(model.id);
    expect(ids).toEqual(["mlx-manager/demo", "coder"]);
    const expected = {
      id: "mlx-manager/demo",
      owned_by: "mlx-manager",
      demo: true,
      loaded: true,
      type: "chat",
      context_length: 2048,
    };
    expect(await client().models.retrieve("mlx-manager/demo")).toMatchObject(expected);
    expect(await (await fetch(`${bench.url}/models/mlx-manager/demo`)).json()).toMatchObject(expected);
    expect(await client().models.retrieve("coder")).toMatchObject({ id: "coder", loaded: false });
    await expect(client().models.retrieve("some/half")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    expect(bench.leases.open).toBe(0);
  });

  test("streams a chat and makes a tool-call round trip", async () => {
    await start({ flags: { toolCall: true, reasoning: true } });
    const stream = client().chat.completions.stream({
      ...(chat() as { model: string }),
      tools: [weather],
      messages: [{ role: "user", content: "Weather?" }],
    });
    const message = await stream.finalMessage();
    const [call] = message.tool_calls ?? [];
    expect(call).toMatchObject({ type: "function", function: { name: "get_weather", arguments: '{"city": "Paris"}' } });
    const answer = await client().chat.completions.create({
      model: "mlx-manager/demo",
      tools: [weather],
      messages: [
        { role: "user", content: "Weather?" },
        message,
        { role: "tool", tool_call_id: call?.id ?? "", content: "Sunny" },
      ],
    });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: "Hello from the fake engine." },
    });
    const sent = bench.engine.entries().filter(({ type }) => type === "request")[1]?.body?.["messages"] as {
      role: string;
    }[];
    expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  });

  test("throws an APIError when the engine dies in the middle of a stream", async () => {
    await start({ flags: { tokens: 20, crashAfterTokens: 3 } });
    const stream = await client().chat.completions.create({
      model: "mlx-manager/demo",
      stream: true,
      messages: [{ role: "user", content: "Hi" }],
    });
    const texts: string[] = [];
    const reading = (async () => {
      for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content ?? "");
    })();
    await expect(reading).rejects.toMatchObject({ error: { code: "engine_failed", source: "engine" } });
    expect(texts.join("")).toBe("t0 t1 t2");
  });
});
