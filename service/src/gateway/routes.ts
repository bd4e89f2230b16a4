import { Router } from "express";
import { contextOf } from "../platform/http/context.ts";
import { countMessageTokens } from "./anthropic/count-tokens.ts";
import { answerMessages } from "./anthropic/messages.ts";
import { anthropicModel, anthropicModelPage, isAnthropicClient } from "./anthropic/models.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { mountEndpoint } from "./endpoint.ts";
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
  { path: "/chat/completions", protocol: "openai", answer: answerChat },
  { path: "/completions", protocol: "openai", answer: answerCompletion },
  { path: "/responses", protocol: "openai", answer: answerResponse },
  { path: "/embeddings", protocol: "openai", answer: answerEmbeddings },
  { path: "/messages", protocol: "anthropic", answer: answerMessages },
  { path: "/messages/count_tokens", protocol: "anthropic", answer: countMessageTokens, isFree: true },
  { path: "/responses/input_tokens", protocol: "openai", answer: countResponseInput, isFree: true },
];

/** The routes of the protocols below `/v1`, relative to it. */
export function createGateway(dependencies: GatewayDependencies): Router {
  const router = Router();
  router.use(["/messages", "/models"], (request, response, next) => {
    // Anthropic's clients read the id of a request here.
    if (isAnthropicClient(request.headers)) response.setHeader("request-id", contextOf(request).id);
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
  for (const endpoint of endpoints) mountEndpoint(router, "/v1", endpoint, dependencies);
  return router;
}
