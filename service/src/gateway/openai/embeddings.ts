import type { ServerResponse } from "node:http";
import { EmbeddingsRequest } from "../../contract/embeddings.ts";
import type { EmbeddingsAnswer } from "../../contract/embeddings.ts";
import { AppError } from "../../platform/errors.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import type { EndpointInput } from "../answer.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { embedTexts } from "../embed-texts.ts";
import { checkEmbeds } from "../embeds.ts";
import { checkParameters } from "../parameters.ts";
import type { ParameterTable } from "../parameters.ts";
import { tellModel } from "../routing/route-headers.ts";

/** The one table of `/v1/embeddings`: code, tests and documentation read it. */
export const embeddingsParameters = {
  model: { support: "honoured", by: "gateway" },
  input: { support: "honoured", by: "engine" },
  encoding_format: { support: "honoured", by: "gateway" },
  // Only as many as the model has; that is known when it has answered.
  dimensions: { support: "honoured", by: "gateway" },
  user: { support: "harmless" },
} as const satisfies ParameterTable;

/** `POST /v1/embeddings`. @throws AppError */
export async function answerEmbeddings(
  dependencies: GatewayDependencies,
  { body, asker, signal, track }: EndpointInput,
  response: ServerResponse,
): Promise<void> {
  const { models, profiles } = dependencies;
  const parsed = EmbeddingsRequest.safeParse(body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  const request = parsed.data;
  track.understood({ requestedModel: request.model ?? null });
  track.understood({ droppedKeys: checkParameters(request, embeddingsParameters) });
  const { profile, revision } = profiles.resolve(request.model);
  track.resolved(profile);
  tellModel(response, profile, request.model ?? null);
  checkEmbeds(profile, models);
  const target = { profile, revision, client: asker.client };
  const { vectors, promptTokens } = await embedTexts(dependencies, { target, texts: textsOf(request), signal, track });
  checkDimensions(request, vectors[0]?.length ?? 0);
  const tokens = promptTokens ?? 0;
  const answer: EmbeddingsAnswer = {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: encoded(vector, request) })),
    model: request.model ? request.model : (profile.slug ?? profile.model),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(answer));
}

function textsOf({ input }: EmbeddingsRequest): readonly string[] {
  if (typeof input === "string") return [input];
  const texts = input.filter((each) => typeof each === "string");
  if (texts.length === input.length) return texts;
  const message = '"input" cannot be honoured as tokens: their numbers are those of another vocabulary. Send texts.';
  throw new AppError("unsupported", message, { details: { param: "input" } });
}

function checkDimensions({ dimensions }: EmbeddingsRequest, length: number): void {
  if (dimensions === null || dimensions === undefined || dimensions === length) return;
  const message = `"dimensions" cannot be honoured: this model's vectors have ${length}. Leave it out.`;
  throw new AppError("unsupported", message, { details: { param: "dimensions" } });
}

function encoded(vector: readonly number[], { encoding_format: format }: EmbeddingsRequest): number[] | string {
  if (format !== "base64") return [...vector];
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((number, index) => bytes.writeFloatLE(number, index * 4));
  return bytes.toString("base64");
}
