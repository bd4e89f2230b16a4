import { afterEach, describe, expect, test } from "@jest/globals";
import type { ServerResponse } from "node:http";
import { ChatChunk } from "../../service/src/contract/openai.ts";
import { failure, startFakeService } from "../fakes/fake-service.ts";
import type { FakeService } from "../fakes/fake-service.ts";
import { raycast, visibleToast } from "../fakes/raycast/record.ts";
import type { Screen } from "../tools/raycast-render.tsx";
import { openCommand } from "./open-command.tsx";

let service: FakeService;
afterEach(async () => service?.close());

interface Stream {
  response: ServerResponse;
  comment(text: string): void;
  delta(delta: Record<string, string>): void;
  finish(reason?: "stop" | "length", tokens?: number): void;
  raw(text: string): void;
}

/** Opens the command; every chat it starts is handed to the test, which writes the answer. */
async function open(question = "Why?", launchContext?: Record<string, unknown>) {
  service = await startFakeService();
  const streams: Stream[] = [];
  service.on("POST /v1/chat/completions", () => (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.flushHeaders();
    streams.push(streamOf(response));
  });
  const screen = openCommand("ask-local-model", { address: service.address, question, launchContext });
  const stream = async (index = 0) => await screen.waitFor(() => streams[index]);
  return { screen, stream };
}

function streamOf(response: ServerResponse): Stream {
  const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "mlx-manager/demo" } as const;
  const chunk = (delta: Record<string, string>, finish: "stop" | "length" | null = null) => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    return `data: ${JSON.stringify(ChatChunk.parse({ ...head, choices }))}\n\n`;
  };
  return {
    response,
    comment: (text) => void response.write(`: ${text}\n\n`),
    delta: (delta) => void response.write(chunk(delta)),
    raw: (text) => void response.write(text),
    finish: (reason = "stop", tokens = 40) => {
      const usage = {
        prompt_tokens: 5,
        completion_tokens: tokens,
        total_tokens: 5 + tokens,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      };
      const last = ChatChunk.parse({ ...head, choices: [], usage });
      response.end(`${chunk({}, reason)}data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`);
    },
  };
}

const titles = (screen: Screen) => screen.actions().map(({ title }) => title);

