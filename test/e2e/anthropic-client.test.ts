import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

let service: RealService;
let client: Anthropic;
beforeAll(async () => {
  service = await startRealService();
  client = new Anthropic({ baseURL: service.address(), apiKey: "none", maxRetries: 0 });
}, 600_000);
afterAll(() => service.close());

const model = "anthropic/mlx-manager/demo";
const weather: Anthropic.Tool = {
  name: "get_weather",
  description: "get weather",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const port = {
  ...{ model, max_tokens: 100 },
  messages: [{ role: "user" as const, content: "Which port does MLX Manager use?" }],
};

describe("Anthropic's official client on the real engine", () => {
  test("lists the models and counts a prompt without loading one", async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toContain(model);
    expect((await client.messages.countTokens({ model, messages: port.messages })).input_tokens).toBeGreaterThan(5);
    const { items } = await service.api().get<{ items: unknown[] }>("/api/servers?running=true");
    expect(items).toEqual([]);
  });

  test("streams a message whose input is what was counted", async () => {
    const counted = await client.messages.countTokens({ model, messages: port.messages });
    const message = await client.messages.stream(port).finalMessage();
    expect(message.content).toMatchObject([{ type: "text", text: expect.stringContaining("10242") }]);
    expect(message).toMatchObject({ model, stop_reason: "end_turn" });
    const { input_tokens: input, cache_read_input_tokens: cached } = message.usage;
    expect(input + (cached ?? 0)).toBe(counted.input_tokens);
    const again = (await client.messages.create(port)).usage;
    expect(again.input_tokens + (again.cache_read_input_tokens ?? 0)).toBe(counted.input_tokens);
  }, 120_000);

  test("makes a tool-call round trip", async () => {
    const asked = {
      ...{ model, max_tokens: 200, tools: [weather] },
      messages: [{ role: "user" as const, content: "Weather in Paris?" }],
    };
    const message = await client.messages.create(asked);
    const call = message.content.find((block) => block.type === "tool_use");
    expect(message.stop_reason).toBe("tool_use");
    expect(call).toMatchObject({ name: "get_weather", input: { city: "Paris" } });
    const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: "Sunny, 20 degrees" };
    const answer = await client.messages.create({
      ...asked,
      messages: [
        ...asked.messages,
        { role: "assistant", content: message.content },
        { role: "user", content: [result] },
      ],
    });
    expect(answer.stop_reason).toBe("end_turn");
    expect(answer.content).toMatchObject([{ type: "text", text: expect.stringMatching(/\w/) }]);
  }, 120_000);

  test("is told in the words that agents know that a prompt is too long", async () => {
    const messages = [{ role: "user" as const, content: "word ".repeat(6000) }];
    await expect(client.messages.create({ ...port, messages })).rejects.toMatchObject({
      ...{ status: 400, type: "invalid_request_error" },
      message: expect.stringMatching(/prompt is too long: \d+ tokens > 2048 maximum/),
    });
  });
});
