import type { fetch as undiciFetch } from "undici";
import { isAppError } from "../../platform/errors.ts";
import { wait } from "../../platform/clock.ts";
import type { AppError } from "../../platform/errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Dispatchers } from "./dispatchers.ts";
import { connectionFailure, offline, timedOut } from "./connection-failures.ts";
import { answerFailure, notAHub } from "./failures.ts";
import { isOnEndpoint, nextLink, redirectTarget } from "./links.ts";
import { retryDelay } from "./retry-policy.ts";
import type { Answer } from "./retry-policy.ts";
import type { TokenRefusals } from "./token-refusals.ts";

export interface HubFetchDependencies {
  readonly endpoint: string;
  readonly token: () => string | null;
  readonly refusals: TokenRefusals;
  readonly offline: boolean;
  readonly userAgent: string;
  readonly dispatchers: Dispatchers;
  readonly deadlineMs: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly fetch: typeof undiciFetch;
}

export interface HubRequest {
  /** The repository's name on the Hub, for error texts; null for lists. */
  readonly repository: string | null;
  readonly signal: AbortSignal;
  /** `file` takes any content; the others must be JSON of that form, or the endpoint is no Hub. */
  readonly expect: "array" | "object" | "file";
  /** In place of the token in use. */
  readonly token?: string;
  /** Asked without the token when the Hub refuses it: a stale one must not hide what everybody may see. */
  readonly isPublic?: boolean;
}

/** The whole answer in memory: a deadline then covers its body too, and a cut body can be asked for again. */
export interface HubAnswer extends Answer {
  readonly text: string;
  /** Where `rel="next"` points, on our endpoint. */
  readonly next: string | null;
}

export type HubFetch = (address: string, request: HubRequest) => Promise<HubAnswer>;

const redirectLimit = 5;
const answerLimitBytes = 64 * 1024 * 1024;

/**
 * GET as every metadata call does it: offline gate, token for our endpoint alone, deadline per attempt, retries with
 * jitter, and failures as codes.
 * @throws AppError for anything but the caller's own abort.
 */
export function createHubFetch(dependencies: HubFetchDependencies): HubFetch {
  const { refusals } = dependencies;
  return async (address, request) => {
    if (dependencies.offline) throw offline();
    const token = request.token ?? dependencies.token();
    if (token === null) return ask(dependencies, address, null, request);
    if (request.isPublic && refusals.has(token)) return ask(dependencies, address, null, request);
    try {
      const answer = await ask(dependencies, address, token, request);
      refusals.remove(token);
      return answer;
    } catch (error) {
      if (!isAppError(error) || error.code !== "token_invalid") throw error;
      refusals.add(token);
      if (request.isPublic) return askWithout(dependencies, address, request, error);
      throw error;
    }
  };
}

/** Where strangers are refused too, the token is what has to be mended. */
async function askWithout(
  dependencies: HubFetchDependencies,
  address: string,
  request: HubRequest,
  refusal: AppError,
): Promise<HubAnswer> {
  try {
    return await ask(dependencies, address, null, request);
  } catch (error) {
    throw isAppError(error) && error.details?.["status"] === 401 ? refusal : error;
  }
}

async function ask(
  dependencies: HubFetchDependencies,
  address: string,
  token: string | null,
  request: HubRequest,
): Promise<HubAnswer> {
  const { endpoint, clock, log, random } = dependencies;
  for (let attempt = 1; ; attempt += 1) {
    const { answer, failure, isFinal } = await tryOnce(dependencies, address, token, request);
    if (answer !== null && answer.status < 300) return checkForm(answer, request.expect, endpoint);
    const delay = isFinal ? null : retryDelay(answer, attempt, random());
    if (delay === null) {
      if (failure !== null) throw failure;
      if (answer === null) throw notAHub(endpoint);
      const { repository } = request;
      throw answerFailure(answer, { endpoint, repository, hadToken: token !== null, now: clock.now() });
    }
    log.debug({ attempt, delay: Math.round(delay), status: answer?.status }, "asking the Hub again");
    await wait(clock, delay, request.signal);
  }
}

interface Outcome {
  readonly answer: HubAnswer | null;
  readonly failure: AppError | null;
  /** Another attempt would end the same way. */
  readonly isFinal: boolean;
}

async function tryOnce(
  dependencies: HubFetchDependencies,
  address: string,
  token: string | null,
  { signal }: HubRequest,
): Promise<Outcome> {
  const { clock, endpoint, deadlineMs, dispatchers } = dependencies;
  const deadline = new AbortController();
  const cancel = clock.after(deadlineMs(), () => deadline.abort());
  try {
    const answer = await follow(dependencies, address, token, AbortSignal.any([signal, deadline.signal]));
    return { answer, failure: null, isFinal: false };
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error)) return { answer: null, failure: error, isFinal: true };
    // A silent Hub is not asked again: the person has waited the whole deadline already.
    if (deadline.signal.aborted) return { answer: null, failure: timedOut(endpoint, error), isFinal: true };
    const failure = connectionFailure(error, endpoint, dispatchers.isProxied(address));
    return { answer: null, failure, isFinal: failure.code !== "hub_unreachable" };
  } finally {
    cancel();
  }
}

/** Follows redirects by hand, for each hop decides anew whether it may see the token. */
async function follow(
  dependencies: HubFetchDependencies,
  address: string,
  token: string | null,
  signal: AbortSignal,
): Promise<HubAnswer> {
  const { endpoint, dispatchers, userAgent } = dependencies;
  let url = address;
  for (let hop = 0; hop <= redirectLimit; hop += 1) {
    const headers: Record<string, string> = { accept: "application/json, */*", "user-agent": userAgent };
    if (token !== null && isOnEndpoint(url, endpoint)) headers["authorization"] = `Bearer ${token}`;
    const response = await dependencies.fetch(url, {
      headers,
      redirect: "manual",
      signal,
      dispatcher: dispatchers.forUrl(url),
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) {
      const text = await readAll(response.body, endpoint);
      const header = (name: string) => response.headers.get(name);
      return { status: response.status, header, text, next: nextLink(header("link"), endpoint) };
    }
    await response.body?.cancel();
    const target = redirectTarget(location, url, endpoint);
    if (target === null) throw notAHub(endpoint);
    url = target;
  }
  throw notAHub(endpoint);
}

async function readAll(body: AsyncIterable<unknown> | null, endpoint: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += (chunk as Uint8Array).byteLength;
    if (size > answerLimitBytes) throw notAHub(endpoint);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Captive portals answer 200 with a page: nothing but JSON of the right form is taken for the Hub. */
function checkForm(answer: HubAnswer, expect: HubRequest["expect"], endpoint: string): HubAnswer {
  if (expect === "file") return answer;
  let value: unknown;
  try {
    value = JSON.parse(answer.text);
  } catch (error) {
    throw notAHub(endpoint, error);
  }
  const isRight =
    expect === "array" ? Array.isArray(value) : typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isRight) throw notAHub(endpoint);
  return answer;
}