describe("Ask Local Model", () => {
  test("shows the load, then the answer as it grows, and the speed at its end", async () => {
    const { screen, stream } = await open();
    const answer = await stream();
    expect(service.requests.at(-1)?.body).toMatchObject({
      stream: true,
      messages: [{ role: "user", content: "Why?" }],
    });
    expect(service.requests.at(-1)?.body).not.toHaveProperty("model");
    answer.comment("loading 3/10");
    await screen.waitFor(() => screen.markdown().includes("Loading Model 30%"));
    expect(screen.text()).toContain("mlx-manager/demo");
    answer.comment("prefill 12/24");
    await screen.waitFor(() => screen.markdown().includes("Reading Question 50%"));
    answer.delta({ role: "assistant", content: "" });
    answer.delta({ content: "Because" });
    await screen.waitFor(() => screen.markdown().includes("Because"));
    expect(titles(screen)[0]).toBe("Stop");
    answer.delta({ content: " it is so." });
    answer.finish("stop", 40);
    await screen.waitFor(() => screen.text().includes("Done"));
    expect(screen.markdown()).toBe("> Why?\n\nBecause it is so.");
    expect(screen.text()).toMatch(/\d tok\/s/);
    expect(screen.isLoading()).toBe(false);
    await screen.runAction("Copy Answer");
    expect(raycast.clipboard).toEqual(["Because it is so."]);
  });

  test("five hundred chunks make a handful of renders, and no letter is lost", async () => {
    const { screen, stream } = await open();
    const answer = await stream();
    await screen.settle();
    const before = screen.renders;
    const words = Array.from({ length: 500 }, (_, index) => `w${index} `);
    for (const word of words) answer.delta({ content: word });
    answer.finish();
    await screen.waitFor(() => screen.text().includes("Done"));
    expect(screen.markdown()).toBe(`> Why?\n\n${words.join("")}`);
    expect(screen.renders - before).toBeLessThan(60);
  });

  test("a character cut in two by the network arrives whole, and so does a chunk", async () => {
    const { screen, stream } = await open();
    const { response, finish } = await stream();
    const bytes = Buffer.from(
      `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"grün 🌱"},"logprobs":null,"finish_reason":null}]}\r\n\r\n`,
    );
    for (const byte of bytes) response.write(Buffer.from([byte]));
    finish();
    await screen.waitFor(() => screen.markdown().endsWith("grün 🌱"));
  });

  test("Stop keeps what was written, and closes the request", async () => {
    const { screen, stream } = await open();
    const { response, delta } = await stream();
    const closed = new Promise<void>((resolve) => response.once("close", resolve));
    delta({ content: "Half of it" });
    await screen.waitFor(() => screen.markdown().includes("Half of it"));
    delta({ content: " and a bit" });
    await screen.runAction("Stop");
    await closed;
    await screen.waitFor(() => screen.text().includes("Stopped"));
    expect(screen.markdown()).toContain("Half of it");
    expect(titles(screen).slice(0, 2)).toEqual(["Copy Answer", "Paste Answer"]);
    expect(raycast.toasts).toEqual([]);
  });

  test("closing the view stops the generation", async () => {
    const { screen, stream } = await open();
    const { response, delta } = await stream();
    const closed = new Promise<void>((resolve) => response.once("close", resolve));
    delta({ content: "Half" });
    await screen.waitFor(() => screen.markdown().includes("Half"));
    screen.unmount();
    await closed;
    expect(raycast.toasts).toEqual([]);
  });

  test("an error in the middle keeps the text, says why, and offers another try first", async () => {
    const { screen, stream } = await open();
    const { response, delta } = await stream();
    delta({ content: "Half of it" });
    const error = { message: "The engine ended.", type: "server_error", param: null, code: "engine_failed" };
    response.end(`data: ${JSON.stringify({ error })}\n\n`);
    const toast = await screen.waitFor(() => visibleToast());
    expect([toast.title, toast.message, toast.primaryAction?.title]).toEqual([
      "No Answer",
      "The engine ended.",
      "Copy Error",
    ]);
    expect(screen.markdown()).toContain("Half of it\n\n**The answer ended with an error:** The engine ended.");
    expect(titles(screen)[0]).toBe("Ask Again");
    await screen.runAction("Ask Again");
    (await stream(1)).finish();
    await screen.waitFor(() => screen.text().includes("Done"));
    expect(screen.markdown()).toContain("The answer is empty.");
  });

  test("a stream that is cut off without an end is a failure, not an answer", async () => {
    const { screen, stream } = await open();
    const { response, delta } = await stream();
    delta({ content: "Half of it" });
    await screen.waitFor(() => screen.markdown().includes("Half of it"));
    response.destroy();
    await screen.waitFor(() => screen.text().includes("Failed"));
    expect(screen.markdown()).toContain("Half of it");
  });

  test("a service that goes away takes no text with it", async () => {
    const { screen, stream } = await open();
    (await stream()).delta({ content: "Half of it" });
    await screen.waitFor(() => screen.markdown().includes("Half of it"));
    await service.close();
    await screen.waitFor(() => screen.text().includes("Failed"));
    service = await startFakeService({}, Number(new URL(service.address).port));
    await screen.waitFor(() => service.followers === 1, 10_000);
    expect(screen.markdown()).toContain("Half of it");
    expect(service.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("a refused question shows the service's reason", async () => {
    const { screen, stream } = await open();
    (await stream()).finish();
    await screen.waitFor(() => screen.text().includes("Done"));
    service.on("POST /v1/chat/completions", () => failure(404, "model_not_found", "No model answers to that name."));
    await screen.runAction("Ask Again");
    await screen.waitFor(() => visibleToast()?.message === "No model answers to that name.");
  });

  test("thinking is apart from the answer and shown on demand", async () => {
    const { screen, stream } = await open();
    const answer = await stream();
    answer.delta({ reasoning_content: "Let me see.", reasoning: "Let me see." });
    await screen.waitFor(() => screen.text().includes("Thinking"));
    expect(screen.markdown()).not.toContain("Let me see.");
    answer.delta({ content: "Yes." });
    answer.finish();
    await screen.waitFor(() => screen.text().includes("Done"));
    expect(screen.markdown()).toBe("> Why?\n\nYes.");
    await screen.runAction("Show Thinking");
    expect(screen.markdown()).toContain("**Thinking**\n\n> Let me see.");
    await screen.runAction("Copy Answer");
    expect(raycast.clipboard).toEqual(["Yes."]);
  });

  test("a code block still being written is closed for display only", async () => {
    const { screen, stream } = await open();
    const answer = await stream();
    answer.delta({ content: "```ts\nconst a = 1;" });
    await screen.waitFor(() => screen.markdown().endsWith("```ts\nconst a = 1;\n```"));
    await screen.runAction("Copy Answer");
    expect(raycast.clipboard).toEqual(["```ts\nconst a = 1;"]);
  });

  test("without an argument a form asks, and the answer is pushed over it", async () => {
    const { screen, stream } = await open("");
    await screen.waitFor(() => screen.tree().type === "form" && !screen.isLoading());
    await screen.runAction("Ask");
    expect(screen.text()).toContain("required");
    await screen.change("question", "What else?");
    await screen.change("model", "mlx-manager/demo");
    await screen.runAction("Ask");
    (await stream()).finish();
    await screen.waitFor(() => screen.text().includes("Done"));
    expect(service.requests.at(-1)?.body).toMatchObject({ model: "mlx-manager/demo" });
    expect(screen.depth).toBe(2);
    await screen.runAction("Edit Question…");
    expect([screen.depth, screen.fieldValue("question")]).toEqual([3, "What else?"]);
  });

  test("another command chooses the model", async () => {
    const { stream } = await open("Why?", { model: "mlx-community/Qwen3-4B-4bit" });
    await stream();
    expect(service.requests.at(-1)?.body).toMatchObject({ model: "mlx-community/Qwen3-4B-4bit" });
  });
});
