import fc from "fast-check";
import type {
  Conversation as AnthropicConversation,
  MessagesRequest,
} from "../../../service/src/contract/anthropic.ts";
import type { OllamaChatRequest } from "../../../service/src/contract/ollama.ts";
import type { ChatRequest } from "../../../service/src/contract/openai.ts";
import type { ResponseRequest } from "../../../service/src/contract/responses.ts";
import { picture } from "./client-world.ts";

/** What somebody means, in no protocol's words. */
export interface Meaning {
  readonly system: string | null;
  readonly turns: readonly MeantTurn[];
  readonly tools: readonly MeantTool[];
  /** A number: the tool at that place must be called. */
  readonly choice: "auto" | "none" | "required" | number;
  readonly isOneCallAtATime: boolean;
  readonly stream: boolean;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly stop: readonly string[];
  /** The properties of an object that the answer must be. */
  readonly format: readonly string[] | null;
}

export interface MeantTool {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly string[];
}

export type MeantTurn =
  | { readonly by: "user"; readonly texts: readonly string[]; readonly images: readonly string[] }
  | {
      readonly by: "model";
      readonly thought: string | null;
      readonly text: string;
      readonly calls: readonly { readonly name: string; readonly input: object; readonly result: string }[];
    };

// Any characters there are, but with something to be read in each.
const words = fc.string({ unit: "binary", maxLength: 12 }).map((text) => `w${text}`);
const fieldName = fc.stringMatching(/^[a-z]{1,8}$/);
const gif = Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1").toString("base64");
const image = fc.constantFrom(`data:image/png;base64,${picture}`, `data:image/gif;base64,${gif}`);
const user = fc.record({
  by: fc.constant("user" as const),
  texts: fc.array(words, { minLength: 1, maxLength: 2 }),
  images: fc.array(image, { maxLength: 2 }),
});
const call = fc.record({
  name: fieldName,
  input: fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
  result: words,
});
const model = fc
  .record({
    by: fc.constant("model" as const),
    thought: fc.option(words),
    text: fc.oneof(words, fc.constant("")),
    calls: fc.array(call, { maxLength: 3 }),
  })
  .filter(({ text, calls }) => text !== "" || calls.length > 0);

