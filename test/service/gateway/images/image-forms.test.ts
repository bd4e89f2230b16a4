import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { testPicture } from "../../../../service/src/serving/probing/test-picture.ts";
import { writeVisionModel } from "../../../fixtures/tiny-vision-model.ts";
import { startTestService } from "../../../tools/compose-test.ts";
import type { TestService } from "../../../tools/compose-test.ts";
import { file, startImageHost } from "./image-host.ts";
import type { ImageHost } from "./image-host.ts";
import { dataUri, jpeg } from "./pictures.ts";

const seeing = "test/seeing";
const textOnly = "mlx-manager/demo";
const uri = testPicture();
const base64 = uri.split(",")[1]!;
const photo = jpeg(30, 20);
let home: string;
let host: ImageHost;
let service: TestService;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-forms-"));
  await writeVisionModel(join(home, "hub"), seeing);
  const snapshots = join(home, "hub", "models--test--seeing", "snapshots");
  const flags = { record: join(home, "record.ndjson"), text: "A square." };
  writeFileSync(join(snapshots, readdirSync(snapshots)[0]!, "fake-engine.json"), JSON.stringify(flags));
  host = await startImageHost();
  host.paths.set("/photo", file(photo, "image/jpeg"));
  service = await startTestService({ home, compose: { parts: { imageNetwork: host.network } } });
});
afterAll(async () => {
  await service.close();
  await host.close();
  rmSync(home, { recursive: true, force: true });
});
afterEach(() => void host.seen.splice(0));

/** The contents that the engine was sent, of the requests since the last look. */
let looked = 0;
function sent(): unknown[][] {
  const path = join(home, "record.ndjson");
  const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  const bodies = lines
    .map(
      (line) => JSON.parse(line) as { type: string; body?: { max_tokens: number; messages: { content: unknown }[] } },
    )
    .flatMap(({ type, body }) => (type === "request" && body && body.max_tokens !== 1 ? [body] : []));
  const fresh = bodies.slice(looked).map(({ messages }) => messages.map(({ content }) => content));
  looked = bodies.length;
  return fresh;
}

const shown = (...urls: string[]) => urls.map((url) => ({ type: "image_url", image_url: { url } }));
const said = (text: string) => ({ type: "text", text });

const openai = () => new OpenAI({ baseURL: `${service.address}/v1`, apiKey: "none", maxRetries: 0 });
const anthropic = () => new Anthropic({ baseURL: service.address, apiKey: "none", maxRetries: 0 });
const ollama = () => new Ollama({ host: service.address });

/** One question with images in each protocol's form. What an engine gets of all of them must be the same. */
const forms: Record<string, (urls: readonly string[], model?: string) => Promise<unknown>> = {
  "chat completions": (urls, model = seeing) =>
    openai().chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [said("What?") as never, ...urls.map((url) => ({ type: "image_url" as const, image_url: { url } }))],
        },
      ],
    }),
  responses: (urls, model = seeing) =>
    openai().responses.create({
      model,
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "What?" },
            ...urls.map((url) => ({ type: "input_image" as const, image_url: url, detail: "auto" as const })),
          ],
        },
      ],
    }),
  messages: (urls, model = seeing) =>
    anthropic().messages.create({
      ...{ model, max_tokens: 50 },
      messages: [{ role: "user", content: [...urls.map(block), { type: "text", text: "What?" }] }],
    }),
};

function block(url: string): Anthropic.ImageBlockParam {
  if (!url.startsWith("data:")) return { type: "image", source: { type: "url", url } };
  return { type: "image", source: { type: "base64", media_type: "image/png", data: url.split(",")[1] ?? "" } };
}

const names = Object.keys(forms);
const asking = (name: string, urls: readonly string[], model?: string) => forms[name]!(urls, model);

