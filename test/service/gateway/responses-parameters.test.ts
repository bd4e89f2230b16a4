import { describe, expect, test } from "@jest/globals";
import { ResponseRequest } from "../../../service/src/contract/responses.ts";
import { intakeOf } from "../../../service/src/gateway/intake.ts";
import { itemsOf, readResponse } from "../../../service/src/gateway/openai/read-response.ts";
import { responseParameters } from "../../../service/src/gateway/openai/response-parameters.ts";
import { checkParameters } from "../../../service/src/gateway/parameters.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { testProfile } from "./gateway-bench.ts";

const profile = testProfile({});
const limits = { contextLength: 2048, vocabularySize: 1536 };

/** What an engine would be asked, by the path that requests take. */
function ask(body: object) {
  const request = ResponseRequest.parse({ input: "Hi", ...body });
  const dropped = checkParameters(request, responseParameters);
  const read = readResponse(request, itemsOf(request));
  return { request: normalizeRequest(read.intake, profile, limits), echo: read.echo, dropped, parts: read.dropped };
}

const tool = { type: "function", name: "get_weather", parameters: { type: "object", properties: {} } };

/** Of every key: a value, and what it does to the request. */
const honoured: Record<string, [unknown, object]> = {
  model: ["some/model", {}],
  input: ["Hello", { messages: [{ role: "user", text: "Hello" }] }],
  instructions: ["Be brief.", { messages: [{ role: "system", text: "Be brief." }, { role: "user" }] }],
  stream: [true, {}],
  store: [false, {}],
  previous_response_id: ["resp_0", {}],
  include: [["reasoning.encrypted_content"], {}],
  metadata: [{ a: "b" }, {}],
  parallel_tool_calls: [false, { parallelToolCalls: false }],
  tools: [[tool], { tools: [{ name: "get_weather", description: null }] }],
  tool_choice: ["none", { toolChoice: "none", tools: [] }],
  text: [{ format: { type: "text" } }, { format: { type: "text" } }],
  reasoning: [{ effort: "low" }, { template: { enable_thinking: true, reasoning_effort: "low" } }],
  max_output_tokens: [7, { maxTokens: 7, isMaxTokensSaid: true }],
  temperature: [0, { sampling: { temperature: 0 } }],
  top_p: [0, { sampling: { topP: 0 } }],
  top_k: [0, { sampling: { topK: 0 } }],
  min_p: [0.1, { sampling: { minP: 0.1 } }],
  presence_penalty: [0, { sampling: { presencePenalty: 0 } }],
  frequency_penalty: [0.5, { sampling: { frequencyPenalty: 0.5 } }],
  repetition_penalty: [1.1, { sampling: { repetitionPenalty: 1.1 } }],
  seed: [0, { sampling: { seed: 0 } }],
  chat_template_kwargs: [{ x: 1 }, { template: { x: 1 } }],
};
/** The value that says what happens anyway, and one that does not. */
const defaultOnly: Record<string, [unknown, unknown]> = {
  background: [false, true],
  conversation: [null, "conv_1"],
  prompt: [null, { id: "pmpt_1" }],
  truncation: ["disabled", "auto"],
  context_management: [[], [{ type: "compaction" }]],
  image: [null, { size: "256x256" }],
  moderation: [null, { model: "x" }],
  top_logprobs: [0, 3],
};
const harmless: Record<string, unknown> = {
  max_tool_calls: 3,
  stream_options: { include_obfuscation: false },
  service_tier: "auto",
  user: "me",
  safety_identifier: "me",
  prompt_cache_key: "key",
  prompt_cache_retention: "24h",
  prompt_cache_options: {},
  client_metadata: { a: "b" },
  access_programs: [],
};

