import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { OllamaChatAnswer, OllamaGenerateAnswer } from "../../../service/src/contract/ollama.ts";
import { intakeOf } from "../../../service/src/gateway/intake.ts";
import { imageUri } from "../../../service/src/gateway/ollama/images.ts";
import { readMessages, readTools } from "../../../service/src/gateway/ollama/read-messages.ts";
import { readOllamaChat } from "../../../service/src/gateway/ollama/read-request.ts";
import { collect, startOllamaBench } from "./ollama-bench.ts";
import type { OllamaBench } from "./ollama-bench.ts";

const thinker = "own/thinker";
const caller = "own/caller";
const messages = [{ role: "user", content: "Weather?" }];
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};
const png = Buffer.from("\x89PNG\r\n\x1a\n0000", "latin1").toString("base64");
let bench: OllamaBench;
beforeAll(async () => {
  bench = await startOllamaBench({
    [thinker]: { text: "It is so.", reasoning: true },
    [caller]: { toolCall: true, text: "Sunny." },
  });
});
afterAll(() => bench.close());
const lastAsked = () => bench.asked().at(-1) as { messages: Record<string, unknown>[] } & Record<string, unknown>;

describe("completions", () => {
  test("the official client completes whole and streamed, with the system's words first", async () => {
    const whole = await bench.client.generate({ model: thinker, prompt: "Is it?", system: "Be short." });
    expect(OllamaGenerateAnswer.parse(whole)).toMatchObject({
      ...{ response: "It is so.", thinking: "The user wants an answer.", done: true, done_reason: "stop" },
      ...{ model: thinker, eval_count: expect.any(Number), total_duration: expect.any(Number) },
    });
    expect(lastAsked().messages).toEqual([
      { role: "system", content: "Be short." },
      { role: "user", content: "Is it?" },
    ]);
    const lines = await collect(await bench.client.generate({ model: thinker, prompt: "Is it?", stream: true }));
    for (const line of lines) OllamaGenerateAnswer.parse(line);
    expect(lines.map(({ response }) => response).join("")).toBe("It is so.");
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: "stop", response: "" });
  });

  test("an answer that is cut off says so", async () => {
    const { done_reason: reason } = await bench.client.generate({
      ...{ model: thinker, prompt: "Is it?", options: { stop: [" so"] } },
    });
    expect(reason).toBe("stop");
    expect(lastAsked()).not.toHaveProperty("stop");
  });
});

describe("tools", () => {
  test("calls come whole with their arguments as an object, streamed right before the last line", async () => {
    const whole = await bench.client.chat({ model: caller, messages, tools: [weather] });
    const calls = [{ function: { name: "get_weather", arguments: { city: "Paris" } } }];
    expect(OllamaChatAnswer.parse(whole)).toMatchObject({ done_reason: "stop", message: { tool_calls: calls } });
    const lines = await collect(await bench.client.chat({ model: caller, messages, tools: [weather], stream: true }));
    expect(lines.at(-2)).toMatchObject({ done: false, message: { content: "", tool_calls: calls } });
    expect(lines.filter(({ message }) => message.tool_calls !== undefined)).toHaveLength(1);
    const { message } = whole;
    const result = { role: "tool", content: "18 degrees", tool_name: "get_weather" };
    const answer = await bench.client.chat({
      model: caller,
      tools: [weather],
      messages: [...messages, message, result],
    });
    expect(answer.message).toEqual({ role: "assistant", content: "Sunny." });
    expect(lastAsked().messages.slice(1)).toMatchObject([
      { tool_calls: [{ id: "call_1_0", function: { name: "get_weather", arguments: '{"city":"Paris"}' } }] },
      { role: "tool", tool_call_id: "call_1_0", content: "18 degrees" },
    ]);
  });

  test("a launcher's local tools are functions, its remote ones are left out and named in the row", async () => {
    const tools = [
      { type: "local_tool", function: { name: "get_weather", parameters: {} } },
      { type: "remote_tool", name: "web_search" },
    ];
    const response = await bench.post("/api/chat", { model: caller, messages, tools, stream: false });
    expect(response.status).toBe(200);
    expect(lastAsked()["tools"]).toEqual([
      { type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } },
    ]);
    expect(readTools(tools).dropped).toEqual(["tools.remote_tool"]);
    expect(() => readTools([{ type: "function" }])).toThrow("Each tool needs a function");
  });

  test("results belong to calls by their ids, else by the tool's name, else by order, the same at every turn", () => {
    const call = (name: string, id?: string) => ({ ...(id ? { id } : {}), function: { name, arguments: "{}" } });
    const turn = [
      { role: "assistant" as const, tool_calls: [call("a"), call("b"), call("c", "own")] },
      { role: "tool" as const, content: "of b", tool_name: "b" },
      { role: "tool" as const, content: "of own", tool_call_id: "own" },
      { role: "tool" as const, content: "of a" },
      { role: "tool" as const, content: "of none" },
    ];
    const read = readMessages(turn);
    expect(read.map((message) => (message.role === "tool" ? message.callId : ""))).toEqual([
      ...["", "call_0_1", "own", "call_0_0", "call_4"],
    ]);
    expect(readMessages([...turn, { role: "user", content: "On" }]).slice(0, 5)).toEqual(read);
  });

  test("arguments that are no object, or none at all, become one", () => {
    const text = (given: string | null) =>
      readMessages([{ role: "assistant", tool_calls: [{ function: { name: "a", arguments: given } }] }]).map(
        (message) => (message.role === "assistant" ? message.toolCalls[0]?.arguments : ""),
      )[0];
    expect(text(null)).toBe("{}");
    expect(JSON.parse(text("[1]") ?? "")).toEqual({ arguments: "[1]" });
  });
});

