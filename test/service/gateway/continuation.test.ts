import { afterEach, describe, expect, test } from "@jest/globals";
import type { EngineId } from "../../../service/src/contract/engines.ts";
import { continuationOf } from "../../../service/src/gateway/continuation.ts";
import { remoteRequest } from "../../../service/src/gateway/engines/remote/request.ts";
import { intakeOf } from "../../../service/src/gateway/intake.ts";
import type { Continuation, Intake } from "../../../service/src/gateway/intake.ts";
import { normalizeRequest } from "../../../service/src/gateway/request.ts";
import { chat, post, startGateway, testProfile } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

const user = { role: "user" as const, text: "Hi", images: [] };
const open = { role: "assistant" as const, text: "Hello, I am", reasoning: null, toolCalls: [] };
const call = { ...open, toolCalls: [{ id: "c", name: "look", arguments: "{}" }] };

function intake(change: Partial<Intake> = {}): Intake {
  return intakeOf({ model: null, stream: true, messages: [user, open], ...change });
}

describe("a last message of the assistant", () => {
  const rows: [string, Partial<Intake>, EngineId, Continuation][] = [
    ["is gone on with where the engine can", {}, "mlx-lm", "may"],
    ["is gone on with where the client demands it", { continuation: "must" }, "mlx-lm", "must"],
    ["is answered where the client says so", { continuation: "never" }, "mlx-lm", "never"],
    ["is answered where the engine cannot go on", {}, "mlx-vlm", "never"],
    ["that calls a tool is not open", { messages: [user, call], continuation: "must" }, "mlx-lm", "never"],
    ["without a text is not open", { messages: [user, { ...open, text: " " }] }, "mlx-lm", "never"],
    ["that is somebody else's is not open", { messages: [user], continuation: "must" }, "mlx-lm", "never"],
    ["is answered where the answer is bound to a form", { format: { type: "json-object" } }, "mlx-lm", "never"],
    ["is another service's to judge", { continuation: "must" }, "remote", "must"],
  ];
  test.each(rows)("%s", (_title, change, engine, expected) => {
    expect(continuationOf(intake(change), engine)).toBe(expected);
  });

  const refused: [string, Partial<Intake>, EngineId, string, string][] = [
    ["the engine cannot", { continuation: "must" }, "mlx-openai-server", "unsupported", "messages"],
    [
      "the answer is bound to a form",
      { continuation: "must", format: { type: "json-object" } },
      "mlx-lm",
      "unsupported",
      "messages",
    ],
    [
      "there is nothing to go on from",
      { continuation: "must", continuationParam: "continue_final_message", messages: [user] },
      "mlx-lm",
      "invalid_request",
      "continue_final_message",
    ],
  ];
  test.each(refused)("must be gone on with, but %s: refused by name", (_title, change, engine, code, param) => {
    expect(() => continuationOf(intake(change), engine)).toThrow(expect.objectContaining({ code, details: { param } }));
  });

  test("is said to another service only where it must be", () => {
    const body = (continuation: Continuation) => {
      const limits = { contextLength: null, vocabularySize: null };
      const profile = testProfile({ engine: "remote" });
      return remoteRequest(normalizeRequest(intake({ continuation }), profile, limits), { model: "m" });
    };
    expect(body("must")).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
    expect(body("may")).not.toHaveProperty("continue_final_message");
  });
});

describe("through the door", () => {
  let bench: GatewayBench;
  afterEach(() => bench.close());
  const messages = [
    { role: "user", content: "What is the capital of France?" },
    { role: "assistant", content: "You ask about Par" },
  ];

  test("the engine is told in the launcher's own word, and its answer is the rest alone", async () => {
    bench = await startGateway({ flags: { obliging: true, replies: [{ ask: "Par$", text: "is." }] } });
    const response = await post(bench, chat({ messages }));
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "is." } }] });
    expect((await bench.engine.entry("request")).body).toMatchObject({ continue_answer: true });
  });

  test("words that contradict each other are refused", async () => {
    bench = await startGateway();
    const response = await post(bench, chat({ messages, continue_final_message: true, add_generation_prompt: true }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "continue_final_message" } });
  });
});
