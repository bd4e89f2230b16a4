import { describe, expect, test } from "@jest/globals";
import type { MessageParam } from "../../../service/src/contract/anthropic.ts";
import { MessagesRequest } from "../../../service/src/contract/anthropic.ts";
import { parseBody } from "../../../service/src/gateway/anthropic/parse-body.ts";
import { readConversation } from "../../../service/src/gateway/anthropic/read-conversation.ts";
import { readMessages } from "../../../service/src/gateway/anthropic/read-messages.ts";
import type { Intake } from "../../../service/src/gateway/intake.ts";

const png = "iVBORw0KGgo=";
const image = {
  type: "image" as const,
  source: { type: "base64" as const, media_type: "image/png" as const, data: png },
};
const dataUri = `data:image/png;base64,${png}`;

function read(change: object): Intake {
  const messages = [{ role: "user", content: "Hi" }];
  return readMessages(parseBody(MessagesRequest, { model: "m", max_tokens: 9, messages, ...change }));
}

function conversation(messages: MessageParam[], system?: MessagesRequest["system"]) {
  return readConversation({ system, messages });
}

describe("the system prompt", () => {
  const billing = "x-anthropic-billing-header: cc_version=2.1.329.3c4; cc_entrypoint=cli; cch=abcde;";

  test.each([
    ["a text", `${billing}\nBe short.`],
    [
      "blocks",
      [
        { type: "text" as const, text: billing },
        { type: "text" as const, text: "Be short." },
      ],
    ],
  ])("of %s loses the line for billing", (_name, system) => {
    expect(conversation([{ role: "user", content: "Hi" }], system)).toEqual([
      { role: "system", text: "Be short." },
      { role: "user", text: "Hi", images: [] },
    ]);
  });

  test("that is nothing but this line is none", () => {
    expect(conversation([{ role: "user", content: "Hi" }], billing)).toEqual([
      { role: "user", text: "Hi", images: [] },
    ]);
  });

  test("may come as a message, first or in the middle, where it keeps its place", () => {
    const messages: MessageParam[] = [
      { role: "system", content: "Be kind." },
      { role: "user", content: "Hi" },
      { role: "system", content: [{ type: "text", text: "It is Monday." }] },
      { role: "assistant", content: "Hello" },
      { role: "system", content: "It is Tuesday." },
      { role: "user", content: "And now?" },
    ];
    expect(conversation(messages, "Be short.")).toEqual([
      { role: "system", text: "Be short." },
      { role: "system", text: "Be kind." },
      { role: "user", text: "Hi\n\n<system>\nIt is Monday.\n</system>", images: [] },
      { role: "assistant", text: "Hello", reasoning: null, toolCalls: [] },
      { role: "user", text: "<system>\nIt is Tuesday.\n</system>\n\nAnd now?", images: [] },
    ]);
  });
});

