import type { ServerResponse } from "node:http";
import { OllamaEmbedRequest, OllamaEmbeddingsRequest } from "../../contract/ollama.ts";
import { AppError } from "../../platform/errors.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import type { EndpointInput } from "../answer.ts";
import { embedTexts } from "../embed-texts.ts";
import { checkEmbeds } from "../embeds.ts";
import type { Parameter, ParameterTable } from "../parameters.ts";
import { tellModel } from "../routing/route-headers.ts";
import type { OllamaDependencies } from "./dependencies.ts";
import { readKeepAlive } from "./keep-alive.ts";
import { checkOllamaParameters, tolerated } from "./parameters.ts";
import { startStopwatch } from "./stopwatch.ts";
import type { AnswerCounts } from "./stopwatch.ts";

const gateway: Parameter = { support: "honoured", by: "gateway" };
const engine: Parameter = { support: "honoured", by: "engine" };

/** The one table of `/api/embed`. A text that is too long is the engine's error: nothing is cut off unasked. */
export const ollamaEmbedParameters = {
  ...{ model: gateway, input: engine, dimensions: gateway, keep_alive: gateway },
  ...{ truncate: { support: "harmless" }, options: { support: "harmless" }, ...tolerated },
} as const satisfies ParameterTable;

/** The one table of `/api/embeddings`. */
export const ollamaEmbeddingsParameters = {
  ...{ model: gateway, prompt: engine, keep_alive: gateway, options: { support: "harmless" }, ...tolerated },
} as const satisfies ParameterTable;

/** `POST /api/embed`. @throws AppError */
export async function answerEmbed(
  dependencies: OllamaDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const parsed = OllamaEmbedRequest.safeParse(input.body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  const { input: given, dimensions } = parsed.data;
  const texts = typeof given === "string" ? [given] : (given ?? []);
  const asked = { request: parsed.data, table: ollamaEmbedParameters, texts };
  const { model, vectors, counts } = await vectorsOf(dependencies, input, asked, response);
  checkDimensions(dimensions ?? null, vectors[0]?.length ?? null);
  const { total_duration, load_duration, prompt_eval_count } = counts;
  sendJson(response, { model, embeddings: vectors, total_duration, load_duration, prompt_eval_count });
}

/** `POST /api/embeddings`, the older form of one text. @throws AppError */
export async function answerEmbeddings(
  dependencies: OllamaDependencies,
  input: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const parsed = OllamaEmbeddingsRequest.safeParse(input.body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  const texts = parsed.data.prompt ? [parsed.data.prompt] : [];
  const asked = { request: parsed.data, table: ollamaEmbeddingsParameters, texts };
  const { vectors } = await vectorsOf(dependencies, input, asked, response);
  sendJson(response, { embedding: vectors[0] ?? [] });
}

interface Asked {
  readonly request: OllamaEmbedRequest | OllamaEmbeddingsRequest;
  readonly table: ParameterTable;
  /** None: nothing is asked, and the answer is empty as Ollama's is. */
  readonly texts: readonly string[];
}

interface Vectors {
  readonly model: string;
  readonly vectors: readonly (readonly number[])[];
  readonly counts: AnswerCounts;
}

async function vectorsOf(
  dependencies: OllamaDependencies,
  { asker, signal, track: given }: EndpointInput,
  { request, table, texts }: Asked,
  response: ServerResponse,
): Promise<Vectors> {
  const { clock, models, profiles } = dependencies;
  const name = request.model ? request.model : null;
  given.understood({ requestedModel: name });
  const keepMs = readKeepAlive(request.keep_alive);
  const unknown = checkOllamaParameters(request, table);
  given.understood({ droppedKeys: unknown });
  const { profile, revision } = profiles.resolve(name);
  const { track, counts } = startStopwatch(clock, given);
  track.resolved(profile);
  tellModel(response, profile, name);
  checkEmbeds(profile, models);
  const model = name ?? profile.slug ?? profile.model;
  if (texts.length === 0) return { model, vectors: [], counts: counts() };
  const target = { profile, revision, client: asker.client, keepMs };
  const { vectors, promptTokens } = await embedTexts(dependencies, { target, texts, signal, track });
  return { model, vectors, counts: { ...counts(), prompt_eval_count: promptTokens ?? 0 } };
}

function checkDimensions(asked: number | null, length: number | null): void {
  if (asked === null || length === null || asked === length) return;
  const message = `"dimensions" cannot be honoured: this model's vectors have ${length}. Leave it out.`;
  throw new AppError("unsupported", message, { details: { param: "dimensions" } });
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
