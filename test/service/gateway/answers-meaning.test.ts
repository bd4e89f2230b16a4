import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { Ollama } from "ollama";
import type { ToolCall as OllamaCall } from "ollama";
import OpenAI from "openai";
import type { EngineId } from "../../../service/src/contract/engines.ts";
import { anthropicMessage } from "../../../service/src/gateway/anthropic/whole.ts";
import { createMessagesWriter } from "../../../service/src/gateway/anthropic/writer.ts";
import { collectAnswer } from "../../../service/src/gateway/collect-answer.ts";
import type { WholeAnswer } from "../../../service/src/gateway/collect-answer.ts";
import { engineProtocol } from "../../../service/src/gateway/engines/engine-protocol.ts";
import { chatShape } from "../../../service/src/gateway/ollama/answer-shapes.ts";
import { wholeOllamaAnswer } from "../../../service/src/gateway/ollama/whole.ts";
import { createLineWriter } from "../../../service/src/gateway/ollama/writer.ts";
import { emptyResponse, wholeResponse } from "../../../service/src/gateway/openai/response-object.ts";
import { createResponseWriter } from "../../../service/src/gateway/openai/response-writer.ts";
import { chatCompletion } from "../../../service/src/gateway/openai/whole.ts";
import { createChatWriter } from "../../../service/src/gateway/openai/writer.ts";
import type { FinishReason, Part } from "../../../service/src/gateway/parts.ts";
import type { StreamWriter } from "../../../service/src/gateway/stream-writer.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import { trials } from "../../tools/counts.ts";
import { assertWellFormed, streamOf } from "./part-streams.ts";

interface Block {
  readonly kind: "text" | "reasoning" | "tool-call";
  readonly name?: string;
  readonly text: string;
}

/** What an answer says, as a client of one protocol has understood it. */
interface Understood {
  readonly blocks: readonly Block[];
  readonly finish: FinishReason;
  readonly input: number;
  readonly output: number;
}

interface Answer extends Understood {
  /** Where the pieces of its texts, its arrays of parts and the chunks on the wire end. */
  readonly cuts: readonly number[];
}

// All of Unicode, so that characters of four bytes are cut as well.
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
const thought = text.map((said): Block => ({ kind: "reasoning", text: said }));
const speech = text.map((said): Block => ({ kind: "text", text: said }));
const call = fc
  .record({
    name: fc.stringMatching(/^[a-z_]{1,9}$/),
    input: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
  })
  .map(({ name, input }): Block => ({ kind: "tool-call", name, text: JSON.stringify(input) }));
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
const counts = { input: fc.nat(5000), output: fc.nat(5000), cuts };

/** Thoughts, then text, then calls: the one order that every protocol has. */
const inOrder: fc.Arbitrary<Answer> = fc
  .record({
    ...{ thought: fc.option(thought), speech: fc.option(speech), calls: fc.array(call, { maxLength: 3 }), ...counts },
    end: fc.constantFrom<FinishReason>("stop", "length"),
  })
  .map(({ thought: first, speech: second, calls, end, ...rest }) => ({
    ...{ ...rest, blocks: [first, second, ...calls].filter((block) => block !== null) },
    finish: end === "stop" && calls.length > 0 ? "tool-calls" : end,
  }));

/** In any order, with thoughts and words in between. */
const inAnyOrder: fc.Arbitrary<Answer> = fc
  .record({ blocks: fc.array(fc.oneof(thought, speech, call), { maxLength: 5 }), ...counts })
  .map((answer) => ({
    ...answer,
    finish: answer.blocks.some(({ kind }) => kind === "tool-call") ? "tool-calls" : "stop",
  }));

const run = {
  ...{ id: "id_1", model: 'a/"b"', created: 1, marksCache: false },
  request: { promptTokens: undefined, sampling: {} as never },
};
const echo = {
  ...{ instructions: null, previous_response_id: null, tools: [], tool_choice: "auto", parallel_tool_calls: true },
  ...{ text: { format: { type: "text" } }, reasoning: { effort: null, summary: null }, max_output_tokens: null },
  ...{ max_tool_calls: null, store: false, metadata: {}, user: null, safety_identifier: null, prompt_cache_key: null },
};
const forms = { responseId: "resp_1", customTools: new Set<string>(), thoughts: "summary" } as const;
const empty = emptyResponse({ ...run, id: "resp_1" }, echo);
const shown = { model: run.model, shape: chatShape, clock: systemClock };
const answerCounts = ({ input, output }: Understood) => ({
  ...{ total_duration: 4, load_duration: 1, prompt_eval_duration: 1, eval_duration: 2 },
  ...{ prompt_eval_count: input, eval_count: output },
});

