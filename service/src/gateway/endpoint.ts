import type { ServerResponse } from "node:http";
import type { ErrorRequestHandler, Request, Router } from "express";
import { AppError, isAppError } from "../platform/errors.ts";
import { jsonBody } from "../platform/http/body.ts";
import { contextOf } from "../platform/http/context.ts";
import type { EndpointInput } from "./answer.ts";
import { askerOf, programOf } from "./asker.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { requestAccess } from "./key-access.ts";
import { readMarks } from "./marks.ts";
import { trackRequest } from "./request-track.ts";
import type { RequestTrack } from "./request-track.ts";

/** A route that costs a model's work: each request leaves one row, however it ends. */
export interface Endpoint {
  /** Relative to where the router is mounted. */
  readonly path: string;
  readonly protocol: "openai" | "anthropic" | "ollama";
  /** Asks no engine: agents send such requests by the dozen, and they do not count towards the rate of a key. */
  readonly isFree?: true;
  answer(dependencies: GatewayDependencies, input: EndpointInput, response: ServerResponse): Promise<void>;
}

/** @param mountPath where the router will be, for the request's row: `/v1`. */
export function mountEndpoint(
  router: Router,
  mountPath: string,
  { path, protocol, isFree, answer }: Endpoint,
  dependencies: GatewayDependencies,
): void {
  const { clock, requests } = dependencies;
  const tracks = new WeakMap<Request, RequestTrack>();
  router.post(
    path,
    (request, response, next) => {
      const { id, signal, key } = contextOf(request);
      const record = requests.record.bind(requests);
      const keepsTexts = requests.keepsTexts?.();
      const client = programOf(request.headers["user-agent"]);
      const track = trackRequest({
        id,
        protocol,
        path: `${mountPath}${path}`,
        client,
        keyId: key?.id,
        clock,
        record,
        keepsTexts,
      });
      tracks.set(request, track);
      // Every way to end passes here, the error handler's answer too: one request, one row.
      response.once("close", () => track.end({ left: signal.aborted, body: request.body as unknown }));
      if (isFree !== true) key?.admit();
      next();
    },
    ...jsonBody(),
    async (request, response) => {
      const { signal, key } = contextOf(request);
      const track = tracks.get(request);
      const marks = readMarks(request.headers, request.body);
      track?.understood(marks);
      const asker = { ...askerOf(request.headers, request.socket.remoteAddress), session: marks.session };
      if (track) await answer(requestAccess(dependencies, key), { body: request.body, asker, signal, track }, response);
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
