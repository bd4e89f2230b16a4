import type { ServerResponse } from "node:http";
import type * as z from "zod";
import { OllamaChatRequest, OllamaGenerateRequest } from "../../contract/ollama.ts";
import { timestamp } from "../../platform/clock.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import { answer } from "../answer.ts";
import type { AnswerForms, EndpointInput } from "../answer.ts";
import type { Intake } from "../intake.ts";
import type { ParameterTable } from "../parameters.ts";
import { chatShape, generateShape } from "./answer-shapes.ts";
import type { AnswerShape } from "./answer-shapes.ts";
import type { OllamaDependencies } from "./dependencies.ts";
import { readKeepAlive } from "./keep-alive.ts";
import { loadAlone } from "./load.ts";
import { checkOllamaParameters, ollamaChatParameters, ollamaGenerateParameters } from "./parameters.ts";
import { readTools } from "./read-messages.ts";
import { readOllamaChat, readOllamaGenerate } from "./read-request.ts";
import { startStopwatch } from "./stopwatch.ts";
import { wholeOllamaAnswer } from "./whole.ts";
import { createLineWriter } from "./writer.ts";

/** `POST /api/chat`. @throws AppError before the first byte of an answer. */
export async function answerOllamaChat(
  dependencies: OllamaDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const request = parseRequest(OllamaChatRequest, input);
  const { tools, dropped } = readTools(request.tools ?? []);
  const asked = { dropped, table: ollamaChatParameters, shape: chatShape, hasText: Boolean(request.messages?.length) };
  return answerAsked(dependencies, input, { ...asked, request, read: () => readOllamaChat(request, tools) }, response);
}

/** `POST /api/generate`. @throws as `answerOllamaChat` */
export async function answerOllamaGenerate(
  dependencies: OllamaDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const request = parseRequest(OllamaGenerateRequest, input);
  const hasText = Boolean(request.prompt) || Boolean(request.images?.length);
  const asked = { dropped: [], table: ollamaGenerateParameters, shape: generateShape, hasText };
  return answerAsked(dependencies, input, { ...asked, request, read: () => readOllamaGenerate(request) }, response);
}

interface Asked {
  readonly request: OllamaChatRequest | OllamaGenerateRequest;
  /** What was left out already. */
  readonly dropped: readonly string[];
  readonly table: ParameterTable;
  readonly shape: AnswerShape;
  /** False: the model is only to be loaded, or unloaded. */
  readonly hasText: boolean;
  readonly read: () => Intake;
}

async function answerAsked(
  dependencies: OllamaDependencies,
  input: EndpointInput,
  { request, dropped, table, shape, hasText, read }: Asked,
  response: ServerResponse,
): Promise<void> {
  const { clock } = dependencies;
  const keepMs = readKeepAlive(request.keep_alive);
  const unknown = checkOllamaParameters(request, table);
  input.track.understood({ droppedKeys: [...dropped, ...unknown].sort() });
  if (!hasText) {
    const wish = { model: request.model ? request.model : null, stream: request.stream !== false, keepMs };
    return loadAlone(dependencies, input, wish, shape, response);
  }
  const watch = startStopwatch(clock, input.track);
  const forms: AnswerForms = {
    idPrefix: "ollama",
    imageParam: "images",
    writer: ({ model }) => createLineWriter({ model, shape, clock, counts: watch.counts }),
    whole: (whole, { model }) =>
      wholeOllamaAnswer(whole, { model, createdAt: timestamp(clock), shape, counts: watch.counts() }),
  };
  return answer(dependencies, { ...input, track: watch.track }, { ...read(), keepMs }, forms, response);
}

function parseRequest<Schema extends z.ZodType<OllamaChatRequest | OllamaGenerateRequest>>(
  schema: Schema,
  { body, track }: EndpointInput,
): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  const { stream, model } = parsed.data;
  // Before the table judges the keys: a refused request has its row too.
  track.understood({ streamed: stream !== false, requestedModel: model ?? null });
  return parsed.data;
}
