import type { IncomingMessage, ServerResponse } from "node:http";
import { Router } from "express";
import { contextOf } from "../platform/http/context.ts";
import type { Answering } from "../platform/http/front-door.ts";
import { countMessageTokens } from "./anthropic/count-tokens.ts";
import { answerMessages } from "./anthropic/messages.ts";
import { anthropicModel, anthropicModelPage, isAnthropicClient } from "./anthropic/models.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { answeringsOf } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { accessWith, requestAccess } from "./key-access.ts";
import { answerChat } from "./openai/chat.ts";
import { answerCompletion } from "./openai/completions.ts";
import { answerEmbeddings } from "./openai/embeddings.ts";
import { countResponseInput } from "./openai/count-input.ts";
import { getOpenAIModel, listModels, openAIModelPage } from "./openai/models.ts";
import { answerResponse } from "./openai/responses.ts";
import { cancelResponse, deleteResponse, getResponse, listResponseItems } from "./openai/stored-responses.ts";

const endpoints: readonly Endpoint[] = [
  { path: "/v1/chat/completions", protocol: "openai", answer: answerChat },
  { path: "/v1/completions", protocol: "openai", answer: answerCompletion },
  { path: "/v1/responses", protocol: "openai", answer: answerResponse },
  { path: "/v1/embeddings", protocol: "openai", answer: answerEmbeddings },
  { path: "/v1/messages", protocol: "anthropic", prepare: nameRequest, answer: answerMessages },
  {
    ...{ path: "/v1/messages/count_tokens", protocol: "anthropic", prepare: nameRequest },
    ...{ answer: countMessageTokens, isFree: true },
  },
  { path: "/v1/responses/input_tokens", protocol: "openai", answer: countResponseInput, isFree: true },
];

/** One protocol's part of the HTTP interface. */
export interface GatewayRoutes {
  readonly router: Router;
  /** The routes that cost a model's work, all `POST`, by whole paths. They are not in the router. */
  readonly direct: ReadonlyMap<string, Answering>;
}

/** The routes of the protocols below `/v1`; the router's are relative to it. */
export function createGateway(dependencies: GatewayDependencies): GatewayRoutes {
  const router = Router();
  router.use("/models", (request, response, next) => {
    nameRequest(request, response);
    next();
  });
  router.get("/models", (request, response) => {
    const all = listModels(accessWith(dependencies, contextOf(request).key));
    const page = isAnthropicClient(request.headers) ? anthropicModelPage : openAIModelPage;
    response.json(page(all, request.query));
  });
  // Model ids hold a slash, which clients encode or not.
  router.get("/models/*name", (request, response) => {
    const segments = (request.params as unknown as { name: string[] }).name;
    const name = segments.join("/");
    const model = getOpenAIModel(accessWith(dependencies, contextOf(request).key), name);
    response.json(isAnthropicClient(request.headers) ? anthropicModel(name, model) : model);
  });
  router.get("/responses/:id", (request, response) => {
    const { params, query } = request;
    const found = getResponse(requestAccess(dependencies, contextOf(request).key), params.id, query);
    if ("events" in found) response.type("text/event-stream").send(found.events);
    else response.json(found);
  });
  router.post("/responses/:id/cancel", (request) => {
    cancelResponse(requestAccess(dependencies, contextOf(request).key), request.params.id);
  });
  router.delete("/responses/:id", (request, response) => {
    response.json(deleteResponse(requestAccess(dependencies, contextOf(request).key), request.params.id));
  });
  router.get("/responses/:id/input_items", (request, response) => {
    const { params, query } = request;
    response.json(listResponseItems(requestAccess(dependencies, contextOf(request).key), params.id, query));
  });
  return { router, direct: answeringsOf(endpoints, dependencies) };
}

/** Anthropic's clients read the id of a request here. */
function nameRequest(request: IncomingMessage, response: ServerResponse): void {
  if (isAnthropicClient(request.headers)) response.setHeader("request-id", contextOf(request).id);
}