/** Conversations whose turns take turns: two in a row are one in some protocols, which has tests of its own. */
export const meanings: fc.Arbitrary<Meaning> = fc.record({
  system: fc.option(words),
  turns: fc
    .tuple(user, fc.array(fc.tuple(model, user), { maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest.flatMap((pair): MeantTurn[] => pair)]),
  tools: fc.uniqueArray(fc.record({ name: fieldName, description: words, fields: fc.array(fieldName) }), {
    ...{ minLength: 1, maxLength: 3, selector: ({ name }) => name },
  }),
  choice: fc.oneof(fc.constantFrom("auto" as const, "none" as const, "required" as const), fc.constant(0)),
  isOneCallAtATime: fc.boolean(),
  stream: fc.boolean(),
  maxTokens: fc.integer({ min: 1, max: 1000 }),
  temperature: fc.constantFrom(0, 0.25, 1),
  topP: fc.constantFrom(0.5, 1),
  topK: fc.nat(50),
  stop: fc.array(words, { maxLength: 3 }),
  format: fc.option(fc.array(fieldName, { minLength: 1, maxLength: 2 })),
});

export function schemaOf(fields: readonly string[]) {
  return { type: "object", properties: Object.fromEntries(fields.map((name) => [name, { type: "string" }])) };
}

const asked = "a/model";
const idOf = (turn: number, place: number): string => `call_${turn}_${place}`;

export function asChat(meaning: Meaning): ChatRequest {
  const { system, turns, tools, choice, format } = meaning;
  return {
    ...{ model: asked, stream: meaning.stream, max_completion_tokens: meaning.maxTokens, stop: [...meaning.stop] },
    ...{ temperature: meaning.temperature, top_p: meaning.topP, top_k: meaning.topK },
    parallel_tool_calls: !meaning.isOneCallAtATime,
    tools: tools.map(({ name, description, fields }) => ({
      type: "function",
      function: { name, description, parameters: schemaOf(fields) },
    })),
    tool_choice: typeof choice === "string" ? choice : { type: "function", function: { name: nameAt(meaning) } },
    ...(format && {
      response_format: { type: "json_schema", json_schema: { name: "answer", schema: schemaOf(format), strict: true } },
    }),
    messages: [
      ...(system === null ? [] : [{ role: "system" as const, content: system }]),
      ...turns.flatMap((turn, at): ChatRequest["messages"] => {
        if (turn.by === "user") {
          const texts = turn.texts.map((text) => ({ type: "text" as const, text }));
          const images = turn.images.map((url) => ({ type: "image_url" as const, image_url: { url } }));
          return [{ role: "user", content: [...texts, ...images] }];
        }
        const calls = turn.calls.map(({ name, input }, place) => ({
          ...{ id: idOf(at, place), type: "function" as const },
          function: { name, arguments: JSON.stringify(input) },
        }));
        return [
          {
            ...{ role: "assistant", content: turn.text === "" ? null : turn.text },
            ...(turn.thought === null ? {} : { reasoning_content: turn.thought }),
            ...(calls.length === 0 ? {} : { tool_calls: calls }),
          },
          ...turn.calls.map(({ result }, place) => ({
            ...{ role: "tool" as const, tool_call_id: idOf(at, place), content: result },
          })),
        ];
      }),
    ],
  };
}

export function asResponses(meaning: Meaning): ResponseRequest {
  const { system, turns, tools, choice, format } = meaning;
  return {
    ...{ model: asked, stream: meaning.stream, max_output_tokens: meaning.maxTokens, instructions: system },
    ...{ temperature: meaning.temperature, top_p: meaning.topP, top_k: meaning.topK },
    parallel_tool_calls: !meaning.isOneCallAtATime,
    tools: tools.map(({ name, description, fields }) => ({
      ...{ type: "function", name, description, parameters: schemaOf(fields), strict: false },
    })),
    tool_choice: typeof choice === "string" ? choice : { type: "function", name: nameAt(meaning) },
    ...(format && { text: { format: { type: "json_schema", name: "answer", schema: schemaOf(format) } } }),
    input: turns.flatMap((turn, at): NonNullable<Exclude<ResponseRequest["input"], string>> => {
      if (turn.by === "user") {
        const texts = turn.texts.map((text) => ({ type: "input_text", text }));
        const images = turn.images.map((url) => ({ type: "input_image", image_url: url, detail: "auto" }));
        return [{ type: "message", role: "user", content: [...texts, ...images] }];
      }
      const thought = { type: "reasoning", id: `rs_${at}`, summary: [{ type: "summary_text", text: turn.thought }] };
      const text = { type: "message", role: "assistant", content: [{ type: "output_text", text: turn.text }] };
      return [
        ...(turn.thought === null ? [] : [thought]),
        ...(turn.text === "" ? [] : [text]),
        ...turn.calls.map(({ name, input }, place) => ({
          ...{ type: "function_call", call_id: idOf(at, place), name, arguments: JSON.stringify(input) },
        })),
        ...turn.calls.map(({ result }, place) => ({
          ...{ type: "function_call_output", call_id: idOf(at, place), output: result },
        })),
      ];
    }),
  };
}

export function asMessages(meaning: Meaning): MessagesRequest {
  const { system, turns, tools, choice, format } = meaning;
  const types = { auto: "auto", none: "none", required: "any" } as const;
  const single = meaning.isOneCallAtATime ? { disable_parallel_tool_use: true } : {};
  const messages: AnthropicConversation["messages"][number][] = [];
  for (const [at, turn] of turns.entries()) {
    if (turn.by === "user") {
      const texts = turn.texts.map((text) => ({ type: "text" as const, text }));
      const images = turn.images.map((uri) => {
        const [, type = "", data = ""] = /^data:(.*);base64,(.*)$/.exec(uri) ?? [];
        return { type: "image" as const, source: { type: "base64" as const, media_type: type as "image/png", data } };
      });
      messages.push({ role: "user", content: [...texts, ...images] });
      continue;
    }
    const calls = turn.calls.map(({ name, input }, place) => ({
      ...{ type: "tool_use" as const, id: idOf(at, place), name, input: input as Record<string, unknown> },
    }));
    const thought =
      turn.thought === null ? [] : [{ type: "thinking" as const, thinking: turn.thought, signature: "s" }];
    const text = turn.text === "" ? [] : [{ type: "text" as const, text: turn.text }];
    messages.push({ role: "assistant", content: [...thought, ...text, ...calls] });
    const results = turn.calls.map(({ result }, place) => ({
      ...{ type: "tool_result" as const, tool_use_id: idOf(at, place), content: result },
    }));
    if (results.length > 0) messages.push({ role: "user", content: results });
  }
  return {
    ...{ model: asked, stream: meaning.stream, max_tokens: meaning.maxTokens, stop_sequences: [...meaning.stop] },
    ...{ temperature: meaning.temperature, top_p: meaning.topP, top_k: meaning.topK, messages },
    ...(system === null ? {} : { system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }] }),
    tools: tools.map(({ name, description, fields }) => ({ name, description, input_schema: schemaOf(fields) })),
    tool_choice:
      typeof choice === "string"
        ? { type: types[choice], ...(choice === "none" ? {} : single) }
        : { type: "tool", name: nameAt(meaning), ...single },
    ...(format && { output_config: { format: { type: "json_schema", schema: schemaOf(format) } } }),
  };
}

export function asOllama(meaning: Meaning): OllamaChatRequest {
  const { system, turns, tools, format } = meaning;
  return {
    ...{ model: asked, stream: meaning.stream, ...(format && { format: schemaOf(format) }) },
    options: {
      ...{ temperature: meaning.temperature, top_p: meaning.topP, top_k: meaning.topK },
      ...{ num_predict: meaning.maxTokens, stop: [...meaning.stop] },
    },
    tools: tools.map(({ name, description, fields }) => ({
      type: "function",
      function: { name, description, parameters: schemaOf(fields) },
    })),
    messages: [
      ...(system === null ? [] : [{ role: "system" as const, content: system }]),
      ...turns.flatMap((turn): NonNullable<OllamaChatRequest["messages"]> => {
        if (turn.by === "user") {
          const images = turn.images.map((uri) => uri.slice(uri.indexOf(",") + 1));
          return [{ role: "user", content: turn.texts.join("\n"), images }];
        }
        const calls = turn.calls.map(({ name, input }) => ({
          function: { name, arguments: input as Record<string, unknown> },
        }));
        return [
          {
            ...{ role: "assistant", content: turn.text },
            ...(turn.thought === null ? {} : { thinking: turn.thought }),
            ...(calls.length === 0 ? {} : { tool_calls: calls }),
          },
          ...turn.calls.map(({ name, result }) => ({ role: "tool" as const, tool_name: name, content: result })),
        ];
      }),
    ],
  };
}

function nameAt({ tools, choice }: Meaning): string {
  return tools[Number(choice)]?.name ?? "";
}
