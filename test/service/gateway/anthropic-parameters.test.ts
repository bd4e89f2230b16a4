import type Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "@jest/globals";
import { MessagesRequest } from "../../../service/src/contract/anthropic.ts";
import { checkMessages, messagesParameters } from "../../../service/src/gateway/anthropic/parameters.ts";
import { parseBody } from "../../../service/src/gateway/anthropic/parse-body.ts";
import { readMessages } from "../../../service/src/gateway/anthropic/read-messages.ts";
import type { Intake } from "../../../service/src/gateway/intake.ts";

/** The client of today sends no sampling any more; those of yesterday do. */
type Key =
  keyof Anthropic.MessageCreateParams | keyof Anthropic.Beta.MessageCreateParams | "temperature" | "top_p" | "top_k";
/** A value to send, and what becomes of it: what the gateway asks for then, or that it is refused, idle or dropped. */
type Row = readonly [value: unknown, outcome: Partial<Intake> | "refused" | "idle" | "dropped"];

const look = { name: "look", input_schema: { type: "object" as const } };
const schema = { type: "object" };
const format = { type: "json-schema", name: "answer", schema } as const;

/** Every key that the official client can send: one that is new there is an error of types here. */
const rows: Record<Key, Row> = {
  model: ["some/model", { model: "some/model" }],
  messages: [[{ role: "user", content: "Yo" }], { messages: [{ role: "user", text: "Yo", images: [] }] }],
  max_tokens: [7, { maxTokens: 7 }],
  stream: [true, { stream: true }],
  system: [
    "Be short.",
    {
      messages: [
        { role: "system", text: "Be short." },
        { role: "user", text: "Hi", images: [] },
      ],
    },
  ],
  stop_sequences: [["END"], { stop: ["END"] }],
  temperature: [0, { sampling: { temperature: 0 } }],
  top_p: [0.5, { sampling: { topP: 0.5 } }],
  top_k: [0, { sampling: { topK: 0 } }],
  tools: [[look], { tools: [{ name: "look", description: null, parameters: { type: "object" } }] }],
  tool_choice: [
    { type: "any", disable_parallel_tool_use: true },
    { toolChoice: "required", parallelToolCalls: false },
  ],
  thinking: [{ type: "disabled" }, { thinking: false }],
  output_config: [
    { effort: "low", format: { type: "json_schema", schema } },
    { effort: "low", format },
  ],
  output_format: [{ type: "json_schema", schema }, { format }],
  container: ["container_1", "refused"],
  mcp_servers: [[{ type: "url", url: "https://example.com", name: "x" }], "refused"],
  thread: [{ type: "new" }, "refused"],
  cache_control: [{ type: "ephemeral" }, "idle"],
  metadata: [{ user_id: "{}" }, "idle"],
  service_tier: ["standard_only", "idle"],
  speed: ["fast", "idle"],
  inference_geo: ["eu", "idle"],
  user_profile_id: ["u", "idle"],
  workspace_id: ["w", "idle"],
  billing_policy: [{}, "idle"],
  diagnostics: [{}, "idle"],
  betas: [["context-management-2025-06-27"], "idle"],
  context_management: [{ edits: [{ type: "clear_thinking_20251015" }] }, "dropped"],
  compaction: [{}, "dropped"],
  fallbacks: [[], "dropped"],
  fallback_credit_token: ["t", "dropped"],
};

const base = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] };

function requestWith(key: string, value: unknown): MessagesRequest {
  return parseBody(MessagesRequest, { ...base, [key]: value });
}

describe("every parameter of the official client", () => {
  test.each(Object.entries(rows))("%s: %j", (key, [value, outcome]) => {
    const request = requestWith(key, value);
    if (outcome === "refused") {
      const refusal = expect.objectContaining({ code: "unsupported", details: { param: key } });
      expect(() => checkMessages(request)).toThrow(refusal as unknown as Error);
      return;
    }
    expect(checkMessages(request)).toEqual(outcome === "dropped" ? [key] : []);
    const plain = readMessages(parseBody(MessagesRequest, base));
    const asked = readMessages(request);
    if (typeof outcome === "string") expect(asked).toEqual(plain);
    else expect(asked).toEqual({ ...plain, ...outcome, sampling: { ...plain.sampling, ...outcome.sampling } });
  });

  test("has its row, and no row is for another", () => {
    const handled = Object.entries(rows).flatMap(([key, [, outcome]]) => (outcome === "dropped" ? [] : [key]));
    expect(handled.sort()).toEqual(Object.keys(messagesParameters).sort());
  });

  test.each(Object.keys(rows).filter((key) => !["messages", "max_tokens"].includes(key)))(
    "%s: null is absence",
    (key) => {
      const request = requestWith(key, null);
      checkMessages(request);
      const unsaid = readMessages(parseBody(MessagesRequest, { ...base, model: request.model }));
      expect(withoutNulls(readMessages(request))).toEqual(withoutNulls(unsaid));
    },
  );
});

test("a budget of thinking reaches the template, where one knows it", () => {
  const thinking = { type: "enabled", budget_tokens: 1024 };
  expect(readMessages(requestWith("thinking", thinking))).toMatchObject({
    ...{ thinking: true, template: { thinking_budget: 1024 } },
  });
  expect(checkMessages(requestWith("thinking", thinking))).toEqual([]);
});

test("what nothing is done with inside a known key is told by its name", () => {
  const request = parseBody(MessagesRequest, {
    ...base,
    ...{ safeguards: [], zeta: 1, thinking: { type: "adaptive", display: "omitted" } },
    output_config: { effort: "high", task_budget: {} },
    tools: [{ ...look, eager_input_streaming: true, strict: true, cache_control: { type: "ephemeral" } }],
  });
  expect(checkMessages(request)).toEqual([
    ...["output_config.task_budget", "safeguards", "thinking.display"],
    ...["tools.eager_input_streaming", "tools.strict", "zeta"],
  ]);
});

function withoutNulls(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (_key, inner: unknown) => inner ?? undefined));
}
