import { describe, expect, test } from "@jest/globals";
import { MessagesRequest } from "../../../service/src/contract/anthropic.ts";
import { marksCache } from "../../../service/src/gateway/anthropic/cache-marks.ts";
import { parseBody } from "../../../service/src/gateway/anthropic/parse-body.ts";

const cache_control = { type: "ephemeral" };
const said = { type: "text", text: "Hi" };
const look = { name: "look", input_schema: { type: "object" } };
const result = { type: "tool_result", tool_use_id: "toolu_1", content: [said] };

function isMarked(change: object): boolean {
  return marksCache(
    parseBody(MessagesRequest, { model: "m", max_tokens: 9, messages: [{ role: "user", content: "Hi" }], ...change }),
  );
}

describe("what shall be cached is marked", () => {
  const marked: [string, object][] = [
    ["the request", { cache_control }],
    ["a block of the system prompt", { system: [said, { ...said, cache_control }] }],
    ["a tool", { tools: [look, { ...look, name: "see", cache_control }] }],
    ["a block of a message", { messages: [{ role: "user", content: [{ ...said, cache_control }] }] }],
    ["a tool's result", { messages: [{ role: "user", content: [{ ...result, cache_control }] }] }],
    [
      "a block inside a tool's result",
      { messages: [{ role: "user", content: [{ ...result, content: [{ ...said, cache_control }] }] }] },
    ],
  ];
  test.each(marked)("on %s", (_place, change) => expect(isMarked(change)).toBe(true));

  test("and nowhere, where there is no mark or a null", () => {
    expect(isMarked({})).toBe(false);
    expect(isMarked({ system: "Be short.", tools: [look], cache_control: null })).toBe(false);
    expect(isMarked({ messages: [{ role: "user", content: [{ ...said, cache_control: null }] }] })).toBe(false);
  });
});
