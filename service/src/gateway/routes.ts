import { Router } from "express";
import type { GatewayDependencies } from "./dependencies.ts";
import { mountEndpoint } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { answerChat } from "./openai/chat.ts";
import { getOpenAIModel, listOpenAIModels } from "./openai/models.ts";
import { answerResponse } from "./openai/responses.ts";

const endpoints: readonly Endpoint[] = [
  { path: "/chat/completions", protocol: "openai", answer: answerChat },
  { path: "/responses", protocol: "openai", answer: answerResponse },
];

/** The routes of the protocols below `/v1`, relative to it. */
export function createGateway(dependencies: GatewayDependencies): Router {
  const router = Router();
  router.get("/models", (_request, response) => void response.json(listOpenAIModels(dependencies)));
  // Model ids hold a slash, which clients encode or not.
  router.get("/models/*name", (request, response) => {
    const segments = (request.params as unknown as { name: string[] }).name;
    response.json(getOpenAIModel(dependencies, segments.join("/")));
  });
  for (const endpoint of endpoints) mountEndpoint(router, "/v1", endpoint, dependencies);
  return router;
}
