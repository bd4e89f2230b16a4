import type { ServerResponse } from "node:http";
import type { FormatMeans } from "../contract/engine-capabilities.ts";
import type { Asker } from "./asker.ts";
import { collectAnswer } from "./collect-answer.ts";
import type { WholeAnswer } from "./collect-answer.ts";
import { deliverStream } from "./deliver-stream.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { engineProtocol } from "./engines/engine-protocol.ts";
import type { Intake } from "./intake.ts";
import { runFormatted } from "./formats/run-formatted.ts";
import { formatHeader, formatMeans } from "./answer-format.ts";
import type { Part, PartStream } from "./parts.ts";
import { prepareRequest } from "./prepare-request.ts";
import type { RequestTrack } from "./request-track.ts";
import { chooseRoute } from "./routing/choose-route.ts";
import { routeHeaders } from "./routing/route-headers.ts";
import type { ChatRun, PlannedRun } from "./run-chat.ts";
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
  /** The key of the request that holds images; left out: `messages`. */
  readonly imageParam?: string;
  writer(run: PlannedRun): StreamWriter;
  /** The body of a whole answer. */
  whole(answer: WholeAnswer, run: PlannedRun): unknown;
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
  const { clock, images, log } = dependencies;
  const { signal, track } = input;
  const { run, headers, settle } = await prepareRun(dependencies, intake, input, forms);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const means = formatMeans(run.request, run.profile.engine);
  const tellMeans = (told: FormatMeans): void => {
    if (!response.headersSent) response.setHeader(formatHeader, told);
  };
  if (means !== null) tellMeans(means);
  const start = (settled: ChatRun): PartStream =>
    runFormatted(dependencies, settled, { isStreamed: intake.stream, onMeans: tellMeans });
  // A stream is told meanwhile that it is being served.
  const isLate = intake.stream && images.mustFetch(run.request);
  const parts = isLate ? startLate(settle(), start) : start(await settle());
  if (intake.stream) {
    const { see: onParts, failed: onFailure } = track;
    const options = { clock, log, signal, onParts, onFailure };
    return deliverStream(response, parts, forms.writer(run), options);
  }
  // A stream waits for an installation and is told of it; a plain request would only look dead.
  const { engine } = run.profile;
  if (engine !== "remote" && !dependencies.pool.isServing(run.profile.id)) dependencies.engines.environment(engine);
  await collectAnswer(parts, {
    onParts: track.see,
    onWhole(whole) {
      const body = JSON.stringify(forms.whole(whole, run));
      // Not `writeHead`: headers that wait for the body go out with it, and with its length.
      response.setHeader("content-type", "application/json; charset=utf-8");
      response.end(body);
    },
  });
}

async function* startLate(
  coming: Promise<ChatRun>,
  start: (run: ChatRun) => PartStream,
): AsyncGenerator<readonly Part[]> {
  yield* start(await coming);
}

interface PreparedRun {
  readonly run: PlannedRun;
  readonly headers: Readonly<Record<string, string>>;
  /** Fetches its images, and makes the engine's body. */
  settle(): Promise<ChatRun>;
}

async function prepareRun(
  dependencies: GatewayDependencies,
  intake: Intake,
  { asker, signal, track }: Omit<EndpointInput, "body">,
  { idPrefix, imageParam = "messages" }: AnswerForms,
): Promise<PreparedRun> {
  const { clock, ids, images } = dependencies;
  const name = intake.model ? intake.model : null;
  const wish = { name, messages: intake.messages, asker, onTarget: track.resolved };
  const route = await chooseRoute(dependencies, wish, (target) =>
    prepareRequest(dependencies, intake, target, { imageParam, signal }),
  );
  track.understood({ route: route.reason });
  const { profile, revision, limits, request: fitted } = route.prepared;
  const run: PlannedRun = {
    id: ids(idPrefix),
    model: name ?? profile.slug ?? profile.model,
    created: Math.floor(clock.now() / 1000),
    ...{ profile, revision, client: asker.client, keepMs: intake.keepMs, request: fitted, signal },
    onLease(lease) {
      track.leased(lease);
      route.begin(profile.kind === "remote" ? null : (lease.revision ?? null));
    },
  };
  return {
    run,
    headers: routeHeaders(route, name),
    async settle() {
      // Last: nothing is fetched for a request that is refused anyway.
      const request = await images.settle(fitted, imageParam, signal);
      return { ...run, request, body: engineProtocol(profile.engine, request).body({ request, profile, limits }) };
    },
  };
}