interface Protocol {
  readonly answers: fc.Arbitrary<Answer>;
  writer(answer: Answer): StreamWriter;
  /** What the official client makes of the stream. */
  stream(client: typeof fetch): Promise<Understood>;
  /** The body of the whole answer, and what the official client makes of that. */
  whole(answer: WholeAnswer, said: Answer): unknown;
  read(client: typeof fetch): Promise<Understood>;
}

const question = { model: "m", messages: [{ role: "user" as const, content: "?" }] };
const openai = (client: typeof fetch) =>
  new OpenAI({ baseURL: "http://h/v1", apiKey: "k", fetch: client, maxRetries: 0 });
const anthropic = (client: typeof fetch) =>
  new Anthropic({ baseURL: "http://h", apiKey: "k", fetch: client, maxRetries: 0 });
const ollama = (client: typeof fetch) => new Ollama({ host: "http://h", fetch: client });

const protocols: Readonly<Record<string, Protocol>> = {
  "chat completions": {
    answers: inOrder,
    writer: () => createChatWriter({ ...run, includeUsage: true }),
    async stream(client) {
      const chunks = await openai(client).chat.completions.create({ ...question, stream: true });
      const message = {
        reasoning_content: "",
        content: "",
        tool_calls: [] as { function: { name: string; arguments: string } }[],
      };
      let finish = "";
      let usage: OpenAI.CompletionUsage | null | undefined;
      for await (const { choices, usage: counted } of chunks) {
        usage = counted ?? usage;
        const [choice] = choices;
        finish = choice?.finish_reason ?? finish;
        const delta = choice?.delta as
          (OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string }) | undefined;
        message.content += delta?.content ?? "";
        message.reasoning_content += delta?.reasoning_content ?? "";
        for (const { index, function: piece } of delta?.tool_calls ?? []) {
          const made = (message.tool_calls[index] ??= { function: { name: "", arguments: "" } });
          made.function.name += piece?.name ?? "";
          made.function.arguments += piece?.arguments ?? "";
        }
      }
      return ofChat(message, finish, usage);
    },
    whole: (answer) => chatCompletion(answer, run),
    async read(client) {
      const { choices, usage } = await openai(client).chat.completions.create(question);
      return ofChat(choices[0]?.message as unknown as ChatSaid, choices[0]?.finish_reason ?? "", usage);
    },
  },
  responses: {
    answers: inAnyOrder,
    writer: () => createResponseWriter({ empty, forms, now: () => 2, onEnd: () => undefined }),
    stream: async (client) =>
      ofResponse(await openai(client).responses.stream({ model: "m", input: "?" }).finalResponse()),
    whole: (answer) => wholeResponse(answer, empty, forms, 2),
    read: async (client) => ofResponse(await openai(client).responses.create({ model: "m", input: "?" })),
  },
  messages: {
    answers: inAnyOrder,
    writer: () => createMessagesWriter(run),
    stream: async (client) =>
      ofMessage(
        await anthropic(client)
          .messages.stream({ ...question, max_tokens: 9 })
          .finalMessage(),
      ),
    whole: (answer) => anthropicMessage(answer, run),
    read: async (client) => ofMessage(await anthropic(client).messages.create({ ...question, max_tokens: 9 })),
  },
  ollama: {
    answers: inOrder,
    writer: (answer) => createLineWriter({ ...shown, counts: () => answerCounts(answer) }),
    async stream(client) {
      const message = { content: "", thinking: "", tool_calls: [] as OllamaCall[] };
      for await (const line of await ollama(client).chat({ ...question, stream: true })) {
        message.content += line.message.content;
        message.thinking += line.message.thinking ?? "";
        message.tool_calls.push(...(line.message.tool_calls ?? []));
        if (line.done) return ofOllama(message, line);
      }
      throw new Error("The stream had no last line.");
    },
    whole: (answer, said) =>
      wholeOllamaAnswer(answer, { ...shown, createdAt: "2026-01-01T00:00:00.000Z", counts: answerCounts(said) }),
    async read(client) {
      const line = await ollama(client).chat(question);
      return ofOllama(line.message, line);
    },
  },
};

