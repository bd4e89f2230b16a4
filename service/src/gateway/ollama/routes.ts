import { Router } from "express";
import { mount } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { mountEndpoint } from "../endpoint.ts";
import { accessWith } from "../key-access.ts";
import { answerOllamaChat, answerOllamaGenerate } from "./chat.ts";
import type { OllamaDependencies } from "./dependencies.ts";
import { listOllamaModels, listRunning, showModel } from "./models.ts";

/**
 * The version of Ollama's API that is spoken here, not ours: its clients look at it to decide what they may ask, and
 * refuse to talk to old ones.
 */
const apiVersion = "0.13.0";

/** Ollama's routes, by their whole paths: they lie among our own below `/api`. */
export function createOllamaRoutes(dependencies: OllamaDependencies, options: RouteOptions): Router {
  const router = Router();
  mount(router, "getOllamaVersion", () => ({ version: apiVersion }), options);
  mount(router, "listOllamaModels", ({ context }) => listOllamaModels(accessWith(dependencies, context.key)), options);
  mount(router, "listOllamaRunning", () => listRunning(dependencies), options);
  mount(
    router,
    "showOllamaModel",
    ({ body, context }) => showModel(accessWith(dependencies, context.key), body.model ?? body.name ?? null),
    options,
  );
  const ask = [
    { path: "/chat", answer: answerOllamaChat },
    { path: "/generate", answer: answerOllamaGenerate },
  ];
  const asking = Router();
  for (const { path, answer } of ask) {
    const endpoint = {
      path,
      protocol: "ollama" as const,
      answer: (
        { profiles }: GatewayDependencies,
        input: Parameters<typeof answer>[1],
        response: Parameters<typeof answer>[2],
      ) => answer({ ...dependencies, profiles }, input, response),
    };
    mountEndpoint(asking, "/api", endpoint, dependencies);
  }
  return router.use("/api", asking);
}
