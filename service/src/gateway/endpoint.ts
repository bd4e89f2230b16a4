import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError, isAppError } from "../platform/errors.ts";
import { readJson } from "../platform/http/body.ts";
import { contextOf } from "../platform/http/context.ts";
import type { Answering } from "../platform/http/front-door.ts";
import type { EndpointInput } from "./answer.ts";
import { askerOf, programOf } from "./asker.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { requestAccess } from "./key-access.ts";
import { readMarks } from "./marks.ts";
import { trackRequest } from "./request-track.ts";

/** A route that costs a model's work: each request leaves one row, however it ends. */
export interface Endpoint {
  /** Whole, as clients write it: `/v1/chat/completions`. */
  readonly path: string;
  readonly protocol: "openai" | "anthropic" | "ollama";
  /** Asks no engine: agents send such requests by the dozen, and they do not count towards the rate of a key. */
  readonly isFree?: true;
  /** What the protocol does to every request before it is read. */
  readonly prepare?: (request: IncomingMessage, response: ServerResponse) => void;
  answer(dependencies: GatewayDependencies, input: EndpointInput, response: ServerResponse): Promise<void>;
}

/** Endpoints by their paths, each ready to be asked. */
export function answeringsOf(
  endpoints: readonly Endpoint[],
  dependencies: GatewayDependencies,
): ReadonlyMap<string, Answering> {
  return new Map(endpoints.map((endpoint) => [endpoint.path, answeringOf(endpoint, dependencies)]));
}

function answeringOf(
  { path, protocol, isFree, prepare, answer }: Endpoint,
  dependencies: GatewayDependencies,
): Answering {
  const { clock, requests } = dependencies;
  const record = requests.record.bind(requests);
  return async (request, response) => {
    const { headers, socket } = request;
    const { id, signal, key } = contextOf(request);
    const keepsTexts = requests.keepsTexts?.();
    const client = programOf(headers["user-agent"]);
    const track = trackRequest({ id, protocol, path, client, keyId: key?.id, clock, record, keepsTexts });
    let body: unknown;
    // Every way to end passes here, an error's answer too: one request, one row.
    response.once("close", () => track.end({ left: signal.aborted, body }));
    try {
      prepare?.(request, response);
      if (isFree !== true) key?.admit();
      body = await readJson(request, response);
      const marks = readMarks(headers, body);
      track.understood(marks);
      const asker = { ...askerOf(headers, socket.remoteAddress, key?.id ?? null), session: marks.session };
      await answer(requestAccess(dependencies, key), { body, asker, signal, track }, response);
    } catch (error) {
      track.failed(isAppError(error) ? error : new AppError("internal", "Refused."));
      throw error;
    }
  };
}