describe("the table of /v1/responses", () => {
  test("has a row here for every key", () => {
    const keys = (support: string) =>
      Object.entries(responseParameters).flatMap(([key, row]) => (row.support === support ? [key] : []));
    expect(Object.keys(honoured).sort()).toEqual(keys("honoured").sort());
    expect(Object.keys(defaultOnly).sort()).toEqual(keys("default-only").sort());
    expect(Object.keys(harmless).sort()).toEqual(keys("harmless").sort());
  });

  test.each(Object.entries(honoured))("%s is honoured", (key, [value, expected]) => {
    const { request, dropped } = ask({ [key]: value });
    expect(request).toMatchObject(expected);
    expect(dropped).toEqual([]);
    expect(ask({ [key]: null, input: "Hi" }).dropped).toEqual([]);
  });

  test.each(Object.entries(defaultOnly))(
    "%s is refused by name, unless it says what happens anyway",
    (key, [same, other]) => {
      expect(ask({ [key]: same }).dropped).toEqual([]);
      expect(() => ask({ [key]: other })).toThrow(
        expect.objectContaining({ code: "unsupported", details: { param: key } }),
      );
    },
  );

  test.each(Object.entries(harmless))("%s changes nothing", (key, value) => {
    expect(ask({ [key]: value })).toMatchObject({ request: ask({}).request, dropped: [] });
  });

  test("unknown keys, tools of other services and wishes inside keys are left out and named", () => {
    const { request, dropped, parts, echo } = ask({
      ...{ zeta: 1, include: ["web_search_call.results"], text: { verbosity: "low" } },
      tools: [
        tool,
        { type: "web_search" },
        { type: "namespace", name: "agents", tools: [tool] },
        { type: "local_shell" },
      ],
      input: [
        { role: "user", content: "Hi" },
        { type: "web_search_call", id: "ws_1" },
      ],
    });
    expect(dropped).toEqual(["zeta"]);
    expect([...parts].sort()).toEqual([
      ...["include.web_search_call.results", "input.web_search_call", "text.verbosity", "tools.local_shell"],
      ...["tools.namespace", "tools.web_search"],
    ]);
    expect(request.tools.map(({ name }) => name)).toEqual(["get_weather"]);
    expect(echo.tools).toEqual([{ ...tool, description: null, strict: null }]);
  });

  test("reasoning.effort none switches thinking off", () => {
    expect(ask({ reasoning: { effort: "none" } }).request.template).toEqual({
      enable_thinking: false,
      thinking: false,
    });
  });

  test("a format is read for whoever can honour it", () => {
    const read = (format: object) =>
      readResponse({ text: { format } } as never, [{ role: "user", content: "Hi" }]).intake.format;
    expect(read({ type: "json_object" })).toEqual({ type: "json-object" });
    const schema = { type: "object" };
    expect(read({ type: "json_schema", name: "city", schema })).toEqual({ type: "json-schema", name: "city", schema });
    expect(() => read({ type: "json_schema" })).toThrow(expect.objectContaining({ details: { param: "text.format" } }));
  });
});

describe("items of an input", () => {
  const read = (input: object[]) => readResponse({} as never, input as never).intake.messages;

  test("become the messages that a chat would have", () => {
    const items = [
      { role: "developer", content: [{ type: "input_text", text: "Rules." }] },
      {
        role: "user",
        content: [
          { type: "input_text", text: "a" },
          { type: "input_text", text: "b" },
        ],
      },
      {
        type: "reasoning",
        id: "rs_1",
        summary: [],
        content: [{ type: "reasoning_text", text: "hm" }],
        encrypted_content: null,
      },
      { type: "message", id: "msg_1", role: "assistant", content: [{ type: "output_text", text: "Let me see." }] },
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
      { type: "custom_tool_call", call_id: "call_2", name: "patch", input: "*** Begin" },
      { type: "function_call_output", call_id: "call_1", output: "Sunny" },
      { type: "custom_tool_call_output", call_id: "call_2", output: [{ type: "input_text", text: "Done" }] },
      { type: "reasoning", summary: [{ type: "summary_text", text: "so" }] },
      { type: "message", role: "assistant", content: "It is sunny." },
    ];
    expect(read(items)).toEqual([
      { role: "system", text: "Rules." },
      { role: "user", text: "a\nb", images: [] },
      {
        ...{ role: "assistant", text: "Let me see.", reasoning: "hm" },
        toolCalls: [
          { id: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
          { id: "call_2", name: "patch", arguments: '{"input":"*** Begin"}' },
        ],
      },
      { role: "tool", callId: "call_1", text: "Sunny" },
      { role: "tool", callId: "call_2", text: "Done" },
      { role: "assistant", text: "It is sunny.", reasoning: "so", toolCalls: [] },
    ]);
  });

  test("every turn extends the one before", () => {
    const items = [
      { role: "user", content: "a" },
      { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "c", output: "x" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
    ];
    const before = read(items.slice(0, 3));
    expect(read(items).slice(0, before.length)).toEqual(before);
  });

  test("images come as data URIs or addresses, from users and from tools", () => {
    const image = { type: "input_image", image_url: "data:image/png;base64,AAAA" };
    expect(read([{ role: "user", content: [image, { type: "input_text", text: "What?" }] }])).toEqual([
      { role: "user", text: "What?", images: [image.image_url] },
    ]);
    const outputs = ["c1", "c2"].map((call_id) => ({ type: "function_call_output", call_id, output: [image] }));
    expect(read(outputs).map(({ role }) => role)).toEqual(["tool", "tool", "user"]);
    const address = [{ role: "user", content: [{ type: "input_image", image_url: "/tmp/a.png" }] }];
    const stored = [{ role: "user", content: [{ type: "input_image", file_id: "file_1" }] }];
    expect(() => read(stored)).toThrow("no file is stored here");
    expect(() => read(address)).toThrow(expect.objectContaining({ code: "unsupported", details: { param: "input" } }));
  });
});

test("a request that says nothing is read as nothing said", () => {
  const { intake } = readResponse({} as never, [{ role: "user", content: "Hi" }]);
  expect(intake).toMatchObject({
    ...intakeOf({ model: null, stream: false, messages: intake.messages }),
    sampling: {},
  });
});