describe("thinking", () => {
  test("is switched by think, as strong as it says, and goes back to the model", async () => {
    await bench.client.chat({ model: thinker, messages, think: false });
    expect(lastAsked()["chat_template_kwargs"]).toMatchObject({ enable_thinking: false });
    await bench.client.chat({ model: thinker, messages, think: "high" });
    expect(lastAsked()["chat_template_kwargs"]).toMatchObject({ enable_thinking: true, reasoning_effort: "high" });
    const earlier = { role: "assistant", content: "Yes.", thinking: "Perhaps." };
    await bench.client.chat({ model: thinker, messages: [...messages, earlier, { role: "user", content: "Sure?" }] });
    expect(lastAsked().messages[1]).toEqual({ role: "assistant", content: "Yes.", reasoning_content: "Perhaps." });
    expect(lastAsked()).not.toHaveProperty("chat_template_kwargs");
  });
});

describe("images", () => {
  test.each([
    ["image/png", "\x89PNG\r\n\x1a\n0000"],
    ["image/jpeg", "\xff\xd8\xff\xe0000000000"],
    ["image/gif", "GIF89a0000000"],
    ["image/webp", "RIFF0000WEBPVP8 "],
  ])("are known by their bytes: %s", (type, bytes) => {
    const text = Buffer.from(bytes, "latin1").toString("base64");
    expect(imageUri(text)).toBe(`data:${type};base64,${text}`);
    expect(imageUri(`data:image/any;base64,${text.slice(0, 8)}\n${text.slice(8)}`)).toBe(`data:${type};base64,${text}`);
  });

  test.each(["", "Tm8gaW1hZ2U=", "Qk0wMDAwMDAwMDAw"])("what is none is refused: %j", (text) => {
    expect(() => imageUri(text)).toThrow("An image must be");
  });

  test("reach the request from messages, and are refused where none can be, or by a model that reads text", async () => {
    const request = { messages: [{ role: "user" as const, content: "What is it?", images: [png] }] };
    expect(readOllamaChat(request, [])).toEqual(
      intakeOf({
        ...{ model: null, stream: true, sampling: {} },
        messages: [{ role: "user", text: "What is it?", images: [`data:image/png;base64,${png}`] }],
      }),
    );
    expect(() => readMessages([{ role: "tool", content: "", images: [png] }])).toThrow("from user messages only");
    const refused = bench.client.generate({ model: thinker, prompt: "What is it?", images: [png] });
    await expect(refused).rejects.toMatchObject({
      status_code: 400,
      error: expect.stringContaining("reads text only"),
    });
  });
});
