import { describe, expect, test } from "@jest/globals";
import { messagesParameters } from "../../../service/src/gateway/anthropic/parameters.ts";
import { completionParameters } from "../../../service/src/gateway/openai/completion-parameters.ts";
import { responseParameters } from "../../../service/src/gateway/openai/response-parameters.ts";
import { chatParameters } from "../../../service/src/gateway/parameters.ts";
import { declaredKeys } from "../../tools/declared-keys.ts";

/** Wishes that change no answer here: the request's row names them, and nothing else happens. */
const tolerated = {
  chat: ["verbosity"],
  messages: ["compaction", "context_management", "fallback_credit_token", "fallbacks"],
} as const;

const protocols: [string, string[], object, readonly string[]][] = [
  [
    "/v1/chat/completions",
    declaredKeys("openai/resources/chat/completions/completions.d.ts", "ChatCompletionCreateParams"),
    chatParameters,
    tolerated.chat,
  ],
  [
    "/v1/completions",
    declaredKeys("openai/resources/completions.d.ts", "CompletionCreateParams"),
    completionParameters,
    [],
  ],
  [
    "/v1/responses",
    declaredKeys("openai/resources/responses/responses.d.ts", "ResponseCreateParams"),
    responseParameters,
    [],
  ],
  [
    "/v1/messages",
    declaredKeys("@anthropic-ai/sdk/resources/messages/messages.d.ts", "MessageCreateParams"),
    messagesParameters,
    tolerated.messages,
  ],
  [
    "/v1/messages?beta=true",
    declaredKeys("@anthropic-ai/sdk/resources/beta/messages/messages.d.ts", "MessageCreateParams"),
    messagesParameters,
    tolerated.messages,
  ],
];

describe("every parameter that the official client of today declares", () => {
  test.each(protocols)("%s: has a row in its table, or is named as tolerated", (_path, declared, table, named) => {
    expect(declared.length).toBeGreaterThan(10);
    expect(declared.filter((key) => !(key in table) && !named.includes(key))).toEqual([]);
  });
});