describe("an answer means the same in every protocol, by its official client", () => {
  test.each(Object.entries(protocols))(
    "%s",
    async (_name, protocol) => {
      await fc.assert(
        fc.asyncProperty(protocol.answers, async (answer) => {
          const parts = partsOf(answer);
          const writer = protocol.writer(answer);
          const written = inPieces(parts, answer.cuts).map((array) => writer.write(array));
          const bytes = Buffer.from(written.join(""));
          const understood = meant(answer);
          const streamed = await protocol.stream(answering(inPieces(bytes, answer.cuts), writer.contentType));
          expect(streamed).toEqual(understood);
          const whole = JSON.stringify(protocol.whole(await collectAnswer(streamOf(parts)), answer));
          expect(await protocol.read(answering([Buffer.from(whole)], "application/json"))).toEqual(understood);
        }),
        { numRuns: trials(60, 1000), seed: 5 },
      );
    },
    300_000,
  );
});

describe("any chunking of an engine's bytes gives the same parts", () => {
  const engines: EngineId[] = ["mlx-lm", "mlx-vlm", "mlx-openai-server", "remote"];

  test.each(engines)(
    "%s, in the middle of characters and lines too",
    async (engine) => {
      await fc.assert(
        fc.asyncProperty(inOrder, fc.constantFrom("\n", "\r\n"), async (answer, newline) => {
          const bytes = Buffer.from(engineStream(answer, engine, newline));
          const reference = await readAs(engine, [bytes]);
          assertWellFormed(reference);
          expect(understoodOf(await collectAnswer(streamOf(reference)))).toEqual(meant(answer));
          expect(await readAs(engine, inPieces(bytes, answer.cuts))).toEqual(reference);
          expect(await readAs(engine, inPieces(bytes, [1]))).toEqual(reference);
        }),
        { numRuns: trials(40, 1000), seed: 4 },
      );
    },
    300_000,
  );
});

/** As this engine writes it: `mlx_lm` sends a call whole and names thoughts in its own way, the others send pieces. */
function engineStream({ blocks, finish, input, output, cuts }: Answer, engine: EngineId, newline: string): string {
  const finishes: Partial<Record<FinishReason, string>> = { "tool-calls": "tool_calls" };
  let calls = 0;
  const deltas = blocks.flatMap(({ kind, name, text: said }): object[] => {
    if (kind === "text") return inPieces(said, cuts).map((content) => ({ content }));
    if (kind === "reasoning")
      return inPieces(said, cuts).map((piece) => ({
        [engine === "mlx-lm" ? "reasoning" : "reasoning_content"]: piece,
      }));
    const index = calls++;
    const first = { index, id: `call_${index}`, type: "function" };
    if (engine === "mlx-lm") return [{ tool_calls: [{ ...first, function: { name, arguments: said } }] }];
    const rest = inPieces(said, cuts).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }));
    return [{ tool_calls: [{ ...first, function: { name, arguments: "" } }] }, ...rest];
  });
  const chunks = [
    ...deltas.map((delta) => ({ choices: [{ index: 0, finish_reason: null, delta }] })),
    { choices: [{ index: 0, finish_reason: finishes[finish] ?? finish, delta: {} }] },
    { choices: [], usage: { prompt_tokens: input, completion_tokens: output } },
  ];
  const events = [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"].map((data) => `data: ${data}`);
  return [": keepalive 1/2", ...events, ""].join(newline + newline);
}

async function readAs(engine: EngineId, chunks: readonly Uint8Array[]): Promise<Part[]> {
  const options = { newCallId: () => "unused", onFailure: () => undefined, headers: {} };
  const parts: Part[] = [];
  for await (const array of engineProtocol(engine).read(streamOf(...(chunks as never[])) as never, options))
    parts.push(...array);
  return parts;
}

function partsOf({ blocks, finish, input, output, cuts }: Answer): Part[] {
  return [
    { type: "start", id: run.id, model: run.model, created: run.created },
    ...blocks.flatMap(({ kind, name, text: said }, index): Part[] => [
      { type: "block-start", index, kind, ...(name === undefined ? {} : { callId: `call_${index}`, name }) },
      ...inPieces(said, cuts).map((piece): Part => ({ type: "block-delta", index, text: piece })),
      { type: "block-end", index, ...(kind === "tool-call" ? { arguments: said } : {}) },
    ]),
    { type: "usage", input, output, cached: null, reasoning: null },
    { type: "finish", reason: finish },
  ];
}

