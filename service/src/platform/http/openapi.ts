import { createDocument } from "zod-openapi";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import * as z from "zod";
import { AnthropicError, MessageEvent } from "../../contract/anthropic.ts";
import { ErrorBody } from "../../contract/error.ts";
import { EventMessage, Snapshot } from "../../contract/events.ts";
import { OllamaError, isOllamaPath } from "../../contract/ollama.ts";
import { OpenAIError, ChatChunk } from "../../contract/openai.ts";
import { routes } from "../../contract/routes.ts";
import type { Route } from "../../contract/routes.ts";
import { LogLine } from "../../contract/servers.ts";

/** The OpenAPI 3.1 document of the route table, as a plain object in a stable order. */
export function createOpenApiDocument(version: string): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = (paths[route.path] ??= {});
    path[route.method.toLowerCase() as "get"] = operation(name, route);
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "MLX Manager",
      version,
      description: "Local MLX models: find, download, run and serve.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "http://127.0.0.1:10242" }],
    security: [{}, { bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "Needed once a key exists." } },
      schemas: { EventMessage, Snapshot, LogLine, ChatChunk, MessageEvent },
    },
  });
}

function operation(name: string, route: Route) {
  const errorBody = errorBodyOf(route.path);
  const parameters = {
    ...(route.params ? { path: route.params as z.ZodObject } : {}),
    ...(route.query ? { query: route.query as z.ZodObject } : {}),
  };
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.slice],
    ...(route.auth === "free" ? { security: [{}] } : {}),
    ...(Object.keys(parameters).length > 0 ? { requestParams: parameters } : {}),
    ...(route.body ? { requestBody: { required: true, content: bodyContent(route, route.body) } } : {}),
    responses: {
      [String(route.status ?? 200)]: { description: "Done", ...content(route) },
      ...(route.path === "/api/downloads" && route.method === "POST"
        ? { "200": { description: "Already active", ...content(route) } }
        : {}),
      default: {
        description: "Failed",
        content: { "application/json": { schema: errorBody } },
      },
    },
  };
}

/** Each protocol has its own form of an error. */
function errorBodyOf(path: string) {
  if (path.startsWith("/v1/messages")) return AnthropicError;
  return path.startsWith("/v1") ? OpenAIError : isOllamaPath(path) ? OllamaError : ErrorBody;
}

function bodyContent(route: Route, schema: z.ZodType) {
  const json = { "application/json": { schema } };
  return route.form === true ? { ...json, "application/x-www-form-urlencoded": { schema } } : json;
}

function content(route: Route) {
  if (route.stream === "sse") return { content: { "text/event-stream": { schema: z.string() } } };
  if (route.stream === "file") return { content: { "application/octet-stream": { schema: z.string() } } };
  if (route.stream === "log") {
    return { content: { "text/plain": { schema: z.string() }, "text/event-stream": { schema: z.string() } } };
  }
  if (route.stream === "text") return { content: { "text/plain": { schema: z.string() } } };
  return route.reply ? { content: { "application/json": { schema: route.reply } } } : {};
}