describe("an image reaches the engine in its form", () => {
  test.each(names)("from %s, as data and as an address, which the service fetches", async (name) => {
    await asking(name, [uri, `${host.url}/photo?for=${encodeURIComponent(name)}`]);
    expect(sent()).toEqual([[[...shown(uri, dataUri(photo, "image/jpeg")), said("What?")]]]);
    expect(host.seen).toHaveLength(1);
  });

  test("from Ollama's chat and generate", async () => {
    const client = ollama();
    await client.chat({ model: seeing, messages: [{ role: "user", content: "What?", images: [base64] }] });
    await client.generate({ model: seeing, prompt: "What?", images: [base64] });
    expect(sent()).toEqual([[[...shown(uri), said("What?")]], [[...shown(uri), said("What?")]]]);
  });

  test("from a tool's result: as data or as an address in Messages, as data in Responses", async () => {
    await anthropic().messages.create({
      ...{ model: seeing, max_tokens: 50 },
      messages: [
        { role: "user", content: "Look." },
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "look", input: {} }] },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "t1", content: [block(uri), block(`${host.url}/photo`)] }],
        },
      ],
    });
    await openai().responses.create({
      model: seeing,
      input: [
        { role: "user", content: "Look." },
        { type: "function_call", call_id: "t1", name: "look", arguments: "{}" },
        {
          type: "function_call_output",
          call_id: "t1",
          output: [{ type: "input_image", image_url: uri, detail: "auto" }],
        },
      ],
    });
    const [messages, responses] = sent();
    expect(messages?.at(-1)).toEqual([
      ...shown(uri, dataUri(photo, "image/jpeg")),
      said("The images of the tools' results, in order."),
    ]);
    expect(responses?.at(-1)).toEqual(shown(uri));
  });

  test("at the next turn without being fetched again, and the prompt goes on byte for byte", async () => {
    const question = {
      role: "user" as const,
      content: [{ type: "image_url" as const, image_url: { url: `${host.url}/photo?turn` } }],
    };
    const ask = (...messages: OpenAI.ChatCompletionMessageParam[]) =>
      openai().chat.completions.create({ model: seeing, messages });
    await ask(question);
    host.paths.set("/photo", file(jpeg(99, 99), "image/jpeg"));
    await ask(question, { role: "assistant", content: "A square." }, { role: "user", content: "Sure?" });
    host.paths.set("/photo", file(photo, "image/jpeg"));
    const [first, second] = sent();
    expect(JSON.stringify(second).startsWith(JSON.stringify(first).slice(0, -1))).toBe(true);
    expect(host.seen).toHaveLength(1);
  });

  test("streamed as well", async () => {
    const stream = await openai().chat.completions.create({
      ...{ model: seeing, stream: true },
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: `${host.url}/photo` } }] }],
    });
    let text = "";
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    expect(text).toBe("A square.");
    expect(sent()).toEqual([[shown(dataUri(photo, "image/jpeg"))]]);
  });
});

test.each([
  ["comes", 200, /^: waiting\n\n[^]* square\.[^]*data: \[DONE\]\n\n$/],
  ["cannot be had", 404, /^: waiting\n\ndata: \{"error":[^\n]*answered 404[^\n]*\n\n$/],
])("a stream is kept alive until a slow image %s", async (_, status, told) => {
  const held: ServerResponse[] = [];
  host.paths.set("/slow", (_request, response) => void held.push(response));
  const answer = await fetch(`${service.address}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model: seeing, stream: true },
      messages: [{ role: "user", content: shown(`${host.url}/slow?${status}`) }],
    }),
  });
  // The head of the answer came with the first comment, and the host has said nothing yet.
  expect(answer.status).toBe(200);
  held[0]!.writeHead(status, { "content-type": "image/jpeg" }).end(photo);
  expect(await answer.text()).toMatch(told);
  sent();
});

describe("an image that cannot be had is that protocol's own 400, and the engine is not asked", () => {
  const wrong: [string, () => string, RegExp][] = [
    ["a file of this machine", () => "file:///etc/passwd", /http or https address/],
    ["the service itself", () => `${service.address}/api/settings`, /not on the public internet/],
    ["a private address", () => "http://192.168.0.1/a.png", /not on the public internet.*data URI/],
    ["the clouds' metadata", () => "http://169.254.169.254/latest/meta-data", /not on the public internet/],
    ["an address that has none", () => `${host.url}/none`, /pictures.example, answered 404/],
    ["a page", () => dataUri(Buffer.from("<!doctype html><p>No</p>")), /cannot be read.*PNG, JPEG, GIF or WebP/],
    ["damaged base64", () => `${uri.slice(0, 60)}!`, /base64.*damaged/],
  ];
  const cases = names.flatMap((name) => wrong.map(([what, url, reason]) => [name, what, url, reason] as const));
  test.each(cases)("%s: %s", async (name, _what, url, message) => {
    const param = name === "responses" ? "input" : "messages";
    await expect(asking(name, [url()])).rejects.toMatchObject({
      ...{ status: 400, message: expect.stringMatching(message) },
      ...(name === "messages" ? { type: "invalid_request_error" } : { type: "invalid_request_error", param }),
    });
    expect(sent()).toEqual([]);
  });

  test.each(["Tm8gaW1hZ2U=", "iVBORw0KGgo="])("Ollama: %s", async (image) => {
    const refused = ollama().chat({ model: seeing, messages: [{ role: "user", content: "?", images: [image] }] });
    await expect(refused).rejects.toMatchObject({ status_code: 400, error: expect.stringContaining("PNG, JPEG") });
    expect(sent()).toEqual([]);
  });

  test.each(names)("%s: a model that reads text is refused by name, before anything is fetched", async (name) => {
    await expect(asking(name, [`${host.url}/photo?unasked`], textOnly)).rejects.toMatchObject({
      ...{ status: 400, message: expect.stringMatching(/mlx-manager\/demo reads text only. Choose test\/seeing/) },
    });
    expect([sent(), host.seen]).toEqual([[], []]);
  });

  test("tokens are counted without fetching", async () => {
    const messages = [{ role: "user" as const, content: [block(`${host.url}/photo?uncounted`)] }];
    const { input_tokens } = await anthropic().messages.countTokens({ model: seeing, messages });
    expect(input_tokens).toBeGreaterThan(0);
    expect(host.seen).toEqual([]);
  });
});
