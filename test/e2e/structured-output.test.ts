import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const demo = "mlx-manager/demo";
let folder: string;
let service: RealService;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-structured-"));
  const cache = join(folder, "hub");
  await writeCachedModel(cache, "test/draft");
  service = await startRealService({ MLX_MANAGER_HF_CACHE_PATH: cache });
}, 600_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string", maxLength: 20 }, unit: { $ref: "#/$defs/unit" } },
      required: ["city", "unit"],
      additionalProperties: false,
      $defs: { unit: { enum: ["celsius", "kelvin"] } },
    },
  },
};
const clock = { type: "function", function: { name: "get_time", parameters: { type: "object", properties: {} } } };

async function ask(content: string, more: object) {
  const body = { model: demo, temperature: 0, max_tokens: 200, messages: [{ role: "user", content }], ...more };
  const response = await fetch(`${service.address()}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as ChatCompletion & { error?: { message: string; param?: string } };
  const message = answer.choices?.[0]?.message;
  const finish = answer.choices?.[0]?.finish_reason;
  return { status: response.status, means: response.headers.get("x-mlx-manager-format"), answer, message, finish };
}

function schemaFormat(schema: object) {
  return { response_format: { type: "json_schema", json_schema: { name: "answer", strict: true, schema } } };
}

describe("the real engine", () => {
  const schemas: [string, object, unknown][] = [
    [
      "an object of a word and a number",
      {
        type: "object",
        properties: { color: { enum: ["red", "green"] }, count: { type: "integer", minimum: 10, maximum: 99 } },
        required: ["color", "count"],
        additionalProperties: false,
      },
      { color: expect.stringMatching(/^(red|green)$/), count: expect.any(Number) },
    ],
    [
      "a list of bounded texts",
      { type: "array", items: { type: "string", maxLength: 8 }, minItems: 2, maxItems: 2 },
      [expect.any(String), expect.any(String)],
    ],
    [
      "nested objects by reference",
      {
        $ref: "#/$defs/place",
        $defs: {
          place: {
            type: "object",
            properties: { name: { type: "string", maxLength: 10 }, inside: { const: 7 } },
            required: ["name", "inside"],
            additionalProperties: false,
          },
        },
      },
      { name: expect.any(String), inside: 7 },
    ],
  ];
  test.each(schemas.map(([name, schema, expected]) => ({ name, schema, expected })))(
    "is held to $name",
    async ({ schema, expected }) => {
      const { status, means, message, finish } = await ask("Who are you?", schemaFormat(schema));
      expect({ status, means, finish }).toEqual({ status: 200, means: "grammar", finish: "stop" });
      expect(JSON.parse(message?.content ?? "")).toEqual(expected);
    },
    120_000,
  );

  test("json_object gives an object, behind free thinking where the model thinks", async () => {
    const plain = { response_format: { type: "json_object" }, max_tokens: 60 };
    const { means, message, finish } = await ask("think: Which port does MLX Manager use?", plain);
    expect([means, finish]).toEqual(["grammar", "stop"]);
    expect(message?.reasoning_content).toMatch(/port/);
    expect(JSON.parse(message?.content ?? "")).toEqual(expect.objectContaining({}));
  }, 120_000);

  test.each([
    ["required", "get_weather|get_time"],
    [{ type: "function", function: { name: "get_time" } }, "get_time"],
    [{ type: "function", function: { name: "get_weather" } }, "get_weather"],
  ])(
    "tool_choice %j makes it call, though it would only talk",
    async (tool_choice, names) => {
      const { means, message, finish } = await ask("Who are you?", { tools: [weather, clock], tool_choice });
      expect([means, finish]).toEqual(["grammar", "tool_calls"]);
      const [call] = message?.tool_calls ?? [];
      expect(call?.function.name).toMatch(new RegExp(`^(${names})$`));
      const given: unknown = JSON.parse(call?.function.arguments ?? "");
      const expected = { city: expect.any(String), unit: expect.stringMatching(/^(celsius|kelvin)$/) };
      expect(given).toEqual(call?.function.name === "get_weather" ? expected : expect.any(Object));
    },
    120_000,
  );

  test("the engine's own tags inside a string are text, and so are those inside a call's arguments", async () => {
    const tags = "<think>kept</think> <tool_call>literal</tool_call> <|im_end|>";
    const note = { type: "string", enum: [tags] };
    const schema = { type: "object", properties: { note }, required: ["note"], additionalProperties: false };
    const { message, finish } = await ask("Who are you?", schemaFormat(schema));
    expect([JSON.parse(message?.content ?? ""), finish]).toEqual([{ note: tags }, "stop"]);
    const tools = [{ type: "function", function: { name: "write", parameters: schema } }];
    const called = await ask("Who are you?", { tools, tool_choice: "required" });
    expect(JSON.parse(called.message?.tool_calls?.[0]?.function.arguments ?? "")).toEqual({ note: tags });
  }, 120_000);

  test("a schema that cannot be enforced is one request's 400 that says so; the engine answers on", async () => {
    const server = async () => (await service.api().get<{ items: Server[] }>("/api/servers?running=true")).items[0];
    const before = await server();
    const wrong = [
      { type: "object", properties: { a: { type: "strin" } } },
      { type: "string", pattern: "(" },
      { $ref: "#/nowhere" },
      { not: { type: "string" } },
    ];
    for (const schema of wrong) {
      const { status, answer } = await ask("Who are you?", schemaFormat(schema));
      expect({ status, said: answer.error?.message }).toEqual({
        status: 400,
        said: expect.stringContaining("response_format cannot be honoured"),
      });
    }
    expect((await ask("Who are you?", {})).message?.content).toMatch(/^I am the built-in demo model/);
    expect(await server()).toMatchObject({ id: before?.id, state: "ready", restarts: 0 });
  }, 120_000);

  test("an answer with a schema joins a running batch, and leaves the other's text as it was", async () => {
    const long = { max_tokens: 500, logit_bias: { 2: -100, 0: -100 } };
    const alone = await ask("Who are you?", long);
    const ends: string[] = [];
    const running = ask("Who are you?", long).finally(() => ends.push("long"));
    const short = schemaFormat({ type: "object", properties: { n: { const: 1 } }, required: ["n"] });
    const joined = ask("Which port does MLX Manager use?", short).finally(() => ends.push("short"));
    expect((await joined).status).toBe(200);
    expect((await running).message?.content).toBe(alone.message?.content);
    expect(ends).toEqual(["short", "long"]);
  }, 120_000);

  test("a draft model guesses ahead of the grammar: the answer is the same", async () => {
    const parts = { slug: "guessed", model: demo, engineOptions: { draftModel: "test/draft", draftTokens: 4 } };
    await service.api().send("POST", "/api/profiles", parts);
    const format = schemaFormat({ type: "array", items: { type: "string", maxLength: 12 }, minItems: 3, maxItems: 3 });
    const [plain, guessed] = [
      await ask("Who are you?", format),
      await ask("Who are you?", { ...format, model: "guessed" }),
    ];
    expect([guessed.status, guessed.finish]).toEqual([200, "stop"]);
    expect(JSON.parse(guessed.message?.content ?? "")).toHaveLength(3);
    expect(guessed.message?.content).toBe(plain.message?.content);
  }, 120_000);
});
