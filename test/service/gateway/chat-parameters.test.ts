import { describe, expect, test } from "@jest/globals";
import { ChatRequest } from "../../../service/src/contract/openai.ts";
import { chatParameters, checkParameters } from "../../../service/src/gateway/parameters.ts";
import { readChat } from "../../../service/src/gateway/openai/read-chat.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { testProfile } from "./gateway-bench.ts";

const profile = testProfile({});
const limits = { contextLength: 2048, vocabularySize: 1536 };
const messages = [{ role: "user", content: "Hi" }];

/** What an engine would be asked, by the path that requests take. */
function ask(body: object) {
  const request = ChatRequest.parse({ messages, ...body });
  const dropped = checkParameters(request);
  const intake = readChat(request);
  return { intake, request: normalizeRequest(intake, profile, limits), dropped };
}

const look = { type: "function", function: { name: "look", parameters: { type: "object" } } };
const open = [...messages, { role: "assistant", content: "Hello" }];

/** Of every key: a value, what it does to the request, and what else must be sent with it. */
const honoured: Record<string, [unknown, object, object?]> = {
  model: ["some/model", { intake: { model: "some/model" } }],
  messages: [[{ role: "user", content: "Yo" }], { request: { messages: [{ role: "user", text: "Yo" }] } }],
  stream: [true, { intake: { stream: true } }],
  // Of the writer, proven in openai-writer.test.ts.
  stream_options: [{ include_usage: true }, {}],
  stop: ["END", { request: { stop: ["END"] } }],
  parallel_tool_calls: [false, { request: { parallelToolCalls: false } }],
  tools: [[look], { request: { tools: [{ name: "look" }] } }],
  tool_choice: ["none", { request: { toolChoice: "none", tools: [] } }, { tools: [look] }],
  max_tokens: [7, { request: { maxTokens: 7, isMaxTokensSaid: true } }],
  max_completion_tokens: [7, { request: { maxTokens: 7, isMaxTokensSaid: true } }],
  temperature: [0, { request: { sampling: { temperature: 0 } } }],
  top_p: [0, { request: { sampling: { topP: 0 } } }],
  top_k: [0, { request: { sampling: { topK: 0 } } }],
  min_p: [0, { request: { sampling: { minP: 0 } } }],
  presence_penalty: [0, { request: { sampling: { presencePenalty: 0 } } }],
  frequency_penalty: [-0.5, { request: { sampling: { frequencyPenalty: -0.5 } } }],
  repetition_penalty: [1.1, { request: { sampling: { repetitionPenalty: 1.1 } } }],
  seed: [0, { request: { sampling: { seed: 0 } } }],
  logit_bias: [{ "5": -1 }, { request: { sampling: { logitBias: new Map([[5, -1]]) } } }],
  reasoning_effort: ["low", { request: { template: { enable_thinking: true, reasoning_effort: "low" } } }],
  enable_thinking: [false, { request: { template: { enable_thinking: false } } }],
  chat_template_kwargs: [{ x: 1 }, { request: { template: { x: 1 } } }],
  response_format: [{ type: "json_object" }, { request: { format: { type: "json-object" } } }],
  logprobs: [true, { request: { topLogprobs: 0 } }],
  top_logprobs: [3, { request: { topLogprobs: 3 } }, { logprobs: true }],
  continue_final_message: [true, { request: { continuation: "must" } }, { messages: open }],
  add_generation_prompt: [true, { request: { continuation: "never" } }, { messages: open }],
};
/** A value that says what happens anyway, and one that does not. */
const defaultOnly: Record<string, [unknown, unknown]> = {
  n: [1, 2],
  xtc_probability: [0, 0.5],
  modalities: [["text"], ["text", "audio"]],
  audio: [null, { voice: "x", format: "wav" }],
  functions: [[], [{ name: "f" }]],
  function_call: ["auto", { name: "f" }],
  web_search_options: [null, {}],
  moderation: [null, { model: "x" }],
};
const harmless: Record<string, unknown> = {
  xtc_threshold: 0.1,
  prediction: { type: "content", content: "Hi" },
  user: "me",
  metadata: { a: "b" },
  store: true,
  service_tier: "auto",
  prompt_cache_key: "key",
  prompt_cache_retention: "24h",
  prompt_cache_options: {},
  safety_identifier: "me",
};

describe("the table of /v1/chat/completions", () => {
  test("has a row here for every key", () => {
    const keys = (support: string) =>
      Object.entries(chatParameters).flatMap(([key, row]) => (row.support === support ? [key] : []));
    expect(Object.keys(honoured).sort()).toEqual(keys("honoured").sort());
    expect(Object.keys(defaultOnly).sort()).toEqual(keys("default-only").sort());
    expect(Object.keys(harmless).sort()).toEqual(keys("harmless").sort());
  });

  test.each(Object.entries(honoured))("%s is honoured, and null is absence", (key, [value, expected, more = {}]) => {
    const asked = ask({ ...more, [key]: value });
    expect(asked).toMatchObject(expected);
    expect(asked.dropped).toEqual([]);
    if (key !== "messages") expect(ask({ ...more, [key]: null }).request).toEqual(ask(more).request);
  });

  test.each(Object.entries(defaultOnly))("%s is refused by name, unless it says what happens anyway", (key, row) => {
    const [same, other] = row;
    expect(ask({ [key]: same })).toMatchObject({ request: ask({}).request, dropped: [] });
    expect(() => ask({ [key]: other })).toThrow(
      expect.objectContaining({ code: "unsupported", details: { param: key } }),
    );
  });

  test.each(Object.entries(harmless))("%s changes nothing", (key, value) => {
    expect(ask({ [key]: value })).toMatchObject({ request: ask({}).request, dropped: [] });
  });

  test("likely tokens are refused where no token is asked for, and where the engine does not tell them", () => {
    expect(ask({ logprobs: false, top_logprobs: 0 }).request.topLogprobs).toBeUndefined();
    expect(() => ask({ top_logprobs: 3 })).toThrow(
      expect.objectContaining({ code: "invalid_request", details: { param: "top_logprobs" } }),
    );
    const { intake } = ask({ logprobs: true });
    expect(() => normalizeRequest(intake, testProfile({ engine: "mlx-vlm" }), limits)).toThrow(
      expect.objectContaining({ code: "unsupported", details: { param: "logprobs" } }),
    );
  });

  test("a wish for many or few words is tolerated and named", () => {
    expect(ask({ verbosity: "low" })).toMatchObject({ request: ask({}).request, dropped: ["verbosity"] });
  });
});
