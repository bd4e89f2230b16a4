import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Profile } from "../../../../service/src/contract/profiles.ts";
import { ok, startFakeRemote } from "../../../fakes/fake-remote.ts";
import type { FakeRemote, RemoteAnswer } from "../../../fakes/fake-remote.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";

const good = '{"city": "Paris"}';
const bad = "It is Paris.";
const schema = {
  ...{ type: "object", properties: { city: { type: "string" } } },
  ...{ required: ["city"], additionalProperties: false },
};
const format = { type: "json_schema", json_schema: { name: "place", schema } };
let service: TestService;
let fake: FakeRemote;
let slug: string;
let count = 0;
beforeAll(async () => {
  service = await startTestService();
  fake = await startFakeRemote();
});
beforeEach(async () => {
  // Another model each time: nothing is known of it yet.
  count += 1;
  const remote = { baseUrl: fake.url, model: `theirs-${count}` };
  const { body } = await service.call("POST", "/api/profiles", { slug: `remote-${count}`, kind: "remote", remote });
  slug = (body as Profile).slug!;
  fake.answer = ok;
  await ask({});
  fake.requests.splice(0);
});
afterEach(() => {
  fake.requests.splice(0);
});
afterAll(async () => {
  await service.close();
  await fake.close();
});

/** Answers in this order; the last one again and again. */
function says(...texts: string[]): RemoteAnswer {
  return (_request, response) => {
    const text = texts.length > 1 ? texts.shift() : texts[0];
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (chunk: object) => response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    for (const content of text?.match(/.{1,5}/gs) ?? []) send({ choices: [{ index: 0, delta: { content } }] });
    send({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
    send({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 2 } });
    response.end("data: [DONE]\n\n");
  };
}

const refusesFormats: (after: RemoteAnswer) => RemoteAnswer = (after) => (request, response) => {
  if (request.body["response_format"] === undefined) return after(request, response);
  response.writeHead(400, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message: "'response_format' is not supported by this model" } }));
};

async function ask(more: object, path = "/v1/chat/completions") {
  const body = { model: slug, messages: [{ role: "user", content: "Where?" }], ...more };
  const response = await fetch(`${service.address}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const means = response.headers.get("x-mlx-manager-format");
  return { status: response.status, means, text };
}

const contentOf = (text: string): unknown =>
  (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content;
const streamed = (text: string): string =>
  [...text.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => JSON.parse(`"${piece}"`) as string).join("");
const formats = () => fake.requests.map(({ body }) => body["response_format"] !== undefined);

describe("a remote service that knows formats", () => {
  test("is asked in its own words, whole and streamed, and its stream is live", async () => {
    fake.answer = says(good);
    const whole = await ask({ response_format: format });
    expect([whole.means, contentOf(whole.text)]).toEqual(["native", good]);
    const stream = await ask({ response_format: format, stream: true });
    expect([stream.means, streamed(stream.text)]).toEqual(["native", good]);
    expect(stream.text.match(/"content":"/g)?.length).toBeGreaterThan(2);
    expect(formats()).toEqual([true, true]);
    expect(fake.requests[0]?.body["response_format"]).toMatchObject({ json_schema: { schema } });
  });

  test.each([
    [
      "/v1/responses",
      { messages: undefined, input: "Where?", text: { format: { type: "json_schema", name: "a", schema } } },
    ],
    ["/v1/messages", { max_tokens: 50, output_config: { format: { type: "json_schema", schema } } }],
    ["/api/chat", { stream: false, format: schema }],
  ])("%s says it in its own words", async (path, more) => {
    fake.answer = says(good);
    expect(await ask(more, path)).toMatchObject({ status: 200, means: "native" });
    expect(fake.requests[0]?.body["response_format"]).toMatchObject({ json_schema: { schema } });
  });
});

describe("a remote service that knows none", () => {
  test("by its refusal: it is asked in words, and the response says so", async () => {
    fake.answer = refusesFormats(says(good));
    expect(await ask({ response_format: format })).toMatchObject({ status: 200, means: "checked" });
    expect(formats()).toEqual([true, false]);
    const [first] = fake.requests[1]?.body["messages"] as { role: string; content: string }[];
    expect(first).toEqual({ role: "system", content: expect.stringContaining(JSON.stringify(schema)) });
    // What was learned is kept: the next one is not refused first.
    const stream = await ask({ response_format: format, stream: true });
    expect([stream.means, streamed(stream.text)]).toEqual(["checked", good]);
    expect(formats()).toEqual([true, false, false]);
  });

  test("by its answer: what does not fit is asked for anew, with the reason, and the whole price is told", async () => {
    fake.answer = says(bad, bad, good);
    const { status, means, text } = await ask({ response_format: format });
    expect([status, means, contentOf(text)]).toEqual([200, "checked", good]);
    expect(formats()).toEqual([true, false, false]);
    const messages = fake.requests[2]?.body["messages"] as { role: string; content: string }[];
    expect(messages.slice(-2)).toEqual([
      { role: "assistant", content: bad },
      { role: "user", content: expect.stringContaining("it is not JSON") },
    ]);
    expect(JSON.parse(text)).toMatchObject({ usage: { prompt_tokens: 30, completion_tokens: 6 } });
  });

  test("three answers are the most; then it is an error, not something that looks like an answer", async () => {
    fake.answer = says(bad);
    const { status, text } = await ask({ response_format: format });
    expect([status, fake.requests.length]).toEqual([502, 3]);
    expect(text).toContain("does not have the form that was asked for: it is not JSON");
  });

  test("a stream that does not fit ends with an error; the next one is held back until it fits", async () => {
    fake.answer = says(bad, bad, good);
    const live = await ask({ response_format: format, stream: true });
    expect([live.means, streamed(live.text).startsWith("It is")]).toEqual(["native", true]);
    expect(live.text).toContain("does not have the form");
    expect(live.text).not.toContain('"finish_reason":"stop"');
    const held = await ask({ response_format: format, stream: true });
    expect([held.means, streamed(held.text)]).toEqual(["checked", good]);
    expect(fake.requests).toHaveLength(3);
  });

  test("a schema that cannot be checked either is refused by its parameter", async () => {
    fake.answer = refusesFormats(says(good));
    const unjudged = { ...schema, not: { required: ["zip"] } };
    const { status, text } = await ask({
      response_format: { type: "json_schema", json_schema: { name: "x", schema: unjudged } },
    });
    expect([status, fake.requests.length]).toEqual([400, 1]);
    expect(JSON.parse(text)).toMatchObject({ error: { param: "response_format", code: "unsupported" } });
  });

  test("other refusals are its own, and nobody asks again", async () => {
    fake.answer = (_request, response) => void response.writeHead(400).end('{"error":{"message":"too long"}}');
    expect(await ask({ response_format: format })).toMatchObject({ status: 400 });
    expect(fake.requests).toHaveLength(1);
  });
});
