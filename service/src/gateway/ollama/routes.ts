import { Router } from "express";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ollamaPaths } from "../../contract/ollama.ts";
import { mount, mountStream } from "../../platform/http/route.ts";
import type { RouteOptions } from "../../platform/http/route.ts";
import type { EndpointInput } from "../answer.ts";
import { answeringsOf } from "../endpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { accessWith } from "../key-access.ts";
import type { GatewayRoutes } from "../routes.ts";
import { answerOllamaChat, answerOllamaGenerate } from "./chat.ts";
import { deleteModel } from "./delete.ts";
import type { OllamaDependencies } from "./dependencies.ts";
import { answerEmbed, answerEmbeddings } from "./embeddings.ts";
import { listOllamaModels, listRunning, showModel } from "./models.ts";
import { pullModel } from "./pull.ts";

/**
 * The version of Ollama's API that is spoken here, not ours: its clients look at it to decide what they may ask, and
 * refuse to talk to old ones.
 */
const apiVersion = "0.13.0";

type Answer = (dependencies: OllamaDependencies, input: EndpointInput, response: ServerResponse) => Promise<void>;

const endpoints: readonly { readonly path: string; readonly answer: Answer }[] = [
  { path: "/api/chat", answer: answerOllamaChat },
  { path: "/api/generate", answer: answerOllamaGenerate },
  { path: "/api/embed", answer: answerEmbed },
  { path: "/api/embeddings", answer: answerEmbeddings },
];

/** Ollama's routes, by their whole paths: they lie among our own below `/api`. */
export function createOllamaRoutes(dependencies: OllamaDependencies, options: RouteOptions): GatewayRoutes {
  const router = Router();
  router.use([...ollamaPaths], (request, _response, next) => {
    takeAsJson(request);
    next();
  });
  mount(router, "getOllamaVersion", () => ({ version: apiVersion }), options);
  mount(router, "listOllamaModels", ({ context }) => listOllamaModels(accessWith(dependencies, context.key)), options);
  mount(router, "listOllamaRunning", ({ context }) => listRunning(accessWith(dependencies, context.key)), options);
  mount(
    router,
    "showOllamaModel",
    ({ body, context }) => showModel(accessWith(dependencies, context.key), body.model ?? body.name ?? null),
    options,
  );
  mountStream(router, "pullOllamaModel", ({ body, context: { signal } }, response) =>
    pullModel(dependencies, { name: body.model ?? body.name ?? null, stream: body.stream !== false, signal }, response),
  );
  mount(router, "deleteOllamaModel", ({ body }) => deleteModel(dependencies, body.model ?? body.name ?? null), options);
  const asking = endpoints.map(({ path, answer }): Endpoint => ({
    ...{ path, protocol: "ollama", prepare: takeAsJson },
    // What the request's key allows, and what Ollama's routes need besides.
    answer: ({ profiles }, input, response) => answer({ ...dependencies, profiles }, input, response),
  }));
  return { router, direct: answeringsOf(asking, dependencies) };
}

/**
 * Ollama reads a body as JSON whatever it is called, and its users' curl calls every one a form. A browser's own
 * requests keep the type they came with: a page must not ask by a form what it may not ask by a script.
 */
function takeAsJson({ headers }: Pick<IncomingMessage, "headers">): void {
  const isOfBrowser = headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
  const type = headers["content-type"] ?? "application/x-www-form-urlencoded";
  if (!isOfBrowser && type === "application/x-www-form-urlencoded") headers["content-type"] = "application/json";
}
