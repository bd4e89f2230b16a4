import { describe, expect, test } from "@jest/globals";
import { ChatRequest } from "../../../service/src/contract/openai.ts";
import { emptyParts } from "../../../service/src/contract/profiles.ts";
import type { Profile } from "../../../service/src/contract/profiles.ts";
import { mlxLmRequest } from "../../../service/src/gateway/engines/mlx-lm/request.ts";
import { chatParameters, checkParameters } from "../../../service/src/gateway/parameters.ts";
import type { Parameter } from "../../../service/src/gateway/parameters.ts";
import { readChat } from "../../../service/src/gateway/openai/read-chat.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { isAppError } from "../../../service/src/platform/errors.ts";

const profile: Profile = {
  ...{ id: "p", slug: null, name: "p", implicit: true, model: "a/b", revision: "main", engine: "mlx-lm" },
  ...{ engineOptions: {}, sampling: {}, systemPrompt: null, ...emptyParts },
  ...{ createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" },
};
const limits = { contextLength: 2048, vocabularySize: 1536 };
const messages = [{ role: "user", content: "Hi" }];

function engineBody(
  request: object,
  change: Partial<Profile> = {},
  known = limits as Parameters<typeof mlxLmRequest>[1],
) {
  const parsed = ChatRequest.parse({ messages, ...request });
  return mlxLmRequest(normalizeRequest(readChat(parsed), { ...profile, ...change }, known), known);
}

function codeOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    if (isAppError(error)) return [error.code, error.details?.["param"]];
    throw error;
  }
  return "accepted";
}

describe("the table of parameters", () => {
  const refused: [string, unknown][] = [
    ["n", 2],
    ["xtc_probability", 0.5],
    ["functions", [{ name: "f" }]],
    ["function_call", { name: "f" }],
    ["audio", { voice: "x" }],
    ["modalities", ["text", "audio"]],
    ["web_search_options", {}],
  ];
  test.each(refused)("%s: %j is refused by its name", (key, value) => {
    expect(codeOf(() => checkParameters({ messages, [key]: value }))).toEqual(["unsupported", key]);
  });

  const passing: [string, unknown][] = [
    ["n", 1],
    ["logprobs", false],
    ["top_logprobs", 0],
    ["response_format", { type: "text" }],
    ["tool_choice", "auto"],
    ["tool_choice", "none"],
    ["presence_penalty", 0],
    ["frequency_penalty", 0],
    ["functions", []],
    ["modalities", ["text"]],
    ["user", "me"],
    ["store", true],
  ];
  test.each(passing)("%s: %j says what happens anyway and passes", (key, value) => {
    expect(checkParameters({ messages, [key]: value })).toEqual([]);
  });

  test("null is absence for every key of the table", () => {
    expect(checkParameters(Object.fromEntries(Object.keys(chatParameters).map((key) => [key, null])))).toEqual([]);
  });

  test("unknown keys are tolerated, their names kept, and nothing of them reaches the engine", () => {
    const request = { messages, zeta: 1, draft_model: "x/y", adapters: "/etc", constructor: 1, role_mapping: {} };
    expect(checkParameters(request)).toEqual(["adapters", "constructor", "draft_model", "role_mapping", "zeta"]);
    expect(Object.keys(engineBody(request)).sort()).toEqual([
      "max_tokens",
      "messages",
      "model",
      "stream",
      "stream_options",
    ]);
  });

  test("every key of the contract stands in the table", () => {
    const table: Record<string, Parameter> = chatParameters;
    for (const key of Object.keys(ChatRequest.shape))
      expect([key, table[key]?.support]).toEqual([key, expect.any(String)]);
  });
});

