import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

let service: RealService;
let client: OpenAI;
beforeAll(async () => {
  service = await startRealService();
  client = new OpenAI({ baseURL: `${service.address()}/v1`, apiKey: "none", maxRetries: 0 });
}, 600_000);
afterAll(() => service.close());

const model = "mlx-manager/demo";
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "get weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
} as const;

describe("the official openai client on the real engine", () => {
  test("lists the models without loading one", async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toContain(model);
    const { items } = await service.api().get<{ items: unknown[] }>("/api/servers?running=true");
    expect(items).toEqual([]);
  });

  test("streams a chat that ends with a finish reason and usage", async () => {
    const stream = await client.chat.completions.create({
      ...{ model, temperature: 0, stream: true, stream_options: { include_usage: true } },
      messages: [{ role: "user", content: "Which port does MLX Manager use?" }],
    });
    let text = "";
    let finish: string | null = null;
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe("MLX Manager listens on port 10242. Set MLX_MANAGER_PORT to use another one.");
    expect(finish).toBe("stop");
    expect(usage?.completion_tokens).toBeGreaterThan(5);
  }, 120_000);

  test("makes a tool-call round trip", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "What is the weather in Paris?" }];
    const first = await client.chat.completions.create({ model, temperature: 0, messages, tools: [weather] });
    const call = first.choices[0]?.message.tool_calls?.[0];
    if (call?.type !== "function") throw new Error("No function was called.");
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(JSON.parse(call.function.arguments)).toEqual({ city: "Paris" });
    const second = await client.chat.completions.create({
      ...{ model, temperature: 0, tools: [weather] },
      messages: [
        ...messages,
        first.choices[0]!.message,
        { role: "tool", tool_call_id: call.id, content: "18 degrees and sunny" },
      ],
    });
    expect(second.choices[0]?.message.content).toBe("The weather in Paris is 18 degrees and sunny.");
  }, 120_000);

  test("stops at a stop text that the engine itself would run past", async () => {
    const answer = await client.chat.completions.create({
      ...{ model, temperature: 0, stop: [" port"] },
      messages: [{ role: "user", content: "Which port does MLX Manager use?" }],
    });
    expect(answer.choices[0]?.message.content).toBe("MLX Manager listens on");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  }, 120_000);

  test("answers over Responses, and goes on from what it answered", async () => {
    const asked = { model, temperature: 0, max_output_tokens: 60 };
    const stream = client.responses.stream({ ...asked, input: "Which port does MLX Manager use?" });
    const first = await stream.finalResponse();
    expect(first.output_text).toBe("MLX Manager listens on port 10242. Set MLX_MANAGER_PORT to use another one.");
    expect(first.usage?.output_tokens).toBeGreaterThan(5);
    const next = { ...asked, previous_response_id: first.id, input: "Which port does MLX Manager use?" };
    const second = await client.responses.create(next);
    expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
    expect(await client.responses.retrieve(second.id)).toMatchObject({ output_text: second.output_text });
  }, 120_000);

  test("writes a text on, as it is", async () => {
    const prompt = "<|im_start|>user\nWhich port does MLX Manager use?<|im_end|>\n<|im_start|>assistant\n";
    const completion = await client.completions.create({ model, temperature: 0, prompt, max_tokens: 60 });
    expect(completion.choices[0]).toMatchObject({ finish_reason: "stop" });
    expect(completion.choices[0]?.text).toContain("MLX Manager listens on port 10242.");
  }, 120_000);

  test("gets an unknown model as the client's own NotFoundError", async () => {
    const refused = client.chat.completions.create({
      model: "nobody/nothing",
      messages: [{ role: "user", content: "Hi" }],
    });
    await expect(refused).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });
});
