import { Router } from "express";
import type { ErrorRequestHandler, Request } from "express";
import { AppError, isAppError } from "../platform/errors.ts";
import { jsonBody } from "../platform/http/body.ts";
import { contextOf } from "../platform/http/context.ts";
import { askerOf } from "./asker.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { answerChat } from "./openai/chat.ts";
import { getOpenAIModel, listOpenAIModels } from "./openai/models.ts";
import { trackRequest } from "./request-track.ts";
import type { RequestTrack } from "./request-track.ts";

/** The routes of every protocol, relative to `/v1`. */
export function createGateway(dependencies: GatewayDependencies): Router {
  const router = Router();
  router.get("/models", (_request, response) => void response.json(listOpenAIModels(dependencies)));
  // Model ids hold a slash, which clients encode or not.
  router.get("/models/*name", (request, response) => {
    const segments = (request.params as unknown as { name: string[] }).name;
    response.json(getOpenAIModel(dependencies, segments.join("/")));
  });
  mountChat(router, dependencies);
  return router;
}

function mountChat(router: Router, dependencies: GatewayDependencies): void {
  const { clock, requests } = dependencies;
  const tracks = new WeakMap<Request, RequestTrack>();
  const path = "/chat/completions";
  router.post(
    path,
    (request, response, next) => {
      const { id, signal } = contextOf(request);
      const record = requests.record.bind(requests);
      const track = trackRequest({ id, protocol: "openai", path: `/v1${path}`, clock, record });
      tracks.set(request, track);
      // Every way to end passes here, the error handler's answer too: one request, one row.
      response.once("close", () => track.end({ left: signal.aborted }));
      next();
    },
    ...jsonBody(),
    async (request, response) => {
      const { signal } = contextOf(request);
      const track = tracks.get(request);
      const asker = askerOf(request.headers, request.socket.remoteAddress);
      if (track) await answerChat(dependencies, { body: request.body, asker, signal, track }, response);
    },
  );
  const noteFailure: ErrorRequestHandler = (error: unknown, request, _response, next) => {
    tracks.get(request)?.failed(isAppError(error) ? error : foreignError(error));
    next(error);
  };
  router.use(path, noteFailure);
}

/** What Express' body reader throws, and anything unforeseen, as the row names it. */
function foreignError(error: unknown): AppError {
  const status = (error as { status?: unknown } | null)?.status;
  const codes = { 400: "invalid_request", 413: "payload_too_large", 415: "unsupported_media_type" } as const;
  return new AppError(typeof status === "number" && status in codes ? codes[status as 400] : "internal", "Refused.");
}
