import type { EngineId } from "../../contract/engines.ts";
import type { Profile } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import type { PartStream } from "../parts.ts";
import type { ModelLimits, NormalRequest } from "../request.ts";
import { createDeltaTranslator } from "./delta-parts.ts";
import { readAnswerError } from "./mlx-lm/answer-errors.ts";
import { readMlxLm, readMlxLmText } from "./mlx-lm/reader.ts";
import { mlxLmRequest } from "./mlx-lm/request.ts";
import { mlxOpenAiRequest } from "./mlx-openai-server/request.ts";
import { mlxVlmRequest } from "./mlx-vlm/request.ts";
import { readRemoteError, secretsHider } from "./remote/answer-errors.ts";
import type { RemoteAnswer } from "./remote/answer-errors.ts";
import { readRemote } from "./remote/reader.ts";
import { remoteRequest } from "./remote/request.ts";
import { readEvents } from "./sse-parts.ts";
import { createTextTranslator, textRequest } from "./text-parts.ts";

export interface BodyInput {
  readonly request: NormalRequest;
  readonly profile: Profile;
  readonly limits: ModelLimits;
}

export interface ReadOptions {
  readonly newCallId: () => string;
  readonly onFailure: (error: unknown) => void;
  /** What the request was sent with: never repeated to a client. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How an engine is spoken to: where, with which body, and how its answers are read. */
export interface EngineProtocol {
  /** Added to the address of the lease. */
  readonly path: string;
  /** @throws AppError `unsupported` for what the engine cannot. */
  body(input: BodyInput): Record<string, unknown>;
  read(body: AsyncIterable<Uint8Array>, options: ReadOptions): PartStream;
  readError(answer: RemoteAnswer, headers: Readonly<Record<string, string>>): Promise<AppError>;
}

const local = {
  path: "/v1/chat/completions",
  readError: ({ statusCode, body }) => readAnswerError(statusCode, body),
} satisfies Partial<EngineProtocol>;

/** What speaks OpenAI's own form of chunks. */
const deltas = {
  ...local,
  read: (body, { newCallId, onFailure }) => readEvents(body, createDeltaTranslator({ newCallId }), onFailure),
} satisfies Partial<EngineProtocol>;

const protocols: Readonly<Record<EngineId, EngineProtocol>> = {
  "mlx-lm": { ...local, body: ({ request, limits }) => mlxLmRequest(request, limits), read: readMlxLm },
  "mlx-vlm": { ...deltas, body: ({ request, limits }) => mlxVlmRequest(request, limits) },
  "mlx-openai-server": { ...deltas, body: ({ request, limits }) => mlxOpenAiRequest(request, limits) },
  remote: {
    path: "/chat/completions",
    body({ request, profile }) {
      if (profile.remote === null) throw new AppError("internal", "The profile has no remote address.");
      return remoteRequest(request, profile.remote);
    },
    read: (body, { headers, ...options }) => readRemote(body, { ...options, withoutSecrets: secretsHider(headers) }),
    readError: (answer, headers) => readRemoteError(answer, secretsHider(headers)),
  },
};

/** For texts to write on from; engines that are not here know conversations alone. */
const textProtocols: Readonly<Partial<Record<EngineId, EngineProtocol>>> = {
  "mlx-lm": {
    ...{ ...local, path: "/v1/completions" },
    body: ({ request, limits }) => textRequest(request, { ...limits, model: "default_model" }),
    read: readMlxLmText,
  },
  remote: {
    ...{ ...protocols.remote, path: "/completions" },
    body({ request, profile }) {
      if (profile.remote === null) throw new AppError("internal", "The profile has no remote address.");
      const body = textRequest(request, { model: profile.remote.model, vocabularySize: null });
      return request.isMaxTokensSaid ? body : { ...body, max_tokens: undefined };
    },
    read: (body, { headers, ...options }) =>
      readRemote(body, { ...options, withoutSecrets: secretsHider(headers) }, createTextTranslator()),
  },
};

/** @throws AppError `unsupported` for a text to write on from where the engine has no way to. */
export function engineProtocol(engine: EngineId, { prompt }: Pick<NormalRequest, "prompt"> = {}): EngineProtocol {
  if (prompt === undefined) return protocols[engine];
  const protocol = textProtocols[engine];
  if (protocol !== undefined) return protocol;
  const message = '"prompt" cannot be honoured: this model takes conversations alone. Use chat completions.';
  throw new AppError("unsupported", message, { details: { param: "prompt" } });
}
