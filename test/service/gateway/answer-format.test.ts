import { describe, expect, test } from "@jest/globals";
import type { EngineId } from "../../../service/src/contract/engines.ts";
import { ChatRequest } from "../../../service/src/contract/openai.ts";
import { emptyParts } from "../../../service/src/contract/profiles.ts";
import type { Profile } from "../../../service/src/contract/profiles.ts";
import { formatMeans } from "../../../service/src/gateway/answer-format.ts";
import { engineProtocol } from "../../../service/src/gateway/engines/engine-protocol.ts";
import { readChat } from "../../../service/src/gateway/openai/read-chat.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { isAppError } from "../../../service/src/platform/errors.ts";

const limits = { contextLength: 2048, vocabularySize: 1536 };
const schema = { type: "object", properties: { a: { type: "integer" } } };
const jsonSchema = { type: "json_schema", json_schema: { name: "numbers", schema } };
const tool = (name: string) => ({ type: "function", function: { name, parameters: { type: "object", name } } });
const tools = [tool("look"), tool("listen")];
const listen = { type: "function", function: { name: "listen" } };

function profileOf(engine: EngineId): Profile {
  return {
    ...{ id: "p", slug: null, name: "p", implicit: true, model: "a/b", revision: "main" },
    ...{ engineOptions: {}, sampling: {}, systemPrompt: null, ...emptyParts, engine },
    ...{ remote: { baseUrl: "http://127.0.0.1:1/v1", model: "there", hasKey: false } },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z" },
  };
}

function ask(engine: EngineId, more: object) {
  const asked = ChatRequest.parse({ messages: [{ role: "user", content: "Hi" }], ...more });
  const profile = profileOf(engine);
  const request = normalizeRequest(readChat(asked), profile, limits);
  const body = engineProtocol(engine).body({ request, profile, limits });
  const { answer_grammar, response_format, tool_choice } = body;
  return { means: formatMeans(request, engine), answer_grammar, response_format, tool_choice };
}

function refusal(engine: EngineId, more: object): unknown {
  try {
    return ask(engine, more);
  } catch (error) {
    if (isAppError(error)) return [error.code, error.details?.["param"]];
    throw error;
  }
}

describe("mlx-lm is held to a form by the launcher's grammar", () => {
  const grammars: [string, object, unknown][] = [
    ["an object", { response_format: { type: "json_object" } }, { schema: { type: "object" } }],
    ["a schema", { response_format: jsonSchema }, { schema }],
    ["any call", { tools, tool_choice: "required" }, { calls: [tool("look").function, tool("listen").function] }],
    ["one tool's call", { tools, tool_choice: listen }, { calls: [tool("listen").function] }],
    [
      "a call, whose format comes first",
      { tools, tool_choice: listen, response_format: jsonSchema },
      expect.anything(),
    ],
  ];
  test.each(grammars)("%s", (_, more, answer_grammar) => {
    expect(ask("mlx-lm", more)).toEqual({ means: "grammar", answer_grammar });
  });

  test("nothing asked leaves the body as it is", () => {
    expect(ask("mlx-lm", { tools, tool_choice: "auto", response_format: { type: "text" } })).toEqual({ means: null });
  });
});

describe("other engines get it in OpenAI's words", () => {
  const sent = { type: "json_schema", json_schema: { name: "numbers", schema, strict: true } };
  test.each(["remote", "mlx-vlm"] as const)("%s takes formats and forced calls", (engine) => {
    expect(ask(engine, { response_format: jsonSchema })).toEqual({ means: "native", response_format: sent });
    expect(ask(engine, { tools, tool_choice: "required" })).toEqual({ means: "native", tool_choice: "required" });
    expect(ask(engine, { tools, tool_choice: listen })).toEqual({ means: "native", tool_choice: listen });
  });

  test("mlx-openai-server takes formats; a forced call is refused by its name", () => {
    const object = { response_format: { type: "json_object" } };
    const asSchema = { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" }, strict: true } };
    expect(ask("mlx-openai-server", object)).toEqual({ means: "native", response_format: asSchema });
    expect(refusal("mlx-openai-server", { tools, tool_choice: "required" })).toEqual(["unsupported", "tool_choice"]);
  });
});

test.each([
  [{ tool_choice: "required" }, "tool_choice"],
  [{ tools, tool_choice: { type: "function", function: { name: "smell" } } }, "tool_choice"],
  [{ response_format: { type: "json_schema" } }, "response_format"],
  [{ response_format: { type: "xml" } }, "response_format"],
])("%j cannot be meant and is refused by its name", (more, param) => {
  expect(refusal("mlx-lm", more)).toEqual(["invalid_request", param]);
});