/** Cut after so many each time, over and over. */
function inPieces<Whole extends string | Uint8Array | readonly Part[]>(whole: Whole, ends: readonly number[]): Whole[] {
  const pieces: Whole[] = [];
  for (let at = 0, turn = 0; at < whole.length; turn += 1) {
    const end = at + (ends[turn % ends.length] ?? 1);
    pieces.push(whole.slice(at, end) as Whole);
    at = end;
  }
  return pieces;
}

/** A `fetch` that gets these bytes for whatever is asked. */
function answering(chunks: readonly Uint8Array[], type: string): typeof fetch {
  const body = (): ReadableStream =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new Uint8Array(chunk));
        controller.close();
      },
    });
  return () => Promise.resolve(new Response(body(), { headers: { "content-type": type } }));
}

function meant({ blocks, finish, input, output }: Understood): Understood {
  return { blocks: blocks.map(plain), finish, input, output };
}

function understoodOf({ blocks, finish, usage }: WholeAnswer): Understood {
  const said = blocks.map(({ kind, name, text: whole }) => block(kind, whole, name));
  return { blocks: said, finish, input: usage?.input ?? -1, output: usage?.output ?? -1 };
}

/** Arguments are values: white space and the order of numeric keys are nobody's meaning. */
function plain({ kind, name, text: said }: Block): Block {
  return kind === "tool-call"
    ? { kind, name: name ?? "", text: JSON.stringify(JSON.parse(said)) }
    : { kind, text: said };
}

function block(kind: Block["kind"], said: string, name?: string): Block {
  return plain({ kind, text: said, ...(name === undefined ? {} : { name }) });
}

const finishOf: Readonly<Record<string, FinishReason>> = {
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  length: "length",
};

interface ChatSaid {
  readonly reasoning_content?: string;
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly function: { readonly name: string; readonly arguments: string } }[];
}

function ofChat(said: ChatSaid, finish: string, usage: OpenAI.CompletionUsage | null | undefined): Understood {
  return {
    blocks: [
      ...(said.reasoning_content ? [block("reasoning", said.reasoning_content)] : []),
      ...(said.content ? [block("text", said.content)] : []),
      ...(said.tool_calls ?? []).map(({ function: made }) => block("tool-call", made.arguments, made.name)),
    ],
    finish: finishOf[finish] ?? "stop",
    ...{ input: usage?.prompt_tokens ?? -1, output: usage?.completion_tokens ?? -1 },
  };
}

function ofResponse({ output, status, usage }: OpenAI.Responses.Response): Understood {
  const blocks = output.map((item): Block => {
    if (item.type === "reasoning") return block("reasoning", item.summary.map((part) => part.text).join(""));
    if (item.type === "function_call") return block("tool-call", item.arguments, item.name);
    if (item.type !== "message") throw new Error(`What is a ${item.type}?`);
    return block("text", item.content.map((part) => (part.type === "output_text" ? part.text : "")).join(""));
  });
  const calls = blocks.some(({ kind }) => kind === "tool-call");
  const finish = status === "incomplete" ? "length" : calls ? "tool-calls" : "stop";
  return { blocks, finish, input: usage?.input_tokens ?? -1, output: usage?.output_tokens ?? -1 };
}

function ofMessage({ content, stop_reason: reason, usage }: Anthropic.Message): Understood {
  const blocks = content.map((each): Block => {
    if (each.type === "text") return block("text", each.text);
    if (each.type === "thinking") return block("reasoning", each.thinking);
    if (each.type === "tool_use") return block("tool-call", JSON.stringify(each.input), each.name);
    throw new Error(`What is a ${each.type}?`);
  });
  return { blocks, finish: finishOf[reason ?? ""] ?? "stop", input: usage.input_tokens, output: usage.output_tokens };
}

interface OllamaSaid {
  readonly content: string;
  readonly thinking?: string;
  readonly tool_calls?: readonly OllamaCall[];
}

/** Ollama does not say that an answer ended to call something: that it calls does. */
function ofOllama(
  { content, thinking, tool_calls: calls = [] }: OllamaSaid,
  line: { done_reason: string; prompt_eval_count: number; eval_count: number },
): Understood {
  return {
    blocks: [
      ...(thinking ? [block("reasoning", thinking)] : []),
      ...(content === "" ? [] : [block("text", content)]),
      ...calls.map(({ function: made }) => block("tool-call", JSON.stringify(made.arguments), made.name)),
    ],
    finish: line.done_reason === "length" ? "length" : calls.length > 0 ? "tool-calls" : "stop",
    ...{ input: line.prompt_eval_count, output: line.eval_count },
  };
}
