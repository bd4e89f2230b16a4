import type { ServerResponse } from "node:http";
import type { Asker } from "./asker.ts";
import { backgroundTarget } from "./background.ts";
import { checkChats } from "./chats.ts";
import { collectAnswer } from "./collect-answer.ts";
import type { WholeAnswer } from "./collect-answer.ts";
import { deliverStream } from "./deliver-stream.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { engineProtocol } from "./engines/engine-protocol.ts";
import { checkImages } from "./images.ts";
import { fitContext } from "./fit-context.ts";
import type { Intake } from "./intake.ts";
import { formatHeader, formatMeans } from "./answer-format.ts";
import { limitsOf } from "./limits.ts";
import type { Part, PartStream } from "./parts.ts";
import { normalizeRequest } from "./request.ts";
import type { RequestTrack } from "./request-track.ts";
import { runChat } from "./run-chat.ts";
import type { ChatRun } from "./run-chat.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** What every route of a protocol is handed. */
export interface EndpointInput {
  readonly body: unknown;
  readonly asker: Asker;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly track: RequestTrack;
}

/** How one protocol says an answer. */
export interface AnswerForms {
  /** Of the answer's id: `chatcmpl`, `msg`, `resp`. */
  readonly idPrefix: string;
  writer(run: ChatRun): StreamWriter;
  /** The body of a whole answer. */
  whole(answer: WholeAnswer, run: ChatRun): unknown;
}

/**
 * Answers one request of any protocol. Everything that can be refused is refused before a model is loaded for it.
 * @throws AppError; after the first byte of a stream failures are the protocol's error event.
 */
export async function answer(
  dependencies: GatewayDependencies,
  input: Omit<EndpointInput, "body">,
  intake: Intake,
  forms: AnswerForms,
  response: ServerResponse,
): Promise<void> {
  const { clock, log } = dependencies;
  const { signal, track } = input;
  const run = await prepareRun(dependencies, intake, input, forms.idPrefix);
  const means = formatMeans(run.request, run.profile.engine);
  if (means !== null) response.setHeader(formatHeader, means);
  if (intake.stream) {
    const { see: onParts, failed: onFailure } = track;
    const options = { clock, log, signal, onParts, onFailure };
    return deliverStream(response, runChat(dependencies, run), forms.writer(run), options);
  }
  // A stream waits for an installation and is told of it; a plain request would only look dead.
  const { engine } = run.profile;
  if (engine !== "remote") dependencies.engines.environment(engine);
  const body = forms.whole(await collectAnswer(seen(runChat(dependencies, run), track)), run);
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}

async function prepareRun(
  dependencies: GatewayDependencies,
  intake: Intake,
  { asker, signal, track }: Omit<EndpointInput, "body">,
  idPrefix: string,
): Promise<ChatRun> {
  const { clock, ids, models, profiles } = dependencies;
  const asked = profiles.resolve(intake.model);
  const { profile, revision } = asker.isBackground ? backgroundTarget(dependencies, asked) : asked;
  track.resolved(profile);
  checkChats(profile, models);
  const limits = limitsOf(profile, models);
  const asIs = normalizeRequest(intake, profile, limits);
  checkImages(asIs, profile, models);
  const request = await fitContext(dependencies, { profile, revision, limits, request: asIs }, signal);
  return {
    id: ids(idPrefix),
    model: intake.model ? intake.model : (profile.slug ?? profile.model),
    created: Math.floor(clock.now() / 1000),
    ...{ profile, revision, client: asker.client, request, signal, onLease: track.leased },
    body: engineProtocol(profile.engine, request).body({ request, profile, limits }),
  };
}

async function* seen(parts: PartStream, track: RequestTrack): AsyncGenerator<readonly Part[]> {
  for await (const array of parts) {
    track.see(array);
    yield array;
  }
}
