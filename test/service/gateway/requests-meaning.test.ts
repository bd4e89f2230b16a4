import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { MessagesRequest } from "../../../service/src/contract/anthropic.ts";
import { OllamaChatRequest } from "../../../service/src/contract/ollama.ts";
import { ChatRequest } from "../../../service/src/contract/openai.ts";
import { ResponseRequest } from "../../../service/src/contract/responses.ts";
import { readMessages } from "../../../service/src/gateway/anthropic/read-messages.ts";
import { chatMessages } from "../../../service/src/gateway/engines/chat-body.ts";
import type { Intake } from "../../../service/src/gateway/intake.ts";
import type { NormalMessage } from "../../../service/src/gateway/messages.ts";
import { readTools } from "../../../service/src/gateway/ollama/read-messages.ts";
import { readOllamaChat } from "../../../service/src/gateway/ollama/read-request.ts";
import { readChat } from "../../../service/src/gateway/openai/read-chat.ts";
import { itemsOf, readResponse } from "../../../service/src/gateway/openai/read-response.ts";
import { trials } from "../../tools/counts.ts";
import { asChat, asMessages, asOllama, asResponses, meanings, schemaOf } from "./conversations.ts";
import type { Meaning } from "./conversations.ts";

/** What of a request is compared: everything that these conversations mean. */
type Read = Pick<
  Intake,
  "model" | "stream" | "tools" | "toolChoice" | "parallelToolCalls" | "stop" | "maxTokens" | "format"
> & { readonly messages: unknown; readonly sampling: Pick<Intake["sampling"], "temperature" | "topP" | "topK"> };

interface Protocol {
  read(meaning: Meaning): Intake;
  /** What the protocol has no words for, and what is understood instead. */
  readonly cannotSay: Partial<Read>;
}

/** Every request goes through its contract's schema first, as it does at the door. */
const protocols: Readonly<Record<string, Protocol>> = {
  "chat completions": { read: (meaning) => readChat(ChatRequest.parse(asChat(meaning))), cannotSay: {} },
  responses: {
    read(meaning) {
      const request = ResponseRequest.parse(asResponses(meaning));
      return readResponse(request, itemsOf(request)).intake;
    },
    cannotSay: { stop: [] },
  },
  messages: { read: (meaning) => readMessages(MessagesRequest.parse(asMessages(meaning))), cannotSay: {} },
  ollama: {
    read(meaning) {
      const request = OllamaChatRequest.parse(asOllama(meaning));
      return readOllamaChat(request, readTools(request.tools ?? []).tools);
    },
    cannotSay: { toolChoice: "auto", parallelToolCalls: true },
  },
};

describe("a conversation means the same in every protocol", () => {
  test.each(Object.entries(protocols))(
    "%s",
    (_name, { read, cannotSay }) => {
      fc.assert(
        fc.property(meanings, (meaning) => {
          const intake = read(meaning);
          const { messages, sampling, model, stream, tools, toolChoice, parallelToolCalls, stop, maxTokens, format } =
            intake;
          const { temperature, topP, topK } = sampling;
          const said = { model, stream, tools, toolChoice, parallelToolCalls, stop, maxTokens, format };
          const oneCall = meaning.choice === "none" ? { parallelToolCalls } : {};
          expect({ ...said, messages: told(messages), sampling: { temperature, topP, topK } }).toEqual({
            ...expected(meaning),
            // Where nothing is called, Anthropic has no place for how many.
            ...oneCall,
            ...cannotSay,
          });
          // What engines are written from it says each call's result behind its call.
          for (const { role, tool_call_id: id } of chatMessages(messages, { reasoning: true }))
            if (role === "tool") expect(idsOf(messages)).toContain(id);
        }),
        { numRuns: trials(150, 2000), seed: 6 },
      );
    },
    300_000,
  );

  test("two turns with the same calls are told apart by their ids, in the protocol without ids too", () => {
    const call = { name: "look", input: {}, result: "r" };
    const meaning: Meaning = {
      ...{ system: null, tools: [], choice: "auto", isOneCallAtATime: false, stream: false, maxTokens: 5 },
      ...{ temperature: 0, topP: 1, topK: 0, stop: [], format: null },
      turns: [
        { by: "user", texts: ["a"], images: [] },
        { by: "model", thought: null, text: "", calls: [call, call] },
        { by: "user", texts: ["b"], images: [] },
        { by: "model", thought: null, text: "", calls: [call] },
      ],
    };
    for (const { read } of Object.values(protocols)) expect(new Set(idsOf(read(meaning).messages)).size).toBe(3);
  });
});

function expected(meaning: Meaning): Read {
  const { system, turns, tools, choice, format } = meaning;
  let calls = 0;
  const ofTurns = turns.flatMap((turn): unknown[] => {
    if (turn.by === "user") return [{ role: "user", text: turn.texts.join("\n"), images: turn.images }];
    const first = calls;
    calls += turn.calls.length;
    const toolCalls = turn.calls.map(({ name, input }, place) => ({ id: first + place, name, input: wire(input) }));
    return [
      { role: "assistant", text: turn.text, reasoning: turn.thought, toolCalls },
      ...turn.calls.map(({ result }, place) => ({ role: "tool", callId: first + place, text: result })),
    ];
  });
  return {
    ...{ model: "a/model", stream: meaning.stream, stop: meaning.stop, maxTokens: meaning.maxTokens },
    messages: [...(system === null ? [] : [{ role: "system", text: system }]), ...ofTurns],
    tools: tools.map(({ name, description, fields }) => ({ name, description, parameters: schemaOf(fields) })),
    toolChoice: typeof choice === "string" ? choice : { name: tools[choice]?.name ?? "" },
    parallelToolCalls: !meaning.isOneCallAtATime,
    sampling: { temperature: meaning.temperature, topP: meaning.topP, topK: meaning.topK },
    format: format === null ? { type: "text" } : { type: "json-schema", name: "answer", schema: schemaOf(format) },
  };
}

/** Messages with their calls numbered through, since one protocol has no ids, and with what was called for as values. */
function told(messages: readonly NormalMessage[]): unknown[] {
  const ids = idsOf(messages);
  return messages.map((message) => {
    if (message.role === "tool") return { ...message, callId: ids.indexOf(message.callId) };
    if (message.role !== "assistant") return message;
    const toolCalls = message.toolCalls.map(({ id, name, arguments: text }) => ({
      ...{ id: ids.indexOf(id), name, input: JSON.parse(text) as unknown },
    }));
    return { ...message, toolCalls };
  });
}

function idsOf(messages: readonly NormalMessage[]): string[] {
  return messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls.map(({ id }) => id) : []));
}

/** As it is after a way over the wire: JSON knows no negative zero. */
function wire(input: object): unknown {
  return JSON.parse(JSON.stringify(input));
}