describe("a conversation", () => {
  test("reads the same as texts and as blocks with marks for a cache", () => {
    const cached = { cache_control: { type: "ephemeral" } };
    const blocks: MessageParam[] = [
      { role: "user", content: [{ type: "text", text: "Hi", ...cached }] },
      { role: "assistant", content: [{ type: "text", text: "Hello", ...cached }] },
    ];
    const texts: MessageParam[] = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
    ];
    expect(conversation(blocks, [{ type: "text", text: "Be short.", ...cached }])).toEqual(
      conversation(texts, "Be short."),
    );
  });

  test("grows at its end alone from turn to turn", () => {
    const turns: MessageParam[] = [
      { role: "user", content: "Hi" },
      { role: "system", content: "Skills: none." },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "look", input: { b: 1, a: 2 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "There." }] },
      { role: "assistant", content: "Done." },
      { role: "user", content: "Thanks" },
    ];
    const early = conversation(turns.slice(0, 4));
    expect(conversation(turns).slice(0, early.length)).toEqual(early);
    expect(early[1]).toMatchObject({ toolCalls: [{ arguments: '{"b":1,"a":2}' }] });
  });

  test("gives thoughts back as reasoning and leaves out what cannot be read", () => {
    const content = [
      { type: "thinking" as const, thinking: "Hm.", signature: "" },
      { type: "redacted_thinking" as const, data: "x" },
      { type: "text" as const, text: "Yes." },
    ];
    expect(conversation([{ role: "assistant", content }])).toEqual([
      { role: "assistant", text: "Yes.", reasoning: "Hm.", toolCalls: [] },
    ]);
  });

  test("puts results behind their calls, what was said after them, and shows their images", () => {
    const content = [
      { type: "text" as const, text: "See:" },
      { type: "tool_result" as const, tool_use_id: "t1", content: [{ type: "text" as const, text: "A map" }, image] },
      { type: "tool_result" as const, tool_use_id: "t2", is_error: true, content: "gone" },
      { type: "tool_result" as const, tool_use_id: "t3" },
    ];
    expect(conversation([{ role: "user", content }])).toEqual([
      { role: "tool", callId: "t1", text: "A map\n[image: see the next message]" },
      { role: "tool", callId: "t2", text: "Error: gone" },
      { role: "tool", callId: "t3", text: "" },
      { role: "user", text: "The image of the tool's result.\n\nSee:", images: [dataUri] },
    ]);
  });

  test("reads documents of text, results of a search and references to tools", () => {
    const content = [
      { type: "document" as const, title: "Plan", source: { type: "text" as const, data: "Step 1" } },
      { type: "document" as const, source: { type: "content" as const, content: [image] } },
      { type: "search_result" as const, source: "a.md", title: "A", content: [{ type: "text" as const, text: "B" }] },
    ];
    expect(conversation([{ role: "user", content }])).toEqual([
      { role: "user", text: "Plan\nStep 1\nA\na.md\nB", images: [dataUri] },
    ]);
    const found = [{ type: "tool_reference" as const, tool_name: "look" }];
    expect(
      conversation([{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: found }] }]),
    ).toMatchObject([{ role: "tool", text: "The tool look can be called now." }]);
  });

  test.each([
    ["a PDF", { type: "document", source: { type: "base64", media_type: "application/pdf", data: "x" } }],
    ["a stored image", { type: "image", source: { type: "file", file_id: "f" } }],
  ])("refuses %s", (_name, block) => {
    expect(() => read({ messages: [{ role: "user", content: [block] }] })).toThrow(/must be sent as/);
  });

  test("an address of an image is kept for later, one of a file of this machine is refused", () => {
    const shown = (url: string) =>
      conversation([{ role: "user", content: [{ type: "image", source: { type: "url", url } }] }]);
    expect(shown("https://example.com/a.png")).toMatchObject([{ images: ["https://example.com/a.png"] }]);
    expect(() => shown("file:///etc/hosts")).toThrow(/http or https address/);
  });
});

describe("what is asked", () => {
  test("is read key by key", () => {
    expect(
      read({
        ...{ stream: true, temperature: 0, top_p: 0, top_k: 0, stop_sequences: ["END"], max_tokens: 7 },
        thinking: { type: "enabled", budget_tokens: 1024 },
        tools: [{ name: "look", input_schema: { type: "object" } }],
        tool_choice: { type: "tool", name: "look", disable_parallel_tool_use: true },
        output_config: { effort: "low", format: { type: "json_schema", schema: { type: "object" } } },
      }),
    ).toMatchObject({
      ...{ stream: true, sampling: { temperature: 0, topP: 0, topK: 0 }, stop: ["END"], maxTokens: 7 },
      ...{ thinking: true, effort: "low", toolChoice: { name: "look" }, parallelToolCalls: false },
      tools: [{ name: "look", description: null, parameters: { type: "object" } }],
      format: { type: "json-schema", schema: { type: "object" } },
    });
  });

  test.each([
    [{ type: "auto" }, "auto"],
    [{ type: "any" }, "required"],
    [{ type: "none" }, "none"],
    [undefined, "auto"],
  ])("tool_choice %j is %s", (choice, expected) => {
    expect(read({ tool_choice: choice })).toMatchObject({ toolChoice: expected, parallelToolCalls: true });
  });

  test.each([
    [{ max_tokens: undefined }, "max_tokens"],
    [{ max_tokens: 0 }, "max_tokens"],
    [{ messages: "not-an-array" }, "messages"],
    [{ messages: [] }, "messages"],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages.0.content.0.text"],
    [{ messages: [{ role: "user", content: [{ type: "video" }] }] }, "messages.0.content.0.type"],
    [{ messages: [{ role: "robot", content: "Hi" }] }, "messages.0.role"],
    [{ system: [{ type: "image" }] }, "system.0.type"],
    [{ thinking: { type: "between_tools" } }, "thinking.type"],
    [{ tools: [{ name: "look" }] }, "input_schema"],
  ])("%j is refused by its name", (change, name) => {
    expect(() => read(change)).toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.stringContaining(name) }),
    );
  });
});
