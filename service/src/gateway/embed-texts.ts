import type { Profile } from "../contract/profiles.ts";
import { AppError, isAppError } from "../platform/errors.ts";
import { undici } from "../platform/undici.ts";
import type { GatewayDependencies, GatewayLease, LoadTarget } from "./dependencies.ts";
import { readAnswerError } from "./engines/mlx-lm/answer-errors.ts";
import { readRemoteError, secretsHider } from "./engines/remote/answer-errors.ts";
import { engineFailed } from "./failures.ts";
import { linkedAbort } from "./linked-abort.ts";
import { loadModel } from "./load-model.ts";
import type { RequestTrack } from "./request-track.ts";

export interface TextsToEmbed {
  readonly target: LoadTarget;
  readonly texts: readonly string[];
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  readonly track: Pick<RequestTrack, "see" | "leased">;
}

export interface Embeddings {
  /** One for each text, in its order, all of one length. */
  readonly vectors: readonly number[][];
  /** As the engine counted them; null where it did not. */
  readonly promptTokens: number | null;
}

type EmbedDependencies = Pick<GatewayDependencies, "clock" | "engines" | "log" | "pool" | "settings" | "stopping">;

/** So many texts at a time: each answer of the engine stays some megabytes. */
const batchSize = 64;

/**
 * Vectors of texts, from a model that was found to make them (`checkEmbeds`).
 * @throws AppError as a client is told; the signal's reason when it left.
 */
export async function embedTexts(dependencies: EmbedDependencies, asked: TextsToEmbed): Promise<Embeddings> {
  const { clock, engines, pool, settings } = dependencies;
  const { target, texts, signal, track } = asked;
  const { engine } = target.profile;
  // Nobody can be told of an installation here: a request that waits for one would only look dead.
  if (engine !== "remote" && !pool.isServing(target.profile.id)) engines.environment(engine);
  const stop = linkedAbort(signal, dependencies.stopping);
  const steps = loadModel(pool, target, stop.signal);
  let lease: GatewayLease | null = null;
  try {
    let step = await steps.next();
    for (; step.done !== true; step = await steps.next()) track.see(step.value);
    lease = step.value;
    track.leased(lease);
    const vectors: number[][] = [];
    let promptTokens: number | null = null;
    for (let at = 0; at < texts.length; at += batchSize) {
      const seconds = settings.values().stallDeadlineSeconds;
      const cancel = clock.after(seconds * 1000, () => stop.abort(stalled(seconds)));
      try {
        const batch = await askForVectors(
          dependencies,
          lease,
          target.profile,
          texts.slice(at, at + batchSize),
          stop.signal,
        );
        vectors.push(...batch.vectors);
        promptTokens = batch.promptTokens === null ? promptTokens : (promptTokens ?? 0) + batch.promptTokens;
        lease.noteLife();
      } finally {
        cancel();
      }
    }
    if (vectors.some(({ length }) => length !== vectors[0]?.length))
      throw engineFailed("The engine's vectors differ in length. Try again.");
    track.see([{ type: "usage", input: promptTokens, output: 0, cached: null, reasoning: null }]);
    return { vectors, promptTokens };
  } finally {
    stop.unlink();
    lease?.release();
  }
}

async function askForVectors(
  { log }: EmbedDependencies,
  { url, engine, headers, dispatcher, serverId }: GatewayLease,
  { remote }: Profile,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Embeddings> {
  try {
    const response = await undici.request(`${url}${engine === "remote" ? "" : "/v1"}/embeddings`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ model: remote?.model ?? "default_model", input: texts, encoding_format: "float" }),
      ...{ dispatcher, signal },
    });
    if (response.statusCode !== 200) {
      if (engine === "remote") throw await readRemoteError(response, secretsHider(headers));
      throw await readAnswerError(response.statusCode, response.body);
    }
    return readVectors(await response.body.json(), texts.length);
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error)) throw error;
    log.warn({ error, serverId }, "an engine could not be asked for vectors");
    throw engineFailed("The connection to the engine broke. Try again.", error);
  }
}

function stalled(seconds: number): AppError {
  return new AppError("engine_timeout", `The engine gave no vectors for ${seconds} seconds. Try again.`, {
    details: { source: "engine" },
  });
}

interface WireAnswer {
  readonly data?: readonly ({ readonly index?: unknown; readonly embedding?: unknown } | null)[];
  readonly usage?: { readonly prompt_tokens?: unknown } | null;
}

/** @throws AppError `engine_failed` for anything but one vector for each text. */
function readVectors(answer: unknown, count: number): Embeddings {
  const { data, usage } = (answer ?? {}) as WireAnswer;
  const vectors: number[][] = [];
  for (const [place, entry] of (Array.isArray(data) ? data : []).entries()) {
    const { index = place, embedding } = (entry ?? {}) as { index?: unknown; embedding?: unknown };
    if (typeof index === "number" && index < count && isVector(embedding)) vectors[index] = embedding;
  }
  if (vectors.length !== count || Object.keys(vectors).length !== count)
    throw engineFailed("The engine did not answer one vector for each text. Try again.");
  const tokens = usage?.prompt_tokens;
  return { vectors, promptTokens: typeof tokens === "number" ? tokens : null };
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((number) => Number.isFinite(number));
}
