import { afterEach, describe, expect, test } from "@jest/globals";
import { ChatChunk, ChatCompletion } from "../../../service/src/contract/openai.ts";
import { chat, events, post, startGateway } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;

afterEach(() => bench.close());

const tools = [{ type: "function", function: { name: "get_weather", parameters: { type: "object" } } }];
const forced = (more: object = {}) => chat({ tools, tool_choice: "required", ...more });
const bare = '{"name": "get_weather", "arguments": {"city": "Paris"}}';

describe("a call that must be made", () => {
  test("is read out of a whole answer, which says how it was reached", async () => {
    bench = await startGateway({ flags: { text: bare } });
    const response = await post(bench, forced());
    expect(response.headers.get("x-mlx-manager-format")).toBe("grammar");
    expect(ChatCompletion.parse(await response.json()).choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [{ function: { name: "get_weather", arguments: '{"city":"Paris"}' } }] },
    });
    expect((await bench.engine.entry("request")).body).toMatchObject({
      answer_grammar: { calls: [{ name: "get_weather", parameters: { type: "object" } }] },
    });
  });

  test("streamed it is a call with an id of its own, and no text beside it", async () => {
    bench = await startGateway({ flags: { text: `<tool_call>${bare}</tool_call>` } });
    const response = await post(bench, forced({ stream: true }));
    const chunks = events(await response.text())
      .slice(0, -1)
      .map((event) => ChatChunk.parse(event).choices[0]);
    expect(chunks.map((choice) => choice?.delta.content ?? "").join("")).toBe("");
    const calls = chunks.flatMap((choice) => choice?.delta.tool_calls ?? []);
    expect(calls[0]).toMatchObject({ index: 0, id: expect.stringMatching(/^call_\w+/) });
    expect(calls.map((call) => call.function?.arguments ?? "").join("")).toBe('{"city":"Paris"}');
    expect(chunks.at(-1)?.finish_reason).toBe("tool_calls");
  });

  test("that does not come is an error, not an answer", async () => {
    bench = await startGateway({ flags: { text: "I would rather talk." } });
    const response = await post(bench, forced());
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error).toMatchObject({ code: "engine_failed", message: expect.stringContaining("tool_choice") });
    expect(await bench.row()).toMatchObject({ errorCode: "engine_failed", errorSource: "engine" });
  });
});
