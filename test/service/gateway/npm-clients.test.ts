import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Ollama } from "ollama";
import OpenAI from "openai";
import type { RunnableToolFunctionWithParse } from "openai/lib/RunnableFunction";
import { makeParseableResponseFormat, makeParseableTextFormat } from "openai/lib/parser";
import { clientModels as models, picture, startClientWorld } from "./client-world.ts";
import type { ClientWorld } from "./client-world.ts";

const hello = "Hello there, friend.";
const paris = { city: "Paris", degrees: 18 };
const schema = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
  additionalProperties: false,
} as const;
const messages = [{ role: "user" as const, content: "Hi" }];
let world: ClientWorld;
beforeAll(async () => void (world = await startClientWorld()));
afterAll(() => world.close());

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const seen: Item[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

/* What these clients have besides is in the tests of each protocol; here is what nobody else asks. */

describe("openai", () => {
  const client = () => new OpenAI({ baseURL: `${world.service.address}/v1`, apiKey: "none", maxRetries: 0 });
  const format = makeParseableResponseFormat(
    { type: "json_schema", json_schema: { name: "weather", schema, strict: true } },
    (text) => JSON.parse(text) as typeof paris,
  );

  test("chats by its helpers: events, parsed answers, tools that it runs by itself", async () => {
    const { completions } = client().chat;
    const stream = completions.stream({ model: models.plain, messages });
    const texts: string[] = [];
    stream.on("content", (piece) => void texts.push(piece));
    expect(await stream.finalContent()).toBe(hello);
    expect(texts.join("")).toBe(hello);
    const asked = { model: models.structured, messages, response_format: format };
    expect((await completions.parse(asked)).choices[0]?.message.parsed).toEqual(paris);
    const parsed = await completions.stream(asked).finalChatCompletion();
    expect(parsed.choices[0]?.message.parsed).toEqual(paris);
    const called: unknown[] = [];
    const weather: RunnableToolFunctionWithParse<object> = {
      type: "function",
      function: {
        ...{
          name: "get_weather",
          description: "The weather",
          parameters: { ...schema, required: [...schema.required] },
        },
        parse: (text) => JSON.parse(text) as object,
        function: (given) => (called.push(given), "18 degrees"),
      },
    };
    const run = { model: models.calling, messages, tools: [weather] };
    expect(await completions.runTools(run).finalContent()).toBe("Sunny.");
    expect(await completions.runTools({ ...run, stream: true }).finalContent()).toBe("Sunny.");
    expect(called).toEqual([{ city: "Paris" }, { city: "Paris" }]);
  });

  test("sees a picture, completes, embeds and reads the bare response", async () => {
    const image = { type: "image_url" as const, image_url: { url: `data:image/png;base64,${picture}` } };
    const content = [{ type: "text" as const, text: "What is it?" }, image];
    const seen = await client().chat.completions.create({
      model: models.seeing,
      messages: [{ role: "user", content }],
    });
    expect(seen.choices[0]?.message.content).toBe("A cat.");
    const prompt = { model: models.plain, prompt: "Once" };
    expect((await client().completions.create(prompt)).choices[0]?.text).toBe(hello);
    const chunks = await all(await client().completions.create({ ...prompt, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.text ?? "").join("")).toBe(hello);
    const { data } = await client().embeddings.create({ model: models.vectors, input: ["a", "bb"] });
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [1, 0, 0.5],
      [2, 1, 0.5],
    ]);
    const { data: page, response } = await client().models.list().withResponse();
    expect([page.data.length > 5, response.status]).toEqual([true, 200]);
  });

  test("parses responses and asks for them again", async () => {
    const { responses } = client();
    const text = {
      format: makeParseableTextFormat(
        { type: "json_schema", name: "weather", schema, strict: true },
        (said) => JSON.parse(said) as typeof paris,
      ),
    };
    const asked = { model: models.structured, input: "Hi", text };
    expect((await responses.parse(asked)).output_parsed).toEqual(paris);
    const streamed = await responses.stream(asked).finalResponse();
    expect(streamed.output_parsed).toEqual(paris);
    // The helper takes up a stream by the response's id.
    const again = await responses.stream({ response_id: streamed.id, starting_after: 2 }).finalResponse();
    expect(again.output_text).toBe(streamed.output_text);
    expect(await all(responses.inputItems.list(streamed.id))).toHaveLength(1);
    const count = await responses.inputTokens.count({ model: models.plain, input: "Hi" });
    expect(count.input_tokens).toBeGreaterThan(0);
    await expect(responses.cancel(streamed.id)).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await responses.delete(streamed.id);
    await expect(responses.retrieve(streamed.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test("leaves a stream without the service minding", async () => {
    const stream = await client().chat.completions.create({ model: models.slow, messages, stream: true });
    for await (const _chunk of stream) break;
    expect(stream.controller.signal.aborted).toBe(true);
    expect((await client().chat.completions.create({ model: models.plain, messages })).choices).toHaveLength(1);
  });
});

describe("@anthropic-ai/sdk", () => {
  const client = () => new Anthropic({ baseURL: world.service.address, apiKey: "none", maxRetries: 0 });
  const asked = { model: models.thinking, max_tokens: 100, messages };

  test("pages through the models and back", async () => {
    const first = await client().models.list({ limit: 3 });
    const second = await first.getNextPage();
    expect([first.data.length, first.has_more, second.data.length]).toEqual([3, true, 3]);
    const back = await client().models.list({ limit: 3, before_id: second.data[0]?.id ?? "" });
    expect(back.data).toEqual(first.data);
    const ids = (await all(client().models.list({ limit: 2 }))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await all(client().beta.models.list())).map(({ id }) => id)).toEqual(ids);
    expect(await client().models.retrieve(ids[0] ?? "")).toMatchObject({ id: ids[0], type: "model" });
    await expect(client().models.list({ after_id: "nobody" })).rejects.toBeInstanceOf(Anthropic.BadRequestError);
  });

  test("parses answers, counts, and streams bare events", async () => {
    const parsed = { ...asked, model: models.structured, output_config: { format: jsonSchemaOutputFormat(schema) } };
    expect((await client().messages.parse(parsed)).parsed_output).toEqual(paris);
    expect((await client().messages.stream(parsed).finalMessage()).parsed_output).toEqual(paris);
    const events = await all(await client().messages.create({ ...asked, stream: true }));
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(["message_start", "message_stop"]);
    for (const { countTokens } of [bound(client().messages), bound(client().beta.messages)])
      expect((await countTokens({ model: models.plain, messages })).input_tokens).toBeGreaterThan(0);
    const { response, request_id: id } = await client().messages.create(asked).withResponse();
    expect([response.status, id]).toEqual([200, expect.stringMatching(/^req_/)]);
    const beta = await client().beta.messages.create({ ...asked, betas: ["interleaved-thinking-2025-05-14"] });
    expect(beta.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
  });

  test.each([true, false])("its tool runner goes on without a thread (stream %s)", async (stream) => {
    const called: unknown[] = [];
    const tool = betaTool({
      ...{ name: "get_weather", description: "The weather", inputSchema: schema },
      run: (input) => (called.push(input), "18 degrees"),
    });
    const runner = client().beta.messages.toolRunner({ ...asked, model: models.calling, tools: [tool], stream });
    expect((await runner.runUntilDone()).content).toMatchObject([{ type: "text", text: "Sunny." }]);
    expect(called).toEqual([{ city: "Paris" }]);
  });
});

function bound<Counter extends { countTokens(body: never): unknown }>(counter: Counter): Counter {
  return { countTokens: counter.countTokens.bind(counter) } as Counter;
}

describe("ollama", () => {
  const client = () => new Ollama({ host: world.service.address });

  test("takes pictures, formats and efforts, and embeds in both shapes", async () => {
    const question = [{ role: "user", content: "What is it?", images: [picture] }];
    expect((await client().chat({ model: models.seeing, messages: question })).message.content).toBe("A cat.");
    const bytes = [{ role: "user", content: "?", images: [new Uint8Array(Buffer.from(picture, "base64"))] }];
    expect((await client().chat({ model: models.seeing, messages: bytes })).message.content).toBe("A cat.");
    const seen = await client().generate({ model: models.seeing, prompt: "?", images: [picture] });
    expect(seen.response).toBe("A cat.");
    for (const format of [schema, "json"])
      expect(JSON.parse((await client().chat({ model: models.structured, messages, format })).message.content)).toEqual(
        paris,
      );
    const thinking = await client().chat({ model: models.thinking, messages, think: "low" });
    expect(thinking.message.thinking).toBe("The user wants an answer.");
    const { embeddings } = await client().embed({ model: models.vectors, input: ["a", "bb"] });
    expect(embeddings).toEqual([
      [1, 0, 0.5],
      [2, 1, 0.5],
    ]);
    expect(await client().embeddings({ model: models.vectors, prompt: "four" })).toEqual({ embedding: [4, 0, 0.5] });
  });

  test("aborts its streams, and is told what is not there", async () => {
    const own = client();
    const stream = await own.chat({ model: models.slow, messages, stream: true });
    await expect(
      (async () => {
        for await (const _line of stream) own.abort();
      })(),
    ).rejects.toMatchObject({ name: "AbortError" });
    for (const wrong of [
      () => own.copy({ source: models.plain, destination: "mine" }),
      () => own.create({ model: "mine", from: models.plain }),
      () => own.push({ model: "mine" }),
    ])
      await expect(wrong()).rejects.toMatchObject({ status_code: 404, error: expect.stringContaining("nothing at") });
  });
});

describe("HEAD", () => {
  const paths = [
    ...["/", "/v1", "/v1/models", "/v1/models/own/plain", "/v1/messages", "/v1/chat/completions", "/v1/responses/x"],
    ...["/api/hello", "/api/tags", "/api/ps", "/api/chat", "/api/version", "/nowhere/at/all"],
  ];
  test.each(paths)("%s answers with nothing", async (path) => {
    const response = await fetch(world.service.address + path, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