describe("the body for mlx_lm", () => {
  test("is streamed, asks for usage and names the launched model, whatever the client said", () => {
    expect(engineBody({ model: "other/model", stream: false, stop: ["x"] })).toEqual({
      model: "default_model",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 2046,
    });
  });

  test("zero is a value and null is absence", () => {
    const body = engineBody(
      { temperature: 0, top_p: null, presence_penalty: 0, seed: 0 },
      { sampling: { temperature: 0.9, topP: 0.5, topK: 0 } },
    );
    expect(body).toMatchObject({ temperature: 0, top_p: 0.5, top_k: 0, presence_penalty: 0, seed: 0 });
  });

  test("max_completion_tokens wins over max_tokens, then the profile, then what the context leaves, then 4096", () => {
    const limit = (request: object, change?: Partial<Profile>, known = limits as Parameters<typeof mlxLmRequest>[1]) =>
      engineBody(request, change, known)["max_tokens"];
    expect(limit({ max_completion_tokens: 5, max_tokens: 9 })).toBe(5);
    expect(limit({ max_tokens: 9 }, { sampling: { maxTokens: 7 } })).toBe(9);
    expect(limit({}, { sampling: { maxTokens: 7 } })).toBe(7);
    expect(limit({ messages: [{ role: "user", content: "x".repeat(100_000) }] })).toBe(256);
    expect(limit({}, {}, { contextLength: null, vocabularySize: null })).toBe(4096);
  });

  test("what would kill the engine is refused or made harmless", () => {
    expect(engineBody({ top_k: 1536 })["top_k"]).toBe(0);
    expect(engineBody({ top_k: 1535 })["top_k"]).toBe(1535);
    expect(engineBody({ logit_bias: { "1535": -100 } })["logit_bias"]).toEqual({ "1535": -100 });
    expect(codeOf(() => engineBody({ logit_bias: { "1536": 1 } }))).toEqual(["invalid_request", "logit_bias"]);
    expect(codeOf(() => engineBody({ logit_bias: { "-1": 1 } }))).toEqual(["invalid_request", "logit_bias"]);
    expect(codeOf(() => engineBody({ seed: -1 }))).toEqual(["invalid_request", "seed"]);
    expect(ChatRequest.safeParse({ messages, stop: 5 }).success).toBe(false);
    expect(ChatRequest.safeParse({ messages, stop: [1] }).success).toBe(false);
  });

  test("no image address is ever passed on", () => {
    const image = (url: string) => [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }];
    for (const url of ["http://127.0.0.1:1/x.png", "/etc/passwd", "file:///etc/passwd", "data:image/svg+xml,<svg/>"]) {
      expect(codeOf(() => engineBody({ messages: image(url) }))).toEqual(["unsupported", "messages"]);
    }
    const inTool = [
      ...messages,
      { role: "tool", tool_call_id: "c", content: image("data:image/png;base64,AA==")[0]?.content },
    ];
    expect(codeOf(() => engineBody({ messages: inTool }))).toEqual(["unsupported", "messages"]);
  });

  test("the profile's system prompt comes first when the client brings none", () => {
    const withPrompt = { systemPrompt: "Be short." };
    expect(engineBody({}, withPrompt)["messages"]).toEqual([{ role: "system", content: "Be short." }, ...messages]);
    const own = [{ role: "developer", content: "Mine." }, ...messages];
    expect(engineBody({ messages: own }, withPrompt)["messages"]).toEqual([
      { role: "system", content: "Mine." },
      ...messages,
    ]);
  });

  test("messages become plain text, calls keep valid arguments, thinking is kept", () => {
    const conversation = [
      { role: "system", content: "One." },
      { role: "developer", content: [{ type: "text", text: "Two." }] },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
        name: "me",
      },
      {
        role: "assistant",
        content: null,
        reasoning: "hm",
        tool_calls: [
          { id: "1", type: "function", function: { name: "f", arguments: '{"x":1}' } },
          { id: "2", type: "function", function: { name: "g", arguments: "" } },
          { id: "3", type: "function", function: { name: "h", arguments: '{"cut' } },
        ],
      },
      { role: "tool", tool_call_id: "1", content: "done", extra: true },
    ];
    const call = (id: string, name: string, text: string) => ({
      id,
      type: "function",
      function: { name, arguments: text },
    });
    expect(engineBody({ messages: conversation })["messages"]).toEqual([
      { role: "system", content: "One.\n\nTwo." },
      { role: "user", content: "a\nb" },
      {
        role: "assistant",
        content: "",
        reasoning_content: "hm",
        tool_calls: [call("1", "f", '{"x":1}'), call("2", "g", "{}"), call("3", "h", '{"arguments":"{\\"cut"}')],
      },
      { role: "tool", tool_call_id: "1", content: "done" },
    ]);
  });

  test("tools go along without nulls, and not at all for tool_choice none", () => {
    const tools = [{ type: "function", function: { name: "f", description: null, parameters: null, strict: null } }];
    const sent = { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } };
    expect(engineBody({ tools })["tools"]).toEqual([sent]);
    expect(engineBody({ tools, tool_choice: "none" })["tools"]).toBeUndefined();
    expect(engineBody({ tools: [] })["tools"]).toBeUndefined();
  });

  test("the thinking switch reaches the template under the names templates know", () => {
    const variables = (request: object) => engineBody(request)["chat_template_kwargs"];
    expect(variables({})).toBeUndefined();
    expect(variables({ enable_thinking: false })).toEqual({ enable_thinking: false, thinking: false });
    expect(variables({ reasoning_effort: "none" })).toEqual({ enable_thinking: false, thinking: false });
    expect(variables({ reasoning_effort: "high" })).toEqual({
      enable_thinking: true,
      thinking: true,
      reasoning_effort: "high",
    });
    expect(variables({ chat_template_kwargs: { thinking: true, other: null } })).toEqual({ thinking: true });
  });
});
