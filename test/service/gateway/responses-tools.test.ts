import { afterEach, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { startGateway } from "./gateway-bench.ts";
import type { BenchOptions, GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

async function start(flags: BenchOptions["flags"]): Promise<OpenAI> {
  bench = await startGateway({ flags: flags ?? {} });
  return new OpenAI({ baseURL: bench.url, apiKey: "none", maxRetries: 0 });
}

const model = "mlx-manager/demo";
const weather = {
  type: "function" as const,
  name: "get_weather",
  strict: false,
  parameters: { type: "object", properties: { city: { type: "string" } } },
};
const patch = {
  type: "custom" as const,
  name: "apply_patch",
  description: "Changes files.",
  format: { type: "grammar" as const, syntax: "lark" as const, definition: 'start: "x"' },
};

function sent(): Record<string, unknown> {
  return bench.engine.entries().findLast(({ type }) => type === "request")?.body ?? {};
}

describe("tools of the official client", () => {
  test("are called in a stream, thought about, and their results and thoughts go back", async () => {
    const client = await start({ toolCall: true, reasoning: true });
    const stream = client.responses.stream({ model, tools: [weather], input: "Weather?" });
    const types = new Set<string>();
    for await (const event of stream) types.add(event.type.replace("response.", ""));
    expect([...types]).toEqual([
      ...["created", "in_progress", "output_item.added", "reasoning_summary_part.added"],
      ...["reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done"],
      "output_item.done",
      ...["function_call_arguments.delta", "function_call_arguments.done", "completed"],
    ]);
    const first = await stream.finalResponse();
    expect(first.output).toMatchObject([
      { type: "reasoning", summary: [{ type: "summary_text", text: "The user wants an answer." }] },
      { type: "function_call", name: "get_weather", arguments: '{"city": "Paris"}', status: "completed" },
    ]);
    const call = first.output[1] as OpenAI.Responses.ResponseFunctionToolCall;
    const second = await client.responses.create({
      ...{ model, tools: [weather] },
      input: [
        { role: "user", content: "Weather?" },
        ...(first.output as OpenAI.Responses.ResponseInputItem[]),
        { type: "function_call_output", call_id: call.call_id, output: "Sunny" },
      ],
    });
    expect(second.output_text).toBe("Hello from the fake engine.");
    expect(sent()["messages"]).toMatchObject([
      { role: "user", content: "Weather?" },
      {
        ...{ role: "assistant", reasoning_content: "The user wants an answer." },
        tool_calls: [{ id: call.call_id, function: { name: "get_weather" } }],
      },
      { role: "tool", tool_call_id: call.call_id, content: "Sunny" },
    ]);
  });

  test.each([true, false])(
    "of free text are functions to the model and come back as what they are (stream %s)",
    async (streamed) => {
      const client = await start({ toolCall: true, toolArguments: '{"input": "*** Begin Patch\\n*** End Patch"}' });
      const request = { model, tools: [patch], input: "Change it." };
      const response = streamed
        ? await client.responses.stream(request).finalResponse()
        : await client.responses.create(request);
      expect(response.output).toMatchObject([
        { type: "custom_tool_call", name: "apply_patch", input: "*** Begin Patch\n*** End Patch" },
      ]);
      expect(response.tools).toEqual([patch]);
      expect(sent()["tools"]).toMatchObject([
        {
          function: {
            name: "apply_patch",
            parameters: { required: ["input"], properties: { input: { type: "string" } } },
          },
        },
      ]);
      expect(JSON.stringify(sent()["tools"])).toContain("start:");
    },
  );

  test("that run elsewhere are tolerated, as agents send them", async () => {
    const client = await start({ toolCall: true });
    const response = await client.responses.create({
      ...{ model, store: false, include: ["reasoning.encrypted_content"], prompt_cache_key: "session", reasoning: {} },
      input: [
        { type: "message", role: "developer", content: [{ type: "input_text", text: "Rules." }] },
        { type: "message", role: "developer", content: [{ type: "input_text", text: "More." }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: "Go" }] },
      ],
      tools: [
        { type: "web_search", external_web_access: false },
        { type: "namespace", name: "agents", description: "", tools: [weather] },
        { type: "local_shell" },
        weather,
      ],
      ...{ client_metadata: { session: "1" } },
    } as never);
    expect(response.output).toMatchObject([{ type: "function_call", name: "get_weather" }]);
    expect(sent()["messages"]).toEqual([
      { role: "system", content: "Rules.\n\nMore." },
      { role: "user", content: "Go" },
    ]);
    expect((await bench.row()).droppedKeys).toEqual([
      ...["tools.web_search", "tools.namespace", "tools.local_shell", "include.reasoning.encrypted_content"],
    ]);
  });

  test("a choice of a tool that is not there is refused by name", async () => {
    const client = await start({});
    const ask = (tool_choice: unknown) =>
      client.responses.create({ model, input: "Hi", tools: [weather], tool_choice } as never);
    await expect(ask({ type: "function", name: "other" })).rejects.toMatchObject({ status: 400, param: "tool_choice" });
    await expect(ask({ type: "file_search" })).rejects.toMatchObject({ status: 400, param: "tool_choice" });
    await ask({ type: "allowed_tools", mode: "auto", tools: [] });
    expect(sent()).not.toHaveProperty("tools");
  });
});
