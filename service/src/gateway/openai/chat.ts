import type { ServerResponse } from "node:http";
import { ChatRequest } from "../../contract/openai.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import type { Asker } from "../asker.ts";
import { backgroundTarget } from "../background.ts";
import { checkChats } from "../chats.ts";
import { deliverStream } from "../deliver-stream.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { engineProtocol } from "../engines/engine-protocol.ts";
import { checkImages } from "../images.ts";
import { limitsOf } from "../limits.ts";
import { checkParameters } from "../parameters.ts";
import type { Part, PartStream } from "../parts.ts";
import { normalizeRequest } from "../request.ts";
import type { RequestTrack } from "../request-track.ts";
import { runChat } from "../run-chat.ts";
import type { ChatRun } from "../run-chat.ts";
import { collectChat } from "./whole.ts";
import { createChatWriter } from "./writer.ts";

export interface ChatInput {
  readonly body: unknown;
  readonly asker: Asker;
  readonly signal: AbortSignal;
  readonly track: RequestTrack;
}

/**
 * `POST /v1/chat/completions`. Everything that can be refused is refused before a model is loaded for it.
 * @throws AppError; after the first byte of a stream failures are its error event.
 */
export async function answerChat(
  dependencies: GatewayDependencies,
  input: ChatInput,
  response: ServerResponse,
): Promise<void> {
  const { clock, log } = dependencies;
  const { signal, track } = input;
  const request = parseRequest(input);
  const run = prepareRun(dependencies, request, input);
  if (request.stream === true) {
    const includeUsage = request.stream_options?.include_usage === true;
    const writer = createChatWriter({ id: run.id, model: run.model, created: run.created, includeUsage });
    const { see: onParts, failed: onFailure } = track;
    return deliverStream(response, runChat(dependencies, run), writer, { clock, log, signal, onParts, onFailure });
  }
  // A stream waits for an installation and is told of it; a plain request would only look dead.
  const { engine } = run.profile;
  if (engine !== "remote") dependencies.engines.environment(engine);
  const completion = await collectChat(seen(runChat(dependencies, run), track), run);
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(completion));
}

function parseRequest({ body, track }: ChatInput): ChatRequest {
  const parsed = ChatRequest.safeParse(body ?? {});
  if (!parsed.success) throw invalidRequest(parsed.error, "body");
  // Before the table judges the keys: a refused request has its row too.
  const { stream, model } = parsed.data;
  track.understood({ streamed: stream === true, requestedModel: model ?? null });
  return parsed.data;
}

function prepareRun(
  dependencies: GatewayDependencies,
  request: ChatRequest,
  { asker, signal, track }: ChatInput,
): ChatRun {
  track.understood({ droppedKeys: checkParameters(request) });
  const asked = dependencies.profiles.resolve(request.model);
  const { profile, revision } = asker.isBackground ? backgroundTarget(dependencies, asked) : asked;
  track.resolved(profile);
  checkChats(profile, dependencies.models);
  const limits = limitsOf(profile, dependencies.models);
  const normal = normalizeRequest(request, profile, limits);
  checkImages(normal, profile, dependencies.models);
  return {
    id: dependencies.ids("chatcmpl"),
    model: request.model ? request.model : (profile.slug ?? profile.model),
    created: Math.floor(dependencies.clock.now() / 1000),
    profile,
    revision,
    client: asker.client,
    request: normal,
    body: engineProtocol(profile.engine).body({ request: normal, asked: request, profile, limits }),
    signal,
    onLease: track.leased,
  };
}

async function* seen(parts: PartStream, track: RequestTrack): AsyncGenerator<readonly Part[]> {
  for await (const array of parts) {
    track.see(array);
    yield array;
  }
}
