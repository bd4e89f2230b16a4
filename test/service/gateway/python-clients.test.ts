import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { clientModels, startClientWorld } from "./client-world.ts";
import type { ClientWorld } from "./client-world.ts";

const hello = "Hello there, friend.";
const thought = "The user wants an answer.";
const weather = { city: "Paris", degrees: 18 };
const all = Object.values(clientModels).filter((id) => id !== clientModels.elsewhere);
let world: ClientWorld;
beforeAll(async () => void (world = await startClientWorld()), 120_000);
afterAll(() => world.close());

/** What the blocking form of a client saw; the awaited one must have seen the same. */
async function facts(program: string): Promise<Record<string, never>> {
  const { blocking, awaited } = await world.python(program);
  expect(awaited).toEqual(blocking);
  return blocking;
}

describe("Python's official clients, blocking and awaited", () => {
  test("openai: models, chats, completions, embeddings and responses, streamed and whole, by its own parsers", async () => {
    const seen = await facts("openai_client");
    expect(seen["models"]).toEqual({
      listed: ["mlx-manager/demo", ...all].sort(),
      limited: 2,
      one: [clientModels.plain, "model", "own", true],
    });
    const answer = { text: hello, thought, finish: "stop", model: clientModels.thinking };
    expect(seen["chat"]).toEqual({
      whole: { ...answer, id: "chatcmpl_", usage: [true, 10, true] },
      chunks: { text: hello, thought, role: "assistant", finish: "stop", ids: 1, usage: [true, 10, true] },
      events: ["chunk", "content.delta", "content.done"],
      final: answer,
      ...{ parsed: weather, streamedParsed: weather, raw: [200, hello], lines: [": pref", "data: [DONE]"] },
      ...{ seen: "A cat.", cut: ["t0 t1 t2", "length"] },
      tools: {
        ...{ finish: "tool_calls", call: ["function", "get_weather", { city: "Paris" }], answer: "Sunny." },
        ...{ streamed: ["get_weather", { city: "Paris" }], done: ['{"city": "Paris"}'], parsed: { city: "Paris" } },
      },
    });
    expect(seen["completions"]).toEqual({
      ...{ whole: ["text_completion", hello, "stop"], chunks: hello, finish: "stop", usage: [true, 3, true] },
    });
    expect(seen["embeddings"]).toEqual({
      one: [[4, 0, 0.5]],
      many: [
        [0, [1, 0, 0.5]],
        [1, [2, 1, 0.5]],
      ],
      usage: [3, 3, clientModels.vectors],
    });
    const said = { text: hello, status: "completed", types: ["reasoning", "message"], output: 10 };
    expect(seen["responses"]).toEqual({
      ...{ whole: { ...said, instructions: "Be kind." }, final: { ...said, instructions: null }, thoughts: [thought] },
      events: responseEvents.map((type) => `response.${type}`),
      ...{ numbers: true, helped: true, parsed: weather, streamedParsed: weather, follow: [true, hello], kept: true },
      ...{ replayed: true, replayedRest: true, replayedWhole: true, items: [["message", "user", "Hi"]] },
      ...{ counted: ["response.input_tokens", true], cancelled: ["BadRequestError", 400] },
      ...{ gone: ["NotFoundError", 404], goneTwice: ["NotFoundError", 404], compact: ["APIStatusError", 405] },
      tools: { call: ["get_weather", { city: "Paris" }, "completed"], answer: "Sunny.", streamed: [{ city: "Paris" }] },
    });
    expect(seen["failures"]).toEqual({
      ...{ unknown: ["NotFoundError", 404], refused: ["BadRequestError", 400], broken: ["APIError"] },
      ...{ brokenWhole: ["InternalServerError", 502], modelUnknown: ["NotFoundError", 404] },
    });
  }, 120_000);

  test("anthropic: models by pages, messages and their helpers, counts, thinking, images and tools", async () => {
    const seen = await facts("anthropic_client");
    const chatting = ["mlx-manager/demo", ...all].filter((id) => id !== clientModels.vectors);
    const models = chatting.map((id) => `anthropic/${id}`).sort();
    expect({ ...(seen["models"] as never as object), betaModels: seen["betaModels"] }).toMatchObject({
      ...{ listed: expect.arrayContaining(models), betaModels: models, pages: [2, true, 2], back: true },
      one: [`anthropic/${clientModels.plain}`, "model", clientModels.plain],
    });
    const answer = { text: hello, thought, stop: "end_turn", model: clientModels.thinking };
    for (const part of ["messages", "betaMessages"])
      expect(seen[part]).toEqual({
        ...{ whole: { ...answer, id: "msg_", request: "req_" }, usage: [true, 10], final: answer, signed: [true] },
        events: messageEvents,
        helped: expect.arrayContaining(["text", "thinking", "signature", "content_block_stop", "message_stop"]),
        ...{ texts: [hello, hello], parsed: weather, streamedParsed: weather, raw: [200, hello] },
        lines: ["event: message_start", 'data: {"type":"message_stop"}'],
        ...{ stopped: ["stop_sequence", " t3"], cut: "max_tokens", counted: true, seen: "A cat.", conversation: hello },
      });
    expect(seen["tools"]).toMatchObject({
      call: ["tool_use", "get_weather", { city: "Paris" }],
      answer: ["end_turn", "Sunny."],
      streamed: [expect.any(String), [{ city: "Paris" }]],
    });
    expect(seen["runner"]).toEqual({ called: ["Paris"], answer: "Sunny." });
    expect(seen["failures"]).toEqual({
      ...{ unknown: ["NotFoundError", 404], refused: ["BadRequestError", 400], wrong: ["BadRequestError", 400] },
      ...{ tooLong: ["BadRequestError", 400, true], broken: ["APIStatusError"] },
      ...{ brokenWhole: ["InternalServerError", 502], modelUnknown: ["NotFoundError", 404] },
      batches: ["NotFoundError", 404],
    });
  }, 120_000);

  test("ollama: library, chats, completions, embeddings, tools, formats, keep_alive, pull and delete", async () => {
    const seen = await facts("ollama_client");
    expect(seen["library"]).toEqual({
      ...{ listed: ["mlx-manager/demo", ...all].sort(), whole: true },
      shown: ["qwen2_vl", expect.arrayContaining(["completion", "vision"]), "num_ctx 2048", false],
    });
    expect(seen["chat"]).toEqual({
      ...{ whole: ["assistant", hello, thought, true, "stop"], counts: [true, 10, true] },
      ...{ lines: [hello, thought, true, 10], seen: ["A cat.", "A cat.", "A cat."] },
      ...{ structured: weather, free: '{"city": "Paris", "degrees": 18}' },
      ...{ cut: ["t0 t1 t2", "length"], typed: "t0 t1" },
    });
    expect(seen["tools"]).toEqual({
      ...{ call: ["get_weather", { city: "Paris" }], answer: "Sunny.", streamed: [[false, 1]] },
    });
    expect(seen["generate"]).toEqual({
      ...{ whole: [hello, thought, "stop"], lines: [hello, true], structured: weather, seen: "A cat." },
    });
    const vectors = {
      one: [[4, 0, 0.5]],
      many: [
        [1, 0, 0.5],
        [2, 1, 0.5],
      ],
    };
    expect(seen["embed"]).toEqual({ ...vectors, older: [4, 0, 0.5], counts: [3, true] });
    expect(seen["keep"]).toEqual({
      ...{ reasons: ["load", "unload"], before: 0, minutes: true, forever: 2100, after: 0 },
      there: [true, true, 2048, "llama"],
    });
    expect(seen["pull"]).toEqual({
      ...{ lines: ["pulling manifest", "success"], progress: true, present: true },
      ...{ again: "success", deleted: "success", gone: true },
    });
    expect(seen["failures"]).toEqual({
      ...{ unknown: ["ResponseError", 404], refused: ["ResponseError", 400], broken: ["ResponseError"] },
      ...{ brokenWhole: ["ResponseError", 502], notOfTheHub: ["ResponseError", 400], notHere: ["ResponseError", 404] },
      // What is not ours to do is not there.
      ...{ create: ["ResponseError", 404], copy: ["ResponseError", 404], push: ["ResponseError", 404] },
    });
  }, 120_000);
});

const responseEvents = [
  ...["created", "in_progress", "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta"],
  ...["reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done", "output_item.added"],
  ...["content_part.added", "output_text.delta", "output_text.done", "content_part.done", "output_item.done"],
  "completed",
];
const messageEvents = [
  ...["message_start", "content_block_start", "content_block_delta", "content_block_stop"],
  ...["content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"],
];
